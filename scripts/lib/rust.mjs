// Rust: the toolchain, and a standard library for Workers in which a panic unwinds.
//
// The wasm32 library that Rust ships aborts on panic, and an abort takes every request in flight in the isolate with it.
// So we compile the library from Rust's own sources, once per compiler: about 20 s. That needs the sources (rustup's
// component rust-src) but no nightly compiler, and no wasm32 target from rustup.
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installed, installing, isDebian12 } from "./debian.mjs";
import { Problem, ROOT, TOOLS, output, run, step } from "./run.mjs";

const TARGET = "wasm32-unknown-unknown";
const DEBIAN_PACKAGES = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "rust-web-clippy", "lld-22"];
/** Where cargo puts what it makes. */
export const CARGO_OUT = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");

/** Checks for what native Rust builds need. */
export function requireRust() {
  if (!output("cargo", ["--version"])) throw new Problem("cargo is missing: install Rust with rustup (https://rustup.rs), then open a new terminal.");
  if (!output("cc", ["--version"])) throw new Problem("A C compiler is missing: install your distribution's gcc (Debian: `apt-get install build-essential`; macOS: `xcode-select --install`).");
  const rust = describe("rustc");
  if (!recent(rust)) throw new Problem(`Rust ${rust?.release ?? "?"} is too old: Orgscope needs ${wanted()} or newer (\`rustup update stable\`).`);
  const { bavail, bsize } = statfsSync(ROOT);
  if (!existsSync(CARGO_OUT) && bavail * bsize < 4e9) throw new Problem("Less than 4 GB of disk are free: a first build needs that much.");
}

/** How to call cargo for wasm32: `{ cargo, args, env }`, with a standard library that unwinds. */
export async function wasmRust() {
  const rust = await findSources();
  const sysroot = await unwindingStd(rust);
  const flags = [`--sysroot=${sysroot}`, "-Cpanic=unwind"];
  // In `--config` the flags join those of .cargo/config.toml; in the environment they would replace them.
  return { ...rust, args: ["--target", TARGET, "--config", `target.${TARGET}.rustflags=${JSON.stringify(flags)}`] };
}

/** A toolchain with the library's sources: the default one, else Debian 12's `rustc-web`. */
async function findSources() {
  // ORGSCOPE_WASM_TOOLCHAIN=debian tries the second way on a machine that has the first.
  if (process.env.ORGSCOPE_WASM_TOOLCHAIN !== "debian") {
    const own = { cargo: "cargo", env: { ...process.env, RUSTFLAGS: undefined }, ...describe("rustc") };
    if (hasSources(own)) return own;
    if (output("rustup", ["component", "add", "rust-src"]) !== undefined && hasSources(own)) return own;
  }
  const debian = () => ({ cargo: "/usr/bin/cargo", env: { ...process.env, RUSTFLAGS: undefined, PATH: `/usr/bin:${process.env.PATH}` }, ...describe("/usr/bin/rustc") });
  if (hasSources(debian())) return debian();
  if (isDebian12 && (await installed("Debian's Rust with its sources", DEBIAN_PACKAGES)) && hasSources(debian())) return debian();
  throw new Problem(
    "The sources of Rust's standard library are missing, and `rustup component add rust-src` did not bring them: " +
      (isDebian12 ? `as root, run \`${installing(DEBIAN_PACKAGES)}\`.` : "install your distribution's package of them (often called rust-src)."),
  );
}

const hasSources = (rust) => recent(rust) && existsSync(join(rust.sysroot, "lib/rustlib/src/rust/library/std/Cargo.toml"));

/** What `rustc` says of itself, or nothing if it is missing. */
function describe(rustc) {
  const version = output(rustc, ["-vV"]);
  return version && { version, release: /release: (.*)/.exec(version)[1], sysroot: output(rustc, ["--print", "sysroot"]) };
}

const wanted = () => /^rust-version = "(.*)"/m.exec(readFileSync(join(ROOT, "Cargo.toml"), "utf8"))[1];
const recent = (rust) => Number(rust?.release?.split(".")[1]) >= Number(wanted().split(".")[1]);

/** Builds the standard library unless this compiler's is there; gives the sysroot that holds it. */
async function unwindingStd(rust) {
  const flags = "-Cpanic=unwind -Cembed-bitcode=yes -Ctarget-feature=+simd128"; // bitcode: our release build is LTO
  const key = createHash("sha256").update(`${rust.version} ${flags}`).digest("hex").slice(0, 12);
  const sysroot = join(TOOLS, `std-${key}`);
  if (existsSync(sysroot)) return sysroot;
  await step("Rust's standard library for wasm32", () => buildStd(rust, flags, sysroot));
  return sysroot;
}

async function buildStd(rust, flags, sysroot) {
  const work = `${sysroot}.tmp`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(work, "src"), { recursive: true });
  writeFileSync(join(work, "Cargo.toml"), '[package]\nname = "nothing"\nedition = "2024"\n[workspace]\n');
  writeFileSync(join(work, "src/lib.rs"), "#![no_std]\n");
  const args = ["build", "--release", "--manifest-path", join(work, "Cargo.toml"), "--target-dir", join(work, "out"), "--target", TARGET, "-Zbuild-std=std,panic_unwind"];
  // RUSTC_BOOTSTRAP lets a stable compiler build its own library; nothing else is built with it.
  await run(rust.cargo, args, { env: { ...rust.env, RUSTC_BOOTSTRAP: "1", RUSTFLAGS: flags }, name: "build-std" });
  const lib = join(work, "lib/rustlib", TARGET, "lib");
  const deps = join(work, "out", TARGET, "release/deps");
  const libraries = readdirSync(deps).filter((name) => name.endsWith(".rlib") && !name.startsWith("libnothing"));
  for (const name of libraries) cpSync(join(deps, name), join(lib, name));
  rmSync(join(work, "out"), { recursive: true });
  renameSync(work, sysroot);
}
