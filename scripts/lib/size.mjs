// How large the Worker is, against the budget of docs/architecture.md.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { ROOT } from "./run.mjs";

const BUDGET_KB = 350;

/** Prints the size, gzipped, of what `wrangler deploy` would upload: the modules in `folder`. */
export function reportSize(folder) {
  const modules = readdirSync(join(ROOT, folder)).filter((name) => /\.(js|wasm)$/.test(name));
  const bytes = Buffer.concat(modules.map((name) => readFileSync(join(ROOT, folder, name))));
  const kb = Math.ceil(gzipSync(bytes).length / 1024);
  console.log(`${kb <= BUDGET_KB ? "✓" : "!"} the Worker has ${kb} KB, gzipped, of ${BUDGET_KB}`);
}
