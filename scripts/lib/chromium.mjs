// Chromium, in which tests open the page of examples/copilotkit.
import { installed, installing, isDebian } from "./debian.mjs";
import { Problem, output } from "./run.mjs";

const DEBIANS = "/usr/bin/chromium";
/** The browser's program. */
export const CHROMIUM = process.env.CHROMIUM ?? DEBIANS;

/** Installs it if it is missing and that can be done; else says what to do. */
export async function requireChromium() {
  const isThere = () => output(CHROMIUM, ["--version"]) !== undefined;
  if (isThere()) return;
  if (CHROMIUM === DEBIANS && isDebian && (await installed("Debian's Chromium", ["chromium"])) && isThere()) return;
  const where = CHROMIUM === DEBIANS ? "" : `, and ${CHROMIUM}, which CHROMIUM names, does not run`;
  const how = isDebian ? `as root, run \`${installing(["chromium"])}\`` : "install it";
  throw new Problem(`The tests need Chromium${where}: ${how}, or set CHROMIUM to the program of a Chromium or a Chrome.`);
}
