// What answers cost: `npm run bench`. Each pair is measured side by side, in turns.
//
// 1. A GROUP BY over a million rows, through the whole path, against the same statement and rows in Node's SQLite, which runs
//    natively, in a file, and has no guard. Each round has another constant, so that nothing is answered from a cache.
// 2. A dashboard of ten widgets in one call, against its widgets one by one; first when nothing is kept, then again.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ROWS, median, ms, person, row, sales, start, statement, timed } from "./organizations.mjs";

const ROUNDS = 15;

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
await server.close();
