// `npm run setup`: installs what a build needs and this machine lacks.
import { setUp } from "./lib/build.mjs";
import { command } from "./lib/run.mjs";

await command(setUp);
