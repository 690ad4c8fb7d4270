// Calls wrangler, Cloudflare's tool, as this repository has it.
import { join } from "node:path";
import { ROOT, run } from "./run.mjs";

// Neither report usage nor fetch a sample request's geography: local work needs no network.
const QUIET = { WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false" };

/** Runs wrangler; see `run` for the options. */
export const wrangler = (args, options) =>
  run(process.execPath, [join(ROOT, "node_modules/wrangler/bin/wrangler.js"), ...args], { env: { ...process.env, ...QUIET }, ...options });
