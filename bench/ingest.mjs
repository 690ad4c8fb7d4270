// How fast rows come in, against a statement for each row; and how much memory a long upload takes: `npm run bench`.
//
// Ours reads CSV, checks each value, and inserts what fits in parts that no query sees before all are there. The other is given
// the same rows as JSON, checks nothing, and inserts them in transactions of 10,000. Both run in the same workerd, in turns.
import { readFileSync, readdirSync } from "node:fs";
import { createTestHarness } from "wrangler";

const ROWS = 100_000;
const ROUNDS = 7;

const secrets = { BETTER_AUTH_SECRET: "a-secret-that-only-the-bench-knows" };
const vars = { ENVIRONMENT: "development", RATE_LIMIT: "false" };
const server = createTestHarness({ workers: [{ configPath: "wrangler.toml", prebuiltWorkerDir: "dist/bench", vars, secrets }] });
const { url } = await server.listen();
await server.getWorker().applyD1Migrations("DB");

async function ask(path, headers, body) {
  const start = performance.now();
  const response = await fetch(new URL(path, url), { method: "POST", headers: { origin: url.origin, ...headers }, body });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${answer}`);
  return { ms: performance.now() - start, answer };
}

const json = { "content-type": "application/json" };
const person = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };
const { token } = JSON.parse((await ask("/api/auth/sign-up/email", json, JSON.stringify(person))).answer);
const signedIn = { authorization: `Bearer ${token}` };
const columns = [["n", "integer"], ["day", "date"], ["text", "text"]].map(([name, type]) => ({ name, type, nullable: true }));
const made = await ask("/api/datasets", { ...json, ...signedIn }, JSON.stringify({ name: "rows", columns }));
const { id } = JSON.parse(made.answer);

const row = (n) => [n, "2026-01-31", `some text of a row, ${n % 1000}`];
const csvOf = (count) => `n,day,text\n${Array.from({ length: count }, (_, n) => `${n},2026-01-31,"${row(n)[2]}"\n`).join("")}`;
const upload = (body) => ask(`/api/datasets/${id}/replace`, { ...signedIn, "content-type": "text/csv" }, body);
const count = (number) => Math.round(number).toLocaleString("en");

// First, for what the runtime has once taken it keeps.
const memory = [runtime()];
for (const megabytes of [10, 100]) {
  const body = Buffer.from(csvOf(megabytes * 22_300));
  const before = runtime();
  const { ms, answer } = await upload(body);
  memory.push(runtime());
  const { added } = JSON.parse(answer);
  const cpu = before ? `, ${(memory.at(-1).cpuS - before.cpuS).toFixed(1)} s of CPU` : "";
  console.log(`${(body.length / 1e6).toFixed(0)} MB of CSV, ${count(added)} rows: ${(ms / 1000).toFixed(1)} s${cpu}, ${count((added / ms) * 1000)} rows/s`);
}
if (memory[0]) console.log(`the runtime, with Worker, store and SQLite, had at most ${memory.map(({ peakMb }) => peakMb).join(", then ")} MB`);

const csv = csvOf(ROWS);
const rows = JSON.stringify(Array.from({ length: ROWS }, (_, n) => row(n)));
const median = (times) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
const times = { ours: [], singly: [] };
for (let round = -1; round < ROUNDS; round++) {
  const pair = { ours: (await upload(csv)).ms, singly: (await ask("/__bench/single-inserts", json, rows)).ms };
  if (round >= 0) for (const [name, ms] of Object.entries(pair)) times[name].push(ms);
}
const [ours, singly] = [median(times.ours), median(times.singly)];
const perSecond = (ms) => `${count((ROWS / ms) * 1000)} rows/s`;
console.log(`${count(ROWS)} rows, ${ROUNDS} rounds: ours ${perSecond(ours)}, a statement each ${perSecond(singly)}, ratio ${(singly / ours).toFixed(2)}`);
await server.close();

/** What workerd, of which this process has one that runs the Worker, takes; only Linux tells. */
function runtime() {
  if (process.platform !== "linux") return undefined;
  const read = (pid, file) => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, "utf8");
    } catch {
      return "";
    }
  };
  const isOurs = (pid) => {
    const status = read(pid, "status");
    return /^Name:\s*workerd/.test(status) && status.includes(`PPid:\t${process.pid}\n`);
  };
  const of = (pid) => {
    const mb = (name) => Math.round(Number(new RegExp(`${name}:\\s*(\\d+)`).exec(read(pid, "status"))?.[1]) / 1024);
    const times = read(pid, "stat").split(") ")[1].split(" ");
    return { peakMb: mb("VmHWM"), cpuS: (Number(times[11]) + Number(times[12])) / 100 };
  };
  return readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && isOurs(pid)).map(of).toSorted((a, b) => b.cpuS - a.cpuS)[0];
}
