// The format and the lints: of the Rust code, natively and for wasm32, and of the types of tests and examples.
import { join } from "node:path";
import { ROOT, run, step } from "./run.mjs";

/** Fails at the first thing that is not as it should be. */
export async function check(wasm) {
  await step("format", () => run("cargo", ["fmt", "--all", "--check"], { name: "cargo fmt" }));
  await step("clippy", () => run("cargo", ["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"], { name: "clippy" }));
  const lint = ["clippy", "--locked", "--lib", ...wasm.args, "--", "-D", "warnings"];
  await step("clippy for wasm32", () => run(wasm.cargo, lint, { env: wasm.env, name: "clippy wasm32" }));
  for (const project of ["tests", "examples/copilotkit"]) {
    await step(`types of ${project}`, () => run(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", project], { name: "tsc" }));
  }
}
