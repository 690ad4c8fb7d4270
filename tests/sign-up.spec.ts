// Sign-up is one thing: all of it happens, once, or nothing does.
import { expect, test } from "vitest";
import { dump } from "./samples.ts";
import { db, send, sessionCookie, world } from "./world.ts";

world();

const body = (email: string) => ({ name: "Ada", email, password: "correct horse battery" });
const count = async (sql: string) => (await (await db()).prepare(sql).first<{ n: number }>())!.n;

test("twenty at once with one address make one user", async () => {
  const all = Array.from({ length: 20 }, () =>
    send("POST", "/api/auth/sign-up/email", { body: body("twenty@example.com"), timeoutMs: 60_000 }),
  );
  const answers = await Promise.all(all);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  for (const answer of answers.filter(({ status }) => status !== 200)) {
    expect(answer).toMatchObject({ status: 422, body: { code: "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL" } });
  }
  for (const table of ["user", "account", "session", "organization", "member"]) {
    expect(await count(`select count(*) as n from "${table}"`), table).toBe(1);
  }
}, 90_000);

test("one that fails midway leaves nothing", async () => {
  const database = await db();
  // The last write of the batch fails: nothing of what came before it may stay.
  await database.prepare("create trigger no_session before insert on session begin select raise(abort, 'no'); end").run();
  const before = await dump();
  const failed = await send("POST", "/api/auth/sign-up/email", { body: body("midway@example.com") });
  expect(failed).toMatchObject({ status: 500, body: { code: "INTERNAL_SERVER_ERROR" } });
  expect(await dump()).toBe(before);
  await database.prepare("drop trigger no_session").run();
  expect((await send("POST", "/api/auth/sign-up/email", { body: body("midway@example.com") })).status).toBe(200);
});

test("and the other requests under /api/auth keep to their round trips", async () => {
  const email = "budget@example.com";
  const signedUp = await send("POST", "/api/auth/sign-up/email", { body: body(email) });
  expect(signedUp.d1Calls).toBeLessThanOrEqual(2);
  expect((await send("POST", "/api/auth/sign-in/email", { body: body(email) })).d1Calls).toBeLessThanOrEqual(2);
  const cookies = sessionCookie(signedUp);
  const calls = async (method: string, path: string, sent?: unknown) => {
    const answer = await send(method, `/api/auth${path}`, { cookies, ...(sent !== undefined && { body: sent }) });
    expect(answer.status, `${path}: ${JSON.stringify(answer.body)}`).toBe(200);
    return answer.d1Calls;
  };
  expect(await calls("GET", "/get-session")).toBe(1);
  expect(await calls("POST", "/organization/create", { name: "Two", slug: "two" })).toBeLessThanOrEqual(2);
  expect(await calls("GET", "/organization/get-full-organization")).toBeLessThanOrEqual(2);
  expect(await calls("GET", "/organization/list")).toBeLessThanOrEqual(2);
  expect(await calls("POST", "/organization/set-active", { organizationSlug: "two" })).toBeLessThanOrEqual(2);
  expect(await calls("POST", "/organization/update", { data: { name: "Deux" } })).toBeLessThanOrEqual(2);
  expect(await calls("GET", "/organization/get-active-member")).toBeLessThanOrEqual(2);
  expect(await calls("POST", "/update-user", { name: "A." })).toBeLessThanOrEqual(2);
  expect(await calls("GET", "/list-sessions")).toBeLessThanOrEqual(2);
  expect(await calls("POST", "/revoke-other-sessions", {})).toBeLessThanOrEqual(2);
  expect(await calls("POST", "/sign-out", {})).toBeLessThanOrEqual(2);
});
