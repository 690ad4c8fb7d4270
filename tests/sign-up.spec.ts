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

const WRITES = ["user", "account", "session", "organization", "member", "team", "teamMember"].map((table) => `insert on "${table}"`);

test.each([...WRITES, "update on session"])("one that fails at its %s leaves nothing", async (write) => {
  const email = `${write.replaceAll(/\W+/g, "-")}@example.com`;
  const database = await db();
  await database.prepare(`create trigger fault before ${write} begin select raise(abort, 'no'); end`).run();
  try {
    const before = await dump();
    const failed = await send("POST", "/api/auth/sign-up/email", { body: body(email) });
    expect(failed).toMatchObject({ status: 500, body: { code: "INTERNAL_SERVER_ERROR" } });
    expect(await dump()).toBe(before);
  } finally {
    await database.prepare("drop trigger fault").run();
  }
  expect((await send("POST", "/api/auth/sign-up/email", { body: body(email) })).status).toBe(200);
});

test("and the other requests under /api/auth keep to their round trips", async () => {
  const email = "budget@example.com";
  const signedUp = await send("POST", "/api/auth/sign-up/email", { body: body(email) });
  const cookies = sessionCookie(signedUp);
  const calls: Record<string, number> = { "/sign-up/email": signedUp.d1Calls };
  const ask = async (method: string, path: string, sent?: unknown) => {
    const answer = await send(method, `/api/auth${path}`, { cookies, ...(sent !== undefined && { body: sent }) });
    expect(answer.status, `${path}: ${JSON.stringify(answer.body)}`).toBe(200);
    calls[path] = answer.d1Calls;
  };
  await ask("POST", "/sign-in/email", body(email));
  await ask("GET", "/get-session");
  await ask("POST", "/organization/create", { name: "Two", slug: "two" });
  await ask("GET", "/organization/get-full-organization");
  await ask("GET", "/organization/list");
  await ask("POST", "/organization/check-slug", { slug: "three" });
  await ask("POST", "/organization/set-active", { organizationSlug: "two" });
  await ask("POST", "/organization/update", { data: { name: "Deux" } });
  await ask("GET", "/organization/get-active-member");
  await ask("POST", "/update-user", { name: "A." });
  await ask("GET", "/list-sessions");
  await ask("POST", "/change-password", { currentPassword: "correct horse battery", newPassword: "a new password" });
  await ask("POST", "/revoke-other-sessions", {});
  await ask("POST", "/sign-out", {});
  expect(calls).toEqual({
    "/sign-up/email": 1,
    "/sign-in/email": 2,
    "/get-session": 1,
    "/organization/create": 2,
    "/organization/get-full-organization": 2,
    "/organization/list": 1,
    "/organization/check-slug": 1,
    "/organization/set-active": 2,
    "/organization/update": 2,
    "/organization/get-active-member": 1,
    "/update-user": 1,
    "/list-sessions": 1,
    "/change-password": 2,
    "/revoke-other-sessions": 1,
    "/sign-out": 1,
  });
});
