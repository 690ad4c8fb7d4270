// `npm run simulate -- --seed 7 --years 1 --orgs 50`: years of automations in which everything goes wrong that may; a slot that
// is lost, or run twice, fails. The same seed goes the same way. Without --years, until 10,000 slots are over.
import { parseArgs } from "node:util";
import { Problem, command, run } from "./lib/run.mjs";

await command(async () => {
  const { values } = parseArgs({ options: { seed: { type: "string" }, years: { type: "string" }, orgs: { type: "string", default: "50" } } });
  const seed = values.seed ?? String(Math.floor(Math.random() * 2 ** 32));
  const given = { seed, orgs: values.orgs, ...(values.years && { years: values.years }) };
  for (const [name, value] of Object.entries(given)) {
    if (!/^\d{1,10}$/.test(value) || Number(value) >= 2 ** 32) throw new Problem(`--${name} is a whole number below 2^32.`);
  }
  const env = { ...process.env, ...Object.fromEntries(Object.entries(given).map(([name, value]) => [`SIMULATE_${name.toUpperCase()}`, value])) };
  await run("cargo", ["test", "--locked", "--profile", "fuzz", "--lib", "automation::engine::simulation", "--", "--nocapture"], { env, live: true, name: "simulate" });
});
