// `npm run fuzz:isolation -- --statements 1000000 --seed 7`: generated SQL over one organization's data, alone and beside
// another's; any difference fails, with the statement and the seed. The same seed makes the same statements.
import { parseArgs } from "node:util";
import { Problem, command, run } from "./lib/run.mjs";

await command(async () => {
  const { values } = parseArgs({ options: { statements: { type: "string", default: "1000000" }, seed: { type: "string" } } });
  const seed = values.seed ?? String(Math.floor(Math.random() * 2 ** 32));
  for (const [name, value] of Object.entries({ statements: values.statements, seed })) {
    if (!/^\d{1,10}$/.test(value) || Number(value) >= 2 ** 32) throw new Problem(`--${name} is a whole number below 2^32.`);
  }
  console.log(`${values.statements} statements of seed ${seed}`);
  const env = { ...process.env, FUZZ_STATEMENTS: values.statements, FUZZ_SEED: seed };
  await run("cargo", ["test", "--locked", "--profile", "fuzz", "--lib", "confined_sql::fuzz", "--", "--nocapture"], { env, live: true, name: "fuzz:isolation" });
});
