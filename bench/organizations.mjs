// What benches of organizations' data share: a Worker in a process of its own, people in it, and datasets.
import { createTestHarness } from "wrangler";

export const ROWS = 1_000_000;

const secrets = { BETTER_AUTH_SECRET: "a-secret-that-only-the-bench-knows" };
const vars = { ENVIRONMENT: "development", RATE_LIMIT: "false" };

/** Starts the Worker in a process of its own. */
export async function start(more = {}) {
  const workers = [{ configPath: "wrangler.toml", prebuiltWorkerDir: "dist/bench", vars: { ...vars, ...more }, secrets }];
  const server = createTestHarness({ workers });
  const { url } = await server.listen();
  await server.getWorker().applyD1Migrations("DB");
  return { url, close: () => server.close() };
}

async function ask(url, method, path, headers, body) {
  const response = await fetch(new URL(path, url), { method, headers: { origin: url.origin, ...headers }, body });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${answer}`);
  return JSON.parse(answer);
}

/** Someone with an organization of his own, who sends JSON. */
export async function person({ url }, name) {
  const json = { "content-type": "application/json" };
  const email = `${name.toLowerCase()}@example.com`;
  const { token } = await ask(url, "POST", "/api/auth/sign-up/email", json, JSON.stringify({ name, email, password: "correct horse battery" }));
  const authorization = `Bearer ${token}`;
  const send = (method, path, body) => ask(url, method, path, { ...json, authorization }, body === undefined ? undefined : JSON.stringify(body));
  return { send, upload: (id, csv) => ask(url, "POST", `/api/datasets/${id}/replace`, { "content-type": "text/csv", authorization }, csv) };
}

export const row = (n) => [n, `2026-${String((n % 12) + 1).padStart(2, "0")}-15`, `region ${(n * 7919) % 50}`, ((n * 104_729) % 100_000) / 100];
const csvOf = (count) => `n,day,region,amount\n${Array.from({ length: count }, (_, n) => row(n).join(",")).join("\n")}\n`;
const columns = [["n", "integer"], ["day", "date"], ["region", "text"], ["amount", "decimal"]].map(([name, type]) => ({ name, type, nullable: false }));

/** The dataset `sales` with so many rows; its id. */
export async function sales(of, count) {
  const { id } = await of.send("POST", "/api/datasets", { name: "sales", columns });
  await of.upload(id, csvOf(count));
  return id;
}

export async function timed(work) {
  const start = performance.now();
  const answer = await work();
  return { ms: performance.now() - start, answer };
}

const sorted = (times) => times.toSorted((a, b) => a - b);
export const median = (times) => sorted(times)[Math.floor(times.length / 2)];
export const p95 = (times) => sorted(times)[Math.floor(times.length * 0.95)];
export const ms = (time) => `${time.toFixed(time < 10 ? 1 : 0)} ms`;

/** Each is asked as its own: a constant that no round had before. */
export const statement = (constant) => `select region, count(*) as orders, sum(amount) as total from sales where amount > ${constant} group by region order by region`;
