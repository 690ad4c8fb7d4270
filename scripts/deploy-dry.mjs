// `npm run deploy:dry`: everything that a deployment does but the upload, and a look at the configuration.
import { requireDeployable } from "./lib/deployable.mjs";
import { command } from "./lib/run.mjs";
import { wrangler } from "./lib/wrangler.mjs";

await command(async () => {
  await requireDeployable();
  await wrangler(["deploy", "--dry-run"], { live: true, name: "wrangler deploy --dry-run" });
});
