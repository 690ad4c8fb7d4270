// Calls wrangler, Cloudflare's tool, as this repository has it.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { Problem, ROOT, run } from "./run.mjs";

// Neither report usage nor fetch a sample request's geography: local work needs no network.
const QUIET = { WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false" };

const PROGRAM = join(ROOT, "node_modules/wrangler/bin/wrangler.js");

/** Runs wrangler; see `run` for the options. */
export const wrangler = (args, options) =>
  run(process.execPath, [PROGRAM, ...args], { env: { ...process.env, ...QUIET }, ...options });

/**
 * The rows that each of the statements gives, in the D1 database; `options` say where that is. One round trip.
 *
 * Locally each call is by a process of its own, and the one before may still hold the file as it ends: then nothing was done, and
 * it is done again.
 */
export function query(database, statements, options, tries = 3) {
  const args = ["d1", "execute", database, "--json", "--yes", ...options, "--command", statements.join(";\n")];
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], { cwd: ROOT, encoding: "utf8", env: { ...process.env, ...QUIET } });
  const answer = parsed(stdout);
  if (options.includes("--local") && tries > 1 && /SQLITE_BUSY|internal error/.test(`${stdout}${stderr}`)) return query(database, statements, options, tries - 1);
  if (status !== 0 || !Array.isArray(answer)) throw new Problem(`wrangler could not ask the database: ${answer?.error?.text ?? `${stdout}${stderr}`.trim()}`);
  return answer.map(({ results }) => results);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
