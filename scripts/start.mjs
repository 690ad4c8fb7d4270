// `npm start`: sets up, builds, applies the local migrations and serves the Worker on http://localhost:8787.
import { randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { build, setUp } from "./lib/build.mjs";
import { command, Problem, ROOT, step } from "./lib/run.mjs";
import { migrate, wrangler } from "./lib/wrangler.mjs";

const PORT = process.env.PORT ?? "8787";

await command(async () => {
  const wasm = await setUp();
  await requireFreePort();
  makeSecrets();
  await step("build", () => build(wasm));
  await step("migrations", () => migrate());
  console.log(nextStep());
  tickEachMinute();
  await wrangler(["dev", "--port", PORT], { live: true, name: "wrangler dev" });
});

/** wrangler would say it at length, and after the build. */
async function requireFreePort() {
  for (const host of ["127.0.0.1", "::1"]) {
    const error = await new Promise((resolve) => {
      const probe = createServer().once("error", resolve);
      probe.listen(Number(PORT), host, () => probe.close(() => resolve(undefined)));
    });
    if (error?.code === "EADDRINUSE") throw new Problem(`Port ${PORT} is in use: end what uses it, or take another, such as \`PORT=8788 npm start\`.`);
  }
}

/** Local secrets, made once: with new ones, every session so far would end. */
function makeSecrets() {
  const file = join(ROOT, ".dev.vars");
  if (existsSync(file)) return;
  const secret = randomBytes(32).toString("base64url");
  // Webhooks may go to this machine, to try them out: the Worker refuses that anywhere but in development.
  const variables = { ENVIRONMENT: "development", WEBHOOK_ALLOW_LOOPBACK: "true", BETTER_AUTH_SECRET: secret };
  writeFileSync(file, Object.entries(variables).map(([name, value]) => `${name}=${value}\n`).join(""), { mode: 0o600 });
  console.log("✓ .dev.vars with a fresh secret");
}

/** Fires the cron trigger that automations run by: wrangler fires none by itself. */
function tickEachMinute() {
  const tick = () => fetch(`http://localhost:${PORT}/cdn-cgi/local/scheduled?cron=*+*+*+*+*`).catch(() => {});
  setInterval(tick, 60_000).unref();
}

function nextStep() {
  return `
Orgscope will answer on http://localhost:${PORT} (Ctrl-C ends it). In another terminal, sign up:

  curl http://localhost:${PORT}/api/auth/sign-up/email \\
    -H 'content-type: application/json' \\
    -d '{"name":"Ada","email":"ada@example.com","password":"correct horse battery"}'
`;
}
