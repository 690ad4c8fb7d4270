// Our Worker as a user runs it, by wrangler, over a local database that others may open, too.
import { spawn } from "node:child_process";
import { copyFileSync, globSync, mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate, query } from "../scripts/lib/wrangler.mjs";

export const SECRET = "a secret that both servers know, of 32 bytes or more";
const ROOT = join(import.meta.dirname, "..");
/** How long wrangler may take to start, beside everything else that runs. */
export const START_MS = 60_000;

/** A place for a local database, and what can be done with it. */
export class Deployment {
  readonly state = mkdtempSync(join(tmpdir(), "orgscope-"));
  /** Where the Worker answers, while it runs. */
  url = "";
  #stop = async () => {};

  /** Runs one of our scripts or tools with the database; gives how it ended, and what it said. */
  async run(program: string, ...args: string[]) {
    return this.#spawn(program, args).ended;
  }

  #spawn(program: string, args: string[]) {
    const env = { ...process.env, WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false", CI: "true" };
    const all = [join(ROOT, program), ...args, "--persist-to", this.state];
    const child = spawn(process.execPath, all, { env, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
    const ended = new Promise<{ code: number | null; said: string }>((resolve) => child.on("close", (code) => resolve({ code, said })));
    return { child, ended };
  }

  /** Applies our migrations. */
  migrate() {
    return migrate(["--persist-to", this.state]);
  }

  /** Makes the database's file, and tells where it is; it has no tables yet. */
  async create() {
    await query("orgscope", ["select 1"], ["--local", "--persist-to", this.state]);
    return this.file();
  }

  /** The database's file. */
  file() {
    return globSync(join(this.state, "v3/d1/**/*.sqlite")).find((name) => !name.endsWith("metadata.sqlite"))!;
  }

  /** A copy of it. */
  copy() {
    const to = join(mkdtempSync(join(tmpdir(), "orgscope-")), "copy.sqlite");
    for (const suffix of ["", "-wal", "-shm"]) {
      if (globSync(this.file() + suffix).length) copyFileSync(this.file() + suffix, to + suffix);
    }
    return to;
  }

  /** Starts our Worker, with more variables. */
  async start(more: Record<string, string> = {}) {
    const port = await freePort();
    // wrangler reads no .dev.vars when it is given a file.
    const variables = join(this.state, "variables");
    writeFileSync(variables, `ENVIRONMENT=development\nBETTER_AUTH_SECRET="${SECRET}"\n`);
    const all = { BETTER_AUTH_SECRET: SECRET, ENVIRONMENT: "development", ...more };
    const vars = Object.entries(all).flatMap(([name, value]) => ["--var", `${name}:${value}`]);
    const args = ["--port", String(port), "--inspector-port", "0", "--env-file", variables, "--show-interactive-dev-session=false"];
    const { child, ended } = this.#spawn(WRANGLER, ["dev", ...args, ...vars]);
    let failed: string | undefined;
    void ended.then(({ said }) => (failed = said));
    this.#stop = async () => {
      child.kill("SIGTERM");
      await ended;
    };
    this.url = `http://localhost:${port}`;
    for (const start = Date.now(); Date.now() - start < START_MS && failed === undefined; ) {
      const response = await fetch(`${this.url}/api/health`).catch(() => undefined);
      if (response?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await this.stop();
    throw new Error(`wrangler dev did not answer: ${(await ended).said}`);
  }

  /** Ends it, so that others may write to the database. */
  stop = () => this.#stop();

  /** Sends a request to it, as a browser on its own origin with the cookies would. */
  async send(method: string, path: string, body?: unknown, cookie = "") {
    const headers = { origin: this.url, ...(body !== undefined && { "content-type": "application/json" }), ...(cookie && { cookie }) };
    const response = await fetch(`${this.url}${path}`, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
    const set = response.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ");
    return { status: response.status, body: (await response.json()) as any, cookie: set };
  }
}

export const WRANGLER = "node_modules/wrangler/bin/wrangler.js";

/** A port that nobody listens on. */
export async function freePort() {
  const probe = createServer().listen(0);
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
