// Makes build/: the Worker as WebAssembly, and the JavaScript that loads it.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { requireRust, wasmRust, CARGO_OUT } from "./rust.mjs";
import { ROOT, TOOLS, run, step } from "./run.mjs";
import { preparePackages } from "./packages.mjs";

const BUILD = join(ROOT, "build");
const STAMP = join(BUILD, "stamp");
const GLUE = join(CARGO_OUT, "debug/glue");
// What rustc emits for wasm32 by default, plus the SIMD and the exceptions that we ask it for.
const FEATURES = ["mutable-globals", "sign-ext", "nontrapping-float-to-int", "bulk-memory", "multivalue", "reference-types", "exception-handling", "simd"];

/** Installs what is missing; gives the way to call cargo for wasm32. */
export async function setUp() {
  await preparePackages();
  requireRust();
  const glue = existsSync(GLUE) ? compileGlue() : step("wasm-bindgen", compileGlue);
  const [wasm] = await Promise.all([wasmRust(), glue]);
  return wasm;
}

const compileGlue = () => run("cargo", ["build", "--locked", "-p", "glue"], { name: "cargo build glue" });

/** Compiles the Worker; does nothing if nothing changed. */
export async function build(wasm) {
  await run(wasm.cargo, ["build", "--locked", "--release", "--lib", ...wasm.args], { env: wasm.env, name: "cargo build wasm32" });
  const compiled = join(CARGO_OUT, "wasm32-unknown-unknown/release/orgscope.wasm");
  const stamp = [compiled, GLUE].map((file) => statSync(file).mtimeMs).join(" ");
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === stamp) return;
  const out = join(TOOLS, "build.tmp");
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  await run(GLUE, [compiled, out], { name: "glue" });
  await optimize(join(out, "index_bg.wasm"));
  useModuleImport(join(out, "index.js"));
  writeFileSync(join(out, "stamp"), stamp);
  rmSync(BUILD, { recursive: true, force: true });
  renameSync(out, BUILD);
}

async function optimize(file) {
  const args = ["-Os", "--debuginfo", ...FEATURES.map((feature) => `--enable-${feature}`), file, "-o", file]; // debuginfo: names in stack traces
  await run(process.execPath, [join(ROOT, "node_modules/binaryen/bin/wasm-opt"), ...args], { name: "wasm-opt" });
}

/** wasm-bindgen writes `import source`, which workerd does not read; a plain import gives the same module there. */
function useModuleImport(file) {
  writeFileSync(file, readFileSync(file, "utf8").replace("import source ", "import "));
}
