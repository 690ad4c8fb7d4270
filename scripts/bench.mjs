// `npm run bench`: builds, and measures what docs/architecture.md claims.
import { join } from "node:path";
import { build, setUp } from "./lib/build.mjs";
import { ROOT, command, run, step } from "./lib/run.mjs";
import { wrangler } from "./lib/wrangler.mjs";

await command(async () => {
  const wasm = await setUp();
  await step("build", () => build(wasm));
  await step("bench bundle", () => wrangler(["deploy", "bench/entry.js", "--dry-run", "--outdir", "dist/bench"], { name: "bench bundle" }));
  for (const name of ["bench/sign-in.mjs", "bench/ingest.mjs", "bench/query.mjs", "bench/neighbours.mjs", "bench/automations.mjs"]) await run(process.execPath, [join(ROOT, name)], { live: true, name });
});
