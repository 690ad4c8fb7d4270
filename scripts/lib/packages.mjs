// The npm packages, and a Node new enough for them.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Problem, ROOT, output, run, step } from "./run.mjs";

const OWN_NODE = join(ROOT, "node_modules/node/bin/node");
const STAMP = join(ROOT, "node_modules/.orgscope-lock");

/** Installs the packages if the lockfile changed, then goes on under a Node that wrangler accepts. */
export async function preparePackages() {
  if (!newerThan(process.versions.node, 20, 0)) {
    throw new Problem(`Node ${process.versions.node} is too old: install Node 20 or newer (https://nodejs.org).`);
  }
  const lock = createHash("sha256").update(readFileSync(join(ROOT, "package-lock.json"))).digest("hex");
  if (!existsSync(STAMP) || readFileSync(STAMP, "utf8") !== lock) {
    if (!output("npm", ["--version"])) throw new Problem("npm is missing: it comes with Node (https://nodejs.org), or as your distribution's package npm.");
    await step("npm packages", () => run("npm", ["ci", "--no-audit", "--no-fund"], { name: "npm ci" }));
    writeFileSync(STAMP, lock);
  }
  if (newerThan(process.versions.node, 22, 12)) return;
  if (!output(OWN_NODE, ["--version"])) {
    throw new Problem("npm did not run the install script of its package `node`: run `npm rebuild node`, or install Node 22.12 or newer.");
  }
  await goOnUnderOwnNode();
}

function newerThan(version, major, minor) {
  const [a, b] = version.split(".").map(Number);
  return a > major || (a === major && b >= minor);
}

/** wrangler needs Node 22.12; the npm package `node` brings one without touching the system. */
function goOnUnderOwnNode() {
  const path = `${join(ROOT, "node_modules/.bin")}:${process.env.PATH}`;
  const child = spawn(OWN_NODE, process.argv.slice(1), { stdio: "inherit", env: { ...process.env, PATH: path } });
  process.removeAllListeners("SIGINT").on("SIGINT", () => {}); // the terminal tells the child itself
  process.removeAllListeners("SIGTERM").on("SIGTERM", () => child.kill("SIGTERM"));
  return new Promise(() => child.on("close", (code) => process.exit(code ?? 1)));
}
