// The world a test lives in: a Worker with its own empty database, and people in it who act over real HTTP.
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { afterAll, beforeAll } from "vitest";
import { createTestHarness } from "wrangler";

const CLIENT_TIMEOUT_MS = 10_000;

/** What a developer has set in .dev.vars is his own: it is unset for tests, where wrangler would take it. */
const OWN = existsSync(".dev.vars") ? Object.keys(parseEnv(readFileSync(".dev.vars", "utf8"))) : [];
const VARS = {
  ...Object.fromEntries(OWN.map((name) => [name, ""])),
  ENVIRONMENT: "development",
  BETTER_AUTH_URL: "",
  BETTER_AUTH_TRUSTED_ORIGINS: "",
  SIGN_UP_ORGANIZATION: "personal",
  MAX_BODY_BYTES: String(1 << 20),
  MAX_UPLOAD_BYTES: String(4 << 20),
  D1_TIMEOUT_MS: "1000",
  STORE_TIMEOUT_MS: "5000",
  WEBHOOK_ALLOW_LOOPBACK: "false",
};
export const SECRET = "a-secret-that-only-the-tests-know";

/** A Worker with its own empty database, which `listen` starts; `vars` differ from the tests' usual ones. */
export function harness(vars: Record<string, string> = {}, configPath = "wrangler.toml") {
  return createTestHarness({
    workers: [
      {
        configPath,
        prebuiltWorkerDir: "dist/test",
        vars: { ...VARS, ...vars },
        secrets: { BETTER_AUTH_SECRET: SECRET },
      },
    ],
  });
}

let server: ReturnType<typeof harness>;

/** As much of D1 as tests use: to look, and to set up what no request can. */
export interface Database {
  prepare(sql: string): Statement;
}
/** The queue of messages about automations. */
export interface Queue {
  send(message: unknown): Promise<unknown>;
}
export interface Statement {
  bind(...values: unknown[]): Statement;
  all<Row>(): Promise<{ results: Row[] }>;
  first<Row>(): Promise<Row | null>;
  run(): Promise<unknown>;
}

let base: URL;

/** Gives the tests of the calling file a running Worker: call it once, at the top. */
export function world(vars?: Record<string, string>): void {
  server = harness(vars);
  beforeAll(async () => {
    base = (await server.listen()).url;
    await worker().applyD1Migrations("DB");
  });
  afterAll(() => server.close());
}

const worker = () => server.getWorker<{ DB: Database; AUTOMATIONS: Queue }>();

/** The Worker's address, for clients that make their own requests. */
export const baseUrl = (): string => base.origin;

/** Fires one of the Worker's cron triggers. */
export const scheduled = (cron: string) => worker().scheduled({ cron, scheduledTime: new Date() });

/** The Worker's queue of messages about automations itself. */
export const queue = async (): Promise<Queue> => (await worker().getEnv()).AUTOMATIONS;

/** The Worker's database itself. */
export const db = async (): Promise<Database> => (await worker().getEnv()).DB;

export interface Sent {
  body?: unknown;
  cookies?: string;
  headers?: Record<string, string>;
  /** For what takes longer by design, such as the Worker's own deadline. */
  timeoutMs?: number;
}

export interface Answer {
  status: number;
  headers: Headers;
  /** The JSON body; the text if it is not JSON. */
  body: any;
  /** Round trips to D1 that the request cost. */
  d1Calls: number;
}

/** Sends a request as a browser on the Worker's own origin would; a string body goes out as it is. */
export async function send(method: string, path: string, { body, cookies, headers, timeoutMs }: Sent = {}): Promise<Answer> {
  const response = await fetch(new URL(path, base), {
    method,
    redirect: "manual",
    signal: AbortSignal.timeout(timeoutMs ?? CLIENT_TIMEOUT_MS),
    headers: {
      origin: base.origin,
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(cookies && { cookie: cookies }),
      ...headers,
    },
    body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await response.text();
  const calls = response.headers.get("x-test-d1-calls");
  if (calls === null) throw new Error(`${method} ${path}: the answer does not say what it cost`);
  return {
    status: response.status,
    headers: response.headers,
    body: json(text),
    d1Calls: Number(calls),
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Someone signed up and signed in. */
export interface Person {
  id: string;
  email: string;
  password: string;
  token: string;
  cookies: string;
  /** Sends a request as this person. */
  send(method: string, path: string, sent?: Sent): Promise<Answer>;
}

/** The owner of an organization. */
export interface Owner extends Person {
  orgId: string;
}

/** A new person, with an e-mail address of their own. */
export async function person(name = "Ada"): Promise<Person> {
  const email = `${name.toLowerCase()}-${randomUUID()}@example.com`;
  const password = "correct horse battery";
  const answer = await send("POST", "/api/auth/sign-up/email", { body: { name, email, password } });
  if (answer.status !== 200) throw new Error(`sign-up answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  const cookies = sessionCookie(answer);
  return {
    id: answer.body.user.id,
    email,
    password,
    token: answer.body.token,
    cookies,
    send: (method, path, sent) => send(method, path, { cookies, ...sent }),
  };
}

/** A person with the organization that sign-up gave them. */
export async function owner(name?: string): Promise<Owner> {
  const someone = await person(name);
  const { body } = await someone.send("GET", "/api/auth/get-session");
  return { ...someone, orgId: body.session.activeOrganizationId };
}

/** A person who is also in `of`'s organization; written to the database, as an accepted invitation would. */
export async function member(of: Owner, role = "member", name = "Grace"): Promise<Person> {
  const someone = await person(name);
  const insert = 'insert into member (id, organizationId, userId, role, createdAt) values (?, ?, ?, ?, ?)';
  await (await db()).prepare(insert).bind(randomUUID(), of.orgId, someone.id, role, new Date().toISOString()).run();
  return someone;
}

/** The session cookie that an answer sets, as a request sends it back. */
export function sessionCookie(answer: Answer): string {
  const cookie = answer.headers.getSetCookie().find((line) => line.startsWith("better-auth.session_token="));
  if (!cookie) throw new Error("the answer sets no session cookie");
  return cookie.split(";")[0];
}
