// One database, two servers: ours in workerd, and the reference in Node, on the same SQLite file.
import { spawn } from "node:child_process";
import { copyFileSync, globSync, mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { missing, server } from "./reference.ts";

const SECRET = "a secret that both servers know, of 32 bytes or more";
const WRANGLER = join(import.meta.dirname, "../node_modules/wrangler/bin/wrangler.js");
const state = mkdtempSync(join(tmpdir(), "orgscope-"));
/** How long wrangler may take to start, beside everything else that runs. */
const START_MS = 60_000;
let worker: { url: string; stop: () => Promise<void> };

/** Variables for wrangler: it reads no .dev.vars when it is given a file. */
const VARIABLES = join(state, "variables");
writeFileSync(VARIABLES, `ENVIRONMENT=development\nBETTER_AUTH_SECRET="${SECRET}"\n`);

/** Starts wrangler; `ended` tells how it ended, and what it said. */
function wrangler(...args: string[]) {
  const all = [WRANGLER, ...args, "--persist-to", state];
  const child = spawn(process.execPath, all, { env: environment(), stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
  const ended = new Promise<{ code: number | null; said: string }>((resolve) => child.on("close", (code) => resolve({ code, said })));
  return { child, ended };
}

const environment = () => ({ ...process.env, WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false", CI: "true" });

async function freePort() {
  const probe = createServer().listen(0);
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Our Worker over the database in `state`. */
async function start() {
  const port = await freePort();
  const vars = [`BETTER_AUTH_SECRET:${SECRET}`, "ENVIRONMENT:development"].flatMap((pair) => ["--var", pair]);
  const args = ["--port", String(port), "--inspector-port", "0", "--env-file", VARIABLES, "--show-interactive-dev-session=false"];
  const { child, ended } = wrangler("dev", ...args);
  const url = `http://localhost:${port}`;
  let failed: string | undefined;
  void ended.then(({ said }) => (failed = said));
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  for (const start = Date.now(); Date.now() - start < START_MS && failed === undefined; ) {
    const response = await fetch(`${url}/api/health`).catch(() => undefined);
    if (response?.ok) return { url, stop };
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await stop();
  throw new Error(`wrangler dev did not answer: ${(await ended).said}`);
}

async function post(path: string, body: unknown) {
  const headers = { "content-type": "application/json", origin: worker.url };
  const response = await fetch(`${worker.url}/api/auth${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  const cookie = response.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ");
  return { status: response.status, body: (await response.json()) as any, cookie };
}

const file = () => globSync(join(state, "v3/d1/**/*.sqlite")).find((name) => !name.endsWith("metadata.sqlite"))!;

function copy() {
  const to = join(mkdtempSync(join(tmpdir(), "orgscope-")), "copy.sqlite");
  for (const suffix of ["", "-wal", "-shm"]) {
    if (globSync(file() + suffix).length) copyFileSync(file() + suffix, to + suffix);
  }
  return to;
}

beforeAll(async () => {
  const { code, said } = await wrangler("d1", "migrations", "apply", "orgscope", "--local").ended;
  if (code !== 0) throw new Error(`the migrations failed: ${said}`);
  worker = await start();
}, 3 * START_MS);
afterAll(() => worker?.stop());

test("the reference finds nothing to migrate", async () => {
  expect(await missing(copy(), SECRET)).toEqual({
    toBeCreated: [],
    toBeAdded: [],
    toBeAddedIndexes: [],
    unsafeChanges: [],
    schemaProblems: [],
    sql: ";",
  });
});

test("the reference signs in whom we signed up, and knows our sessions and organizations", async () => {
  const ada = { name: "Ada", email: "ada@example.com", password: "correct horse" };
  const signedUp = await post("/sign-up/email", ada);
  expect(signedUp.status).toBe(200);
  await worker.stop();

  const reference = server(copy(), SECRET);
  expect(await reference.send("POST", "/sign-in/email", { ...ada, password: "wrong horse" })).toMatchObject({ status: 401 });
  const signedIn = await reference.send("POST", "/sign-in/email", ada);
  expect(signedIn).toMatchObject({ status: 200, body: { user: { id: signedUp.body.user.id } } });
  const session = await reference.send("GET", "/get-session", undefined, signedUp.cookie);
  expect(session.body.user.email).toBe(ada.email);
  const organization = await reference.send("GET", "/organization/get-full-organization", undefined, signedUp.cookie);
  expect(organization.body).toMatchObject({ members: [{ role: "owner", userId: signedUp.body.user.id }], teams: [{ memberCount: 1 }] });

  worker = await start();
}, 2 * START_MS);

test("we sign in whom the reference signed up, and know its sessions and organizations", async () => {
  await worker.stop();
  const bob = { name: "Bob", email: "bob@example.com", password: "battery staple" };
  const reference = server(file(), SECRET);
  const signedUp = await reference.send("POST", "/sign-up/email", bob);
  expect(signedUp.status).toBe(200);
  const made = await reference.send("POST", "/organization/create", { name: "Bob's", slug: "bobs" }, signedUp.cookie);
  expect(made.status).toBe(200);

  worker = await start();
  expect(await post("/sign-in/email", { ...bob, password: "battery stapler" })).toMatchObject({ status: 401 });
  expect(await post("/sign-in/email", bob)).toMatchObject({ status: 200, body: { user: { id: signedUp.body.user.id } } });
  const me = await fetch(`${worker.url}/api/me`, { headers: { cookie: signedUp.cookie } });
  expect(await me.json()).toMatchObject({ email: bob.email, organizationId: made.body.id, roles: ["owner"] });
}, 2 * START_MS);
