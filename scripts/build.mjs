// `npm run build`: makes build/ from the Rust code. wrangler calls it too.
import { build, setUp } from "./lib/build.mjs";
import { command, step } from "./lib/run.mjs";

await command(async () => {
  const wasm = await setUp();
  await step("build", () => build(wasm));
});
