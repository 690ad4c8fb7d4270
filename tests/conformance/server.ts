// One of the two servers, with the browsers that talk to it and the values that they have learnt.
import { randomBytes } from "node:crypto";
import { Agent, createServer, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import { createAuthClient } from "better-auth/client";
import { organizationClient } from "better-auth/client/plugins";
import { browserFetch } from "../browser.ts";
import { configured } from "../reference.ts";
import { harness, SECRET, type Database } from "../world.ts";
import { Names } from "./normalise.ts";

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** What only one of the two servers knows how to do. */
interface Backend {
  origin: string;
  rows(sql: string): Promise<Record<string, unknown>[]>;
  mails(to: string): Promise<string[]>;
  close(): Promise<void>;
}

export class Server {
  readonly values = new Map<string, string>();
  readonly names = new Names(this);
  /** What stands for a value that no step kept: nothing, and it is a mistake in the scenario. */
  placeholder: string | undefined;
  readonly #browsers = new Map<string, Map<string, string>>();
  readonly #agent = new Agent({ keepAlive: true });
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }
  get origin() {
    return this.#backend.origin;
  }
  get secret() {
    return SECRET;
  }
  rows(sql: string) {
    return this.#backend.rows(sql);
  }
  mails(to: string) {
    return this.#backend.mails(to);
  }
  async close() {
    this.#agent.destroy();
    await this.#backend.close();
  }

  /** Forgets all browsers and values. */
  forget() {
    this.values.clear();
    this.#browsers.clear();
    this.names.clear();
  }

  /** `text` with this server's values in place of their names. */
  fill(text: string): string {
    return text.replace(/\{(new:)?([\w@.\-]+)\}/g, (whole, isNew, name) => {
      if (name === "origin") return this.origin;
      if (name === "now") return new Date().toISOString();
      if (isNew) this.values.set(name, newId());
      const value = this.values.get(name) ?? this.placeholder;
      if (value === undefined) throw new Error(`no step kept ${whole}`);
      return value;
    });
  }
  fillAll<T>(value: T): T {
    if (typeof value === "string") return this.fill(value) as T;
    if (Array.isArray(value)) return value.map((item) => this.fillAll(item)) as T;
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.fillAll(item)])) as T;
    }
    return value;
  }

  /** The cookies of a browser, which it keeps from answer to answer. */
  jar(browser: string): Map<string, string> {
    let jar = this.#browsers.get(browser);
    if (!jar) this.#browsers.set(browser, (jar = new Map()));
    return jar;
  }

  /** Sends a request exactly as it is told to. */
  send(method: string, path: string, headers: Record<string, string>, body?: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
      const { hostname, port } = new URL(this.origin);
      const options = { hostname, port, method, path, agent: this.#agent, headers: { ...headers, ...length }, timeout: 20_000 };
      const sent = httpRequest(options, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("end", () => resolve({ status: response.statusCode!, headers: response.headers, text: Buffer.concat(chunks).toString() }));
        response.on("error", reject);
      });
      sent.on("timeout", () => sent.destroy(new Error(`${method} ${path}: no answer`)));
      sent.on("error", reject);
      sent.end(body);
    });
  }

  /** The official client, in one of the browsers. */
  client(browser: string) {
    const jar = this.jar(browser);
    return createAuthClient({
      baseURL: this.origin,
      plugins: [organizationClient({ teams: { enabled: true }, dynamicAccessControl: { enabled: true } })],
      fetchOptions: { customFetchImpl: browserFetch(() => this.origin, jar, { redirect: "manual" }) },
    });
  }
}

/** An id as both servers make them. */
export function newId(): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  return [...randomBytes(32)].map((byte) => alphabet[byte % alphabet.length]).join("");
}

/** better-auth, over HTTP on loopback. */
export async function reference(vars: Record<string, string>): Promise<Server> {
  const database = new DatabaseSync(":memory:");
  database.exec("pragma foreign_keys = on");
  const mails: { to: string; text: string }[] = [];
  let handler: ReturnType<typeof toNodeHandler>;
  const http = createServer((request, response) => void handler(request, response));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const options = configured(database, origin, SECRET, vars, (to, text) => mails.push({ to, text }));
  await (await getMigrations(options)).runMigrations();
  handler = toNodeHandler(betterAuth(options));
  return new Server({
    origin,
    rows: async (sql) => database.prepare(sql).all() as Record<string, unknown>[],
    mails: async (to) => mails.filter((mail) => mail.to === to).map((mail) => mail.text),
    close: () => new Promise((resolve) => (http.close(() => resolve()), http.closeAllConnections())),
  });
}

/** Orgscope, in workerd. */
export async function orgscope(vars: Record<string, string>): Promise<Server> {
  const started = harness({ SIGN_UP_ORGANIZATION: "none", D1_TIMEOUT_MS: "10000", ...vars });
  const { origin } = (await started.listen()).url;
  const worker = started.getWorker<{ DB: Database }>();
  await worker.applyD1Migrations("DB");
  const db = (await worker.getEnv()).DB;
  return new Server({
    origin,
    rows: async (sql) => (await db.prepare(sql).all<Record<string, unknown>>()).results,
    async mails(to) {
      const response = await fetch(`${origin}/__dev/outbox?to=${encodeURIComponent(to)}`);
      if (!response.ok) return [];
      return ((await response.json()) as { text: string }[]).map((mail) => mail.text);
    },
    close: () => started.close(),
  });
}
