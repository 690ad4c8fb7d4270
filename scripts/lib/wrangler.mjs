// Calls wrangler, Cloudflare's tool, as this repository has it.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { Problem, ROOT, run } from "./run.mjs";

// Neither report usage nor fetch a sample request's geography: local work needs no network.
const QUIET = { WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false" };

const PROGRAM = join(ROOT, "node_modules/wrangler/bin/wrangler.js");

/** Runs wrangler; see `run` for the options. */
export const wrangler = (args, options) =>
  run(process.execPath, [PROGRAM, ...args], { env: { ...process.env, ...QUIET }, ...options });

/** The rows that each of the statements gives, in the D1 database; `options` say where that is. One round trip. */
export async function query(database, statements, options) {
  const { status, stdout, said } = await ask(["d1", "execute", database, "--json", "--yes", ...options, "--command", statements.join(";\n")]);
  const answer = parsed(stdout);
  if (status !== 0 || !Array.isArray(answer)) throw new Problem(`wrangler could not ask the database: ${answer?.error?.text ?? said}`);
  return answer.map(({ results }) => results);
}

/** Applies the migrations to the local database; `options` say where that is. */
export async function migrate(options = []) {
  const { status, said } = await ask(["d1", "migrations", "apply", "orgscope", "--local", ...options]);
  if (status !== 0) throw new Problem(`The migrations could not be applied: ${said}`);
}

/**
 * Runs wrangler over a database, and gives how it ended and what it said.
 *
 * Locally it has a process for each statement or migration, of which one may still hold the file as it ends when the next begins.
 * That one has done nothing then, and wrangler goes on where it was when it is asked again.
 */
async function ask(args, tries = 3) {
  const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: ROOT, env: { ...process.env, ...QUIET }, stdio: ["ignore", "pipe", "pipe"] });
  const [stdout, stderr, status] = await Promise.all([text(child.stdout), text(child.stderr), new Promise((resolve) => child.on("close", resolve))]);
  const said = `${stdout}${stderr}`.trim();
  if (status !== 0 && tries > 1 && args.includes("--local") && /SQLITE_BUSY|internal error/.test(said)) return ask(args, tries - 1);
  return { status, stdout, said };
}

function parsed(json) {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
