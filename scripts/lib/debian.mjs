// Debian's packages, for what npm and cargo do not bring.
import { existsSync, readFileSync } from "node:fs";
import { run, step } from "./run.mjs";

const RELEASE = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
/** Whether this is Debian. */
export const isDebian = /^ID=debian$/m.test(RELEASE);
/** Whether it is Debian 12. */
export const isDebian12 = isDebian && RELEASE.includes("VERSION_CODENAME=bookworm");

/** The command that installs them. */
export const installing = (packages) => `apt-get install ${packages.join(" ")}`;

/** Installs packages, if whoever calls may: gives whether he may. */
export async function installed(name, packages) {
  if (process.getuid() !== 0) return false;
  const install = `apt-get update && DEBIAN_FRONTEND=noninteractive ${installing(packages)} -y --no-install-recommends`;
  await step(name, () => run("sh", ["-c", install], { name: "apt-get" }));
  return true;
}
