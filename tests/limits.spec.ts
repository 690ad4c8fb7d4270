// Rate limits as in production: counted by a Durable Object, whatever isolate a request comes to.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lacks } from "../scripts/lib/deployable.mjs";
import { harness } from "./world.ts";

const production = harness({ ENVIRONMENT: "production", RATE_LIMIT: "" });
const worker = production.getWorker();
let base: URL;
beforeAll(async () => {
  base = (await production.listen()).url;
  await worker.applyD1Migrations("DB");
});
afterAll(() => production.close());

/** A client with an address of its own. */
const client = () => `2001:db8:${randomUUID().slice(0, 4)}:${randomUUID().slice(0, 4)}::1`;

function ask(ip: string, method: string, path: string, headers: Record<string, string> = {}) {
  const body = method === "POST" ? "{}" : undefined;
  return fetch(new URL(path, base), { method, body, headers: { "content-type": "application/json", "cf-connecting-ip": ip, ...headers } });
}

const statuses = async (answers: Promise<Response>[]) => (await Promise.all(answers)).map(({ status }) => status);
const burst = (ip: string, path: string, count: number, method = "POST") => Array.from({ length: count }, () => ask(ip, method, path));
const allowed = (all: number[]) => all.filter((status) => status !== 429).length;

test("two bursts at once get exactly as many through as one may, and another client all of his", async () => {
  const [attacker, other] = [client(), client()];
  const path = "/api/auth/sign-in/email";
  const [one, two, three] = await Promise.all([burst(attacker, path, 20), burst(attacker, path, 20), burst(other, path, 3)].map(statuses));
  expect(allowed([...one!, ...two!])).toBe(3);
  expect(allowed(three!)).toBe(3);
  const refused = await ask(attacker, "POST", path);
  expect(Number(refused.headers.get("x-retry-after"))).toBeGreaterThan(0);
  expect([refused.status, refused.headers.get("content-type"), await refused.json()]).toEqual([
    429,
    "application/json",
    { message: "Too many requests. Please try again later." },
  ]);
});

test("what is not strict is limited too", async () => {
  const ip = client();
  const all = await statuses([...burst(ip, "/api/auth/get-session", 120, "GET")]);
  expect(allowed(all)).toBe(100);
});

test("the count of a long window outlives the object's memory", async () => {
  const ip = client();
  const path = "/api/auth/request-password-reset";
  expect(allowed(await statuses(burst(ip, path, 3)))).toBe(3);
  const network = ip.split(":").slice(0, 4).map((part) => part.padStart(4, "0")).join(":");
  await worker.evictDurableObject("RATE_LIMITER", { name: `${network}:0000:0000:0000:0000` });
  expect((await ask(ip, "POST", path)).status).toBe(429);
});

test("a key is let through as often in a minute as wrangler.toml says, and another key all the same", async () => {
  const ip = client();
  const json = { "content-type": "application/json", "cf-connecting-ip": ip, origin: base.origin };
  const post = (path: string, body: object, headers = {}) =>
    fetch(new URL(path, base), { method: "POST", headers: { ...json, ...headers }, body: JSON.stringify(body) }).then((answer) => answer.json() as any);
  const { token } = await post("/api/auth/sign-up/email", { name: "Kay", email: `kay-${randomUUID()}@example.com`, password: "correct horse battery" });
  const authorization = `Bearer ${token}`;
  const [one, other] = [await post("/api/api-keys", { name: "one" }, { authorization }), await post("/api/api-keys", { name: "other" }, { authorization })];
  const me = ({ key }: { key: string }) => fetch(new URL("/api/me", base), { headers: { authorization: `Bearer ${key}` } });
  let sent = 0;
  // A minute may end in between, and the count begin anew.
  for (let refused = false; !refused && sent < 1300; sent += 50) {
    refused = (await statuses(Array.from({ length: 50 }, () => me(one)))).includes(429);
  }
  expect(sent).toBeGreaterThanOrEqual(600);
  expect(sent).toBeLessThan(1300);
  expect((await me(one)).headers.get("retry-after")).toBe("60");
  expect((await me(other)).status).toBe(200);
}, 60_000);

test("without the binding nothing is answered, and the check before a deployment says so", async () => {
  const answer = await ask(client(), "GET", "/api/auth/ok", { "x-test-unbound": "RATE_LIMITER" });
  expect([answer.status, await answer.json()]).toMatchObject([500, { code: "MISCONFIGURED", message: expect.stringContaining("RATE_LIMITER") }]);

  const empty = { d1_databases: [], durable_objects: { bindings: [] }, migrations: [], queues: { producers: [] }, triggers: {} };
  expect(lacks(empty)).toHaveLength(10);
  expect(lacks(empty).join()).toContain("KEY_RATE_LIMITER");
  expect(lacks(empty).join()).toMatch(/RATE_LIMITER.*RateLimiter/);
});
