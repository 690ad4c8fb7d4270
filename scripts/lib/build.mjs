// Makes build/: the Worker as WebAssembly, and the JavaScript that loads it.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { requireRust, wasmRust, CARGO_OUT } from "./rust.mjs";
import { Problem, ROOT, TOOLS, run, step } from "./run.mjs";
import { preparePackages } from "./packages.mjs";

const BUILD = join(ROOT, "build");
const STAMP = join(BUILD, "stamp");
const GLUE = join(CARGO_OUT, "debug/glue");
const BINARYEN = join(ROOT, "node_modules/binaryen");
// What rustc emits for wasm32 by default, plus the SIMD and the exceptions that we ask it for.
const FEATURES = ["mutable-globals", "sign-ext", "nontrapping-float-to-int", "bulk-memory", "multivalue", "reference-types", "exception-handling", "simd"];
// No names of functions: 60 KB gzip, and a panic's message has its file and line without them.
const OPTIMIZE = ["-Os", "--strip-debug", ...FEATURES.map((feature) => `--enable-${feature}`)];

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
  const { version } = JSON.parse(readFileSync(join(BINARYEN, "package.json"), "utf8"));
  const stamp = [...[compiled, GLUE].map((file) => statSync(file).mtimeMs), version, ...OPTIMIZE].join(" ");
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

const optimize = (file) =>
  run(process.execPath, [join(BINARYEN, "bin/wasm-opt"), ...OPTIMIZE, file, "-o", file], { name: "wasm-opt" });

/** wasm-bindgen writes `import source`, which workerd does not read; a plain import gives the same module there. */
function useModuleImport(file) {
  const written = readFileSync(file, "utf8");
  const plain = written.replace(/^import source /m, "import ");
  if (plain === written) throw new Problem("wasm-bindgen no longer writes `import source`: see useModuleImport in scripts/lib/build.mjs.");
  writeFileSync(file, plain);
}
