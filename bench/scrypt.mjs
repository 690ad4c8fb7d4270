// How long a password takes to hash, against the runtime's native scrypt: `npm run bench`.
//
// Ours is a sign-in of an unknown address, which costs one hash and one read of D1; native is a request that does nothing but
// hash. Both run in the same workerd, in turns, so that whatever else the machine does falls on both. Reported is the ratio of
// medians, the read of D1 counted against us.
import { createTestHarness } from "wrangler";

const ROUNDS = 40;

const secrets = { BETTER_AUTH_SECRET: "a-secret-that-only-the-bench-knows" };
const worker = { configPath: "wrangler.toml", prebuiltWorkerDir: "dist/bench", vars: { ENVIRONMENT: "development" }, secrets };
const server = createTestHarness({ workers: [worker] });
const { url } = await server.listen();
await server.getWorker().applyD1Migrations("DB");

const native = () => fetch(new URL("/__bench/native-scrypt", url));
const ours = () =>
  fetch(new URL("/api/auth/sign-in/email", url), {
    method: "POST",
    headers: { "content-type": "application/json", origin: url.origin },
    body: JSON.stringify({ email: "nobody@example.com", password: "correct horse battery" }),
  });

async function time(request, status) {
  const start = performance.now();
  const response = await request();
  await response.text();
  if (response.status !== status) throw new Error(`expected ${status}, was answered ${response.status}`);
  return performance.now() - start;
}

const median = (times) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
const times = { ours: [], native: [] };
for (let round = -3; round < ROUNDS; round++) {
  const pair = { ours: await time(ours, 401), native: await time(native, 200) };
  if (round >= 0) for (const [name, ms] of Object.entries(pair)) times[name].push(ms);
}
await server.close();

const [a, b] = [median(times.ours), median(times.native)];
console.log(`scrypt N=16384 r=16 p=1, ${ROUNDS} rounds: ours ${a.toFixed(1)} ms, native ${b.toFixed(1)} ms, ratio ${(a / b).toFixed(2)}`);
