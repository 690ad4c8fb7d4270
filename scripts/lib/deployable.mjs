// Whether wrangler.toml has what the Worker cannot do without: wrangler itself would deploy one that refuses every request.
import { join } from "node:path";
import { Problem, ROOT } from "./run.mjs";

/** A Durable Object: its binding, and the migration that makes its class. */
const object = (binding, className) => [
  {
    what: `the Durable Object with the binding ${binding} ([[durable_objects.bindings]]: name = "${binding}", class_name = "${className}")`,
    isIn: ({ durable_objects }) => durable_objects.bindings.some(({ name, class_name }) => name === binding && class_name === className),
  },
  {
    what: `the migration that makes its class ([[migrations]]: new_sqlite_classes = ["${className}"])`,
    isIn: ({ migrations }) => migrations.some(({ new_sqlite_classes = [] }) => new_sqlite_classes.includes(className)),
  },
];

const NEEDED = [
  { what: "the D1 database with the binding DB ([[d1_databases]])", isIn: ({ d1_databases }) => d1_databases.some(({ binding }) => binding === "DB") },
  ...object("ORG_STORE", "OrgStore"),
  ...object("RATE_LIMITER", "RateLimiter"),
  {
    what: "the rate limit with the binding KEY_RATE_LIMITER ([[ratelimits]])",
    isIn: ({ ratelimits = [] }) => ratelimits.some(({ name }) => name === "KEY_RATE_LIMITER"),
  },
  { what: "the queue of automations with the binding AUTOMATIONS ([[queues.producers]])", isIn: ({ queues }) => queues.producers.some(({ binding }) => binding === "AUTOMATIONS") },
  {
    what: "the consumer of that queue ([[queues.consumers]])",
    isIn: ({ queues }) => queues.producers.some(({ binding, queue }) => binding === "AUTOMATIONS" && (queues.consumers ?? []).some((consumer) => consumer.queue === queue)),
  },
  { what: 'the cron trigger each minute, which finds what is due ([triggers]: crons has "* * * * *")', isIn: ({ triggers }) => (triggers.crons ?? []).includes("* * * * *") },
  { what: "a cron trigger each hour, which purges what is over ([triggers]: crons)", isIn: ({ triggers }) => (triggers.crons ?? []).some((cron) => cron !== "* * * * *") },
];

/** What a configuration lacks, in words. */
export const lacks = (config) => NEEDED.filter(({ isIn }) => !isIn(config)).map(({ what }) => what);

/** Fails if wrangler.toml lacks anything. */
export async function requireDeployable(file = join(ROOT, "wrangler.toml")) {
  // Not at the top: a script that sets up must load before there is a package to import.
  const { unstable_readConfig: readConfig } = await import("wrangler");
  const missing = lacks(readConfig({ config: file }, { hideWarnings: true }));
  if (missing.length > 0) throw new Problem(`wrangler.toml lacks ${missing.join("; ")}.`);
}
