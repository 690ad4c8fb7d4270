// Whether wrangler.toml has what the Worker cannot do without: wrangler itself would deploy one that refuses every request.
import { join } from "node:path";
import { unstable_readConfig as readConfig } from "wrangler";
import { Problem, ROOT } from "./run.mjs";

const NEEDED = [
  { what: "the D1 database with the binding DB ([[d1_databases]])", isIn: ({ d1_databases }) => d1_databases.some(({ binding }) => binding === "DB") },
  {
    what: 'the Durable Object with the binding RATE_LIMITER ([[durable_objects.bindings]]: name = "RATE_LIMITER", class_name = "RateLimiter")',
    isIn: ({ durable_objects }) => durable_objects.bindings.some(({ name, class_name }) => name === "RATE_LIMITER" && class_name === "RateLimiter"),
  },
  {
    what: 'the migration that makes its class ([[migrations]]: new_sqlite_classes = ["RateLimiter"])',
    isIn: ({ migrations }) => migrations.some(({ new_sqlite_classes = [] }) => new_sqlite_classes.includes("RateLimiter")),
  },
  { what: "a cron trigger, which purges what is over ([triggers]: crons)", isIn: ({ triggers }) => (triggers.crons ?? []).length > 0 },
];

/** What a configuration lacks, in words. */
export const lacks = (config) => NEEDED.filter(({ isIn }) => !isIn(config)).map(({ what }) => what);

/** Fails if wrangler.toml lacks anything. */
export function requireDeployable(file = join(ROOT, "wrangler.toml")) {
  const missing = lacks(readConfig({ config: file }, { hideWarnings: true }));
  if (missing.length > 0) throw new Problem(`wrangler.toml lacks ${missing.join("; ")}.`);
}
