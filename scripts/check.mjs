// `npm run check`: the format and the lints, without a test.
import { setUp } from "./lib/build.mjs";
import { check } from "./lib/check.mjs";
import { command } from "./lib/run.mjs";

await command(async () => check(await setUp()));
