// `npm run takeover [-- --remote] [-- --apply]`: prepares a database that Better Auth made for our migrations.
//
// It says what it would do, and what is in the way; with `--apply` it does it. What it has done it does not do again. Other
// options, such as `--env` and `--persist-to`, are for `wrangler d1 execute`.
import { preparePackages } from "./lib/packages.mjs";
import { command, Problem } from "./lib/run.mjs";
import { COLUMNS, plan, rowChecks } from "./lib/takeover.mjs";
import { query } from "./lib/wrangler.mjs";

const DATABASE = "orgscope";
const options = process.argv.slice(2);
const isToApply = options.includes("--apply");
const isRemote = options.includes("--remote");
const others = options.filter((option) => !["--apply", "--remote", "--local"].includes(option));

await command(async () => {
  await preparePackages();
  const ask = (...sql) => query(DATABASE, sql, [isRemote ? "--remote" : "--local", ...others]);
  const [columns] = await ask(COLUMNS);
  const { statements, obstacles } = plan(columns);
  if (obstacles.length === 0) {
    const checks = rowChecks(columns);
    const found = await ask(...checks.map(({ sql }) => sql));
    obstacles.push(...checks.flatMap(({ says }, index) => found[index].map(says)));
  }
  if (obstacles.length > 0) throw new Problem(`The database cannot be taken over as it is:\n\n${obstacles.map((line) => `- ${line}`).join("\n")}`);

  for (const statement of statements) console.log(`${statement};`);
  const migrate = `npx wrangler d1 migrations apply ${DATABASE} ${isRemote ? "--remote" : "--local"}`;
  if (statements.length === 0) return console.log(`Nothing is missing. Go on with:\n\n  ${migrate}\n`);
  if (!isToApply) return console.log("\nThese statements are needed. Back the database up, then run the command again with --apply.");
  await ask(...statements);
  console.log(`\nThese statements are applied. Go on with:\n\n  ${migrate}\n`);
});
