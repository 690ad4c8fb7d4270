// How long a sign-in takes, for an address that someone has, with a wrong password, and for one that no one has, beside the
// runtime's native scrypt: `npm run bench`.
//
// The first two must not be told apart. Each costs one hash and one read of D1; native is a request that does nothing but hash.
// All run in the same workerd, in turns, so that whatever else the machine does falls on all. Reported are the ratio of medians,
// the read of D1 counted against us, and the middle halves of the two kinds of sign-in.
import { createTestHarness } from "wrangler";

/** Fewer than the failures that lock an account (src/auth/attempt.rs). */
const ROUNDS = 60;
const WARM_UP = 3;

const secrets = { BETTER_AUTH_SECRET: "a-secret-that-only-the-bench-knows" };
const worker = { configPath: "wrangler.toml", prebuiltWorkerDir: "dist/bench", vars: { ENVIRONMENT: "development" }, secrets };
const server = createTestHarness({ workers: [worker] });
const { url } = await server.listen();
await server.getWorker().applyD1Migrations("DB");

const post = (path, body) =>
  fetch(new URL(path, url), { method: "POST", headers: { "content-type": "application/json", origin: url.origin }, body: JSON.stringify(body) });
const known = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };
const signIn = (email) => () => post("/api/auth/sign-in/email", { email, password: "battery horse correct" });
const arms = [
  { name: "known", request: signIn(known.email), status: 401 },
  { name: "unknown", request: signIn("eve@example.com"), status: 401 },
  { name: "native", request: () => fetch(new URL("/__bench/native-scrypt", url)), status: 200 },
].map((arm) => ({ ...arm, times: [] }));

async function time(request, status) {
  const start = performance.now();
  const response = await request();
  await response.text();
  if (response.status !== status) throw new Error(`expected ${status}, was answered ${response.status}`);
  return performance.now() - start;
}

await post("/api/auth/sign-up/email", known);
for (let round = -WARM_UP; round < ROUNDS; round++) {
  // Another order each time: who comes first may be slower.
  for (const turn of arms.keys()) {
    const { request, status, times } = arms[(round + WARM_UP + turn) % arms.length];
    const ms = await time(request, status);
    if (round >= 0) times.push(ms);
  }
}
await server.close();

const quantile = (times, q) => times.toSorted((a, b) => a - b)[Math.floor(times.length * q)];
const halves = Object.fromEntries(arms.map(({ name, times }) => [name, [0.25, 0.5, 0.75].map((q) => quantile(times, q))]));
for (const [name, [low, median, high]] of Object.entries(halves)) {
  console.log(`${name.padEnd(7)} ${median.toFixed(1)} ms, half of all in ${low.toFixed(1)} to ${high.toFixed(1)}`);
}
const overlap = halves.known[0] <= halves.unknown[2] && halves.unknown[0] <= halves.known[2];
console.log(`sign-in to native scrypt (N=16384 r=16 p=1): ${(halves.unknown[1] / halves.native[1]).toFixed(2)}, ${ROUNDS} rounds`);
console.log(`known to unknown address: ${(halves.known[1] / halves.unknown[1]).toFixed(2)}; the halves ${overlap ? "overlap" : "do NOT overlap: they can be told apart"}`);
