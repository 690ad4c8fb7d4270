// What answers cost: `npm run bench`. Each pair is measured side by side, in turns.
//
// 1. A GROUP BY over a million rows, through the whole path, against the same statement and rows in Node's SQLite, which runs
//    natively, in a file, and has no guard. Each round has another constant, so that nothing is answered from a cache.
// 2. A dashboard of ten widgets in one call, against its widgets one by one; first when nothing is kept, then again.
// 3. A light organization's query, alone and beside another's that is never done with heavy ones, in turns: where both
//    stores are in one process, which has one thread; and where each is in a process of its own.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createTestHarness } from "wrangler";

const ROWS = 1_000_000;
const ROUNDS = 15;
const LIGHT_TURNS = 10;
const LIGHT_ROUNDS = 40;

const secrets = { BETTER_AUTH_SECRET: "a-secret-that-only-the-bench-knows" };
const vars = { ENVIRONMENT: "development", RATE_LIMIT: "false" };

/** Starts the Worker in a process of its own. */
async function start(more = {}) {
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
async function person({ url }, name) {
  const json = { "content-type": "application/json" };
  const email = `${name.toLowerCase()}@example.com`;
  const { token } = await ask(url, "POST", "/api/auth/sign-up/email", json, JSON.stringify({ name, email, password: "correct horse battery" }));
  const authorization = `Bearer ${token}`;
  const send = (method, path, body) => ask(url, method, path, { ...json, authorization }, body === undefined ? undefined : JSON.stringify(body));
  return { send, upload: (id, csv) => ask(url, "POST", `/api/datasets/${id}/replace`, { "content-type": "text/csv", authorization }, csv) };
}

const row = (n) => [n, `2026-${String((n % 12) + 1).padStart(2, "0")}-15`, `region ${(n * 7919) % 50}`, ((n * 104_729) % 100_000) / 100];
const csvOf = (count) => `n,day,region,amount\n${Array.from({ length: count }, (_, n) => row(n).join(",")).join("\n")}\n`;
const columns = [["n", "integer"], ["day", "date"], ["region", "text"], ["amount", "decimal"]].map(([name, type]) => ({ name, type, nullable: false }));

/** The dataset `sales` with so many rows; its id. */
async function sales(of, count) {
  const { id } = await of.send("POST", "/api/datasets", { name: "sales", columns });
  await of.upload(id, csvOf(count));
  return id;
}

async function timed(work) {
  const start = performance.now();
  const answer = await work();
  return { ms: performance.now() - start, answer };
}

const sorted = (times) => times.toSorted((a, b) => a - b);
const median = (times) => sorted(times)[Math.floor(times.length / 2)];
const p95 = (times) => sorted(times)[Math.floor(times.length * 0.95)];
const ms = (time) => `${time.toFixed(time < 10 ? 1 : 0)} ms`;

const server = await start();
const ada = await person(server, "Ada");
const dataset = await sales(ada, ROWS);

// 1.
const folder = mkdtempSync(join(tmpdir(), "orgscope-bench-"));
const native = new DatabaseSync(join(folder, "native.sqlite"));
native.exec("create table sales (n integer not null, day text not null, region text not null, amount real not null) strict; create index sales_day on sales (day); begin");
const insert = native.prepare("insert into sales values (?, ?, ?, ?)");
for (let n = 0; n < ROWS; n++) insert.run(...row(n));
native.exec("commit");
// Each is asked as its own: a constant that no round had before.
const statement = (constant) => `select region, count(*) as orders, sum(amount) as total from sales where amount > ${constant} group by region order by region`;
const times = { ours: [], native: [], engine: [] };
for (let round = -2; round < ROUNDS; round++) {
  const sql = statement(round / 1000);
  const ours = await timed(() => ada.send("POST", "/api/query", { sql }));
  const theirs = await timed(() => native.prepare(sql).all());
  if (JSON.stringify(ours.answer.rows.map(([region, orders]) => [region, orders])) !== JSON.stringify(theirs.answer.map(({ region, orders }) => [region, orders])))
    throw new Error("the two do not answer alike");
  if (round < 0) continue;
  times.ours.push(ours.ms);
  times.native.push(theirs.ms);
  times.engine.push(ours.answer.elapsedMs);
}
console.log(
  `GROUP BY over ${ROWS.toLocaleString("en")} rows, ${ROUNDS} rounds: ours ${ms(median(times.ours))}, native SQLite ${ms(median(times.native))}, ratio ${(median(times.ours) / median(times.native)).toFixed(2)}`,
);
native.close();
rmSync(folder, { recursive: true });

// 2.
const { id: dashboardId } = await ada.send("POST", "/api/dashboards", { name: "Sales" });
const widgets = [];
for (let n = 0; n < 10; n++) {
  const config = { sql: `select region, sum(amount) as total from sales where n % 10 = ${n} group by region` };
  widgets.push((await ada.send("POST", "/api/widgets", { dashboardId, datasetId: dataset, title: `w${n}`, kind: "bar", config })).id);
}
const together = () => ada.send("GET", `/api/dashboards/${dashboardId}/query`);
const singly = async () => {
  for (const id of widgets) await ada.send("GET", `/api/widgets/${id}/query`);
};
// A row more is a new version: then nothing that was kept holds.
const forget = () => ada.send("POST", `/api/datasets/${dataset}/append`, { rows: [{ n: 1, day: "2026-01-15", region: "region 1", amount: 0 }] });
const pairs = { cold: { together: [], singly: [] }, kept: { together: [], singly: [] } };
for (let round = -1; round < 5; round++) {
  for (const [name, work] of Object.entries({ together, singly })) {
    await forget();
    const [cold, kept] = [(await timed(work)).ms, (await timed(work)).ms];
    if (round < 0) continue;
    pairs.cold[name].push(cold);
    pairs.kept[name].push(kept);
  }
}
for (const [name, pair] of Object.entries(pairs)) {
  const [one, many] = [median(pair.together), median(pair.singly)];
  console.log(`dashboard of ten widgets, ${name}: together ${ms(one)}, one by one ${ms(many)}, ratio ${(one / many).toFixed(2)}`);
}

// 3.
let question = 0;
const asked = (of) => of.send("POST", "/api/query", { sql: statement(question++ / 1000) });

/** Measures the light one's query, with `heavy`'s going on beside it at each second turn. */
async function beside(where, heavy, light) {
  const times = { alone: [], beside: [] };
  let count = 0;
  for (let turn = -1; turn < LIGHT_TURNS; turn++) {
    for (const kind of ["alone", "beside"]) {
      let isOver = kind === "alone";
      const neighbour = (async () => {
        for (; !isOver; count++) await asked(heavy);
      })();
      for (let round = 0; round < LIGHT_ROUNDS; round++) {
        const { ms } = await timed(() => asked(light));
        if (turn >= 0) times[kind].push(ms);
      }
      isOver = true;
      await neighbour;
    }
  }
  const [alone, crowded] = [times.alone, times.beside];
  console.log(
    `a light query ${where}, ${alone.length} times: p95 alone ${ms(p95(alone))}, beside ${count} heavy ones of another organization ${ms(p95(crowded))}, ratio ${(p95(crowded) / p95(alone)).toFixed(2)}; median ${ms(median(alone))} and ${ms(median(crowded))}`,
  );
}

/** A new organization, with so many rows. */
async function tenant(where, name, rows) {
  const someone = await person(where, name);
  await sales(someone, rows);
  return someone;
}

await beside("in one process", ada, await tenant(server, "Eve", 1000));
await server.close();
const stores = [await start(), await start()];
const front = await start({ STORE_URLS: JSON.stringify(stores.map(({ url }) => url.origin)) });
await beside("in a process of its own", await tenant(front, "Ada", ROWS), await tenant(front, "Eve", 1000));
for (const each of [front, ...stores]) await each.close();
