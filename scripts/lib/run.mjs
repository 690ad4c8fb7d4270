// Runs programs and reports steps: what the other scripts are made of.
import { spawn, spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
/** What set-up makes and keeps: the Rust standard library for Workers, stamps, logs. */
export const TOOLS = join(ROOT, ".tools");

/** Something a person can put right: its message is one sentence that says how. */
export class Problem extends Error {}

const children = new Set();
let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    interrupted = true;
    for (const child of children) child.kill(signal);
    if (children.size === 0) process.exit(130);
  });
}
process.on("exit", () => children.forEach((child) => child.kill()));

/** Runs a script's task; a `Problem` ends it with its sentence instead of a stack trace. */
export async function command(task) {
  try {
    await task();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    console.error(`\n${error.message}`);
    process.exit(1);
  }
}

/** Runs `task` and prints its name and time. */
export async function step(name, task) {
  const start = performance.now();
  const result = await task();
  console.log(`✓ ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  return result;
}

/** Runs a program in the repository; `live` shows its output, otherwise a log does if it fails. */
export async function run(program, args, { env = process.env, live = false, name = program } = {}) {
  const log = join(TOOLS, "logs", `${name.replaceAll(/\W+/g, "-")}.log`);
  mkdirSync(join(TOOLS, "logs"), { recursive: true });
  const output = live ? "inherit" : openSync(log, "w");
  const child = spawn(program, args, { cwd: ROOT, env, stdio: [live ? "inherit" : "ignore", output, output] });
  children.add(child);
  const end = await new Promise((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(code ?? signal));
  });
  children.delete(child);
  if (!live) closeSync(output);
  if (interrupted) process.exit(130); // Ctrl-C is no failure to report
  if (end === 0) return;
  if (!live) process.stderr.write(tail(readFileSync(log, "utf8")));
  throw new Problem(`${name} failed (${end})${live ? "." : `; its whole log is ${log}.`}`);
}

const tail = (text) => text.split("\n").slice(-80).join("\n");

/** A program's output, or undefined if it is missing or fails. */
export function output(program, args, options = {}) {
  const { status, stdout } = spawnSync(program, args, { cwd: ROOT, encoding: "utf8", ...options });
  return status === 0 ? stdout.trim() : undefined;
}
