// `npm test`: sets up what is missing, then runs everything: lints, native tests, build, tests in workerd.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { build, setUp } from "./lib/build.mjs";
import { check } from "./lib/check.mjs";
import { requireChromium } from "./lib/chromium.mjs";
import { requireDeployable } from "./lib/deployable.mjs";
import { command, ROOT, run, step } from "./lib/run.mjs";
import { reportSize } from "./lib/size.mjs";
import { wrangler } from "./lib/wrangler.mjs";

await command(async () => {
  const wasm = await setUp();
  await requireChromium();
  await check(wasm);
  await step("native tests", () => run("cargo", ["test", "--locked", "--workspace"], { live: true, name: "cargo test" }));
  await step("build", () => build(wasm));
  rmSync(join(ROOT, "dist/worker"), { recursive: true, force: true }); // modules of earlier builds have other names, and would count
  await step("deployable", async () => {
    await requireDeployable();
    return wrangler(["deploy", "--dry-run", "--outdir", "dist/worker"], { name: "wrangler deploy --dry-run" });
  });
  reportSize("dist/worker");
  // The same WebAssembly, entered through tests/entry.js, which counts D1 calls and makes them fail on request.
  await step("test bundle", () => wrangler(["deploy", "tests/entry.js", "--dry-run", "--outdir", "dist/test"], { name: "test bundle" }));
  await step("tests in workerd", () => run(process.execPath, [join(ROOT, "node_modules/vitest/vitest.mjs"), "run"], { live: true, name: "vitest" }));
});
