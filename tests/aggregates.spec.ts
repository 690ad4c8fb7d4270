// Widgets count what DuckDB counts: the same rows, asked in its own SQL.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { expect, test } from "vitest";
import { owner, world } from "./world.ts";

world();

const SEED = Number(process.env.AGGREGATES_SEED ?? 7);
const DAY_MS = 86_400_000;

/** mulberry32: the same numbers for the same seed. */
function random(seed: number) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Days and instants of the last hundred days, of this year's changes of clocks, and of sixty years. */
function rows(now: number) {
  const next = random(SEED);
  const pick = <T>(items: T[]) => items[Math.floor(next() * items.length)]!;
  const year = new Date(now).getUTCFullYear();
  const changes = [Date.UTC(year, 2, 29, 1), Date.UTC(year, 9, 25, 1), Date.UTC(year, 2, 8, 7), Date.UTC(year, 10, 1, 6), Date.UTC(year, 3, 4, 15)];
  const times = [
    () => now - next() * 100 * DAY_MS,
    () => pick(changes) + (next() - 0.5) * DAY_MS,
    () => pick([6, 29, 30, 89, 90]) * -DAY_MS + now + (next() - 0.5) * 2 * DAY_MS,
    () => Date.UTC(1971 + Math.floor(next() * 64), 0, 1) + next() * 365 * DAY_MS,
  ];
  return Array.from({ length: 3000 }, () => {
    const at = new Date(Math.floor(pick(times)())).toISOString();
    return {
      moment: next() < 0.01 ? null : next() < 0.3 ? at.slice(0, 10) : at,
      region: pick(["north", "south", "Østfold", "it's", null]),
      // Quarters, so that a sum is exact whatever its order.
      amount: next() < 0.05 ? null : Math.floor(next() * 4000 - 1000) / 4,
      units: next() < 0.2 ? null : Math.floor(next() * 20),
      paid: next() < 0.5,
    };
  });
}

const ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Kiritimati"];
const RANGES = ["7d", "30d", "90d", "all"] as const;
const BUCKETS = ["day", "week", "month"] as const;
const MEASURES = [["sum", "amount"], ["avg", "amount"], ["min", "amount"], ["max", "amount"], ["count", null], ["count", "units"], ["sum", "units"], ["avg", "units"]] as const;
const FILTERS = ["", "where region = 'north'", "where units > 5 and paid = 1", "where region is null or amount < 0"];
const AXES = ["moment", "moment", "moment", "region", null] as const;

test("at least a hundred widget queries equal DuckDB's", async () => {
  const now = Date.now();
  const all = rows(now);
  const folder = mkdtempSync(join(tmpdir(), "aggregates-"));
  const file = join(folder, "rows.ndjson");
  const ndjson = all.map((row) => JSON.stringify(row)).join("\n");
  writeFileSync(file, ndjson);
  const duck = await (await DuckDBInstance.create(":memory:")).connect();
  await duck.run(
    `create table events as select moment, region, amount, units, paid::int as paid from read_json('${file}', format = 'newline_delimited',
     columns = {moment: 'varchar', region: 'varchar', amount: 'double', units: 'bigint', paid: 'boolean'})`,
  );
  rmSync(folder, { recursive: true });

  const ada = await owner("Ada");
  const made = async (path: string, body: object) => {
    const answer = await ada.send("POST", path, { body });
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return answer.body.id as string;
  };
  const types = { moment: "date", region: "text", amount: "decimal", units: "integer", paid: "boolean" };
  const columns = Object.entries(types).map(([name, type]) => ({ name, type, nullable: true }));
  const dataset = await made("/api/datasets", { name: "events", columns });
  const sent = await ada.send("POST", `/api/datasets/${dataset}/append`, { body: ndjson, headers: { "content-type": "application/x-ndjson" } });
  expect(sent.body).toMatchObject({ added: all.length });

  const dashboards: string[] = [];
  const next = random(SEED + 1);
  const pick = <T>(items: readonly T[]) => items[Math.floor(next() * items.length)]!;
  let [points, queries] = [0, 0];
  for (; queries < 160; queries++) {
    const [axis, zone, range, bucket, filter] = [AXES[queries % AXES.length]!, ZONES[queries % ZONES.length]!, RANGES[queries % RANGES.length]!, pick(BUCKETS), pick(FILTERS)];
    const [aggregate, y] = pick(MEASURES);
    if (queries % 100 === 0) dashboards.push(await made("/api/dashboards", { name: "d" }));
    const config = { sql: `select * from events ${filter}`, ...(axis && { xField: axis }), ...(y && { yField: y }), aggregate, ...(axis === "moment" && { bucket }), timeRange: range };
    const widget = await made("/api/widgets", { dashboardId: dashboards.at(-1), title: "w", kind: "line", config });
    const ours = await ada.send("GET", `/api/widgets/${widget}/query?timeZone=${encodeURIComponent(zone)}`);
    expect(ours.status, JSON.stringify(ours.body)).toBe(200);

    const there = (instant: string) => `timezone('${zone}', ${instant}::timestamptz)::date`;
    const day = `case when length(moment) = 10 then moment::date else ${there("moment")} end`;
    const today = there(`'${new Date(now).toISOString()}'`);
    const days = range === "all" ? "true" : `${day} between ${today} - ${parseInt(range) - 1} and ${today}`;
    const x = axis === "moment" ? `date_trunc('${bucket}', ${day})::date::varchar` : axis;
    const measure = `${aggregate}(${y ?? "*"})::double`;
    const text = `select ${x ? `${x} as x, ` : ""}${measure} as y from (select * from events ${filter}) where ${days} ${x ? "group by x order by x nulls first" : ""}`;
    const theirs = (await duck.runAndReadAll(text)).getRowsJson();
    expect(ours.body.rows, `${JSON.stringify(config)} ${zone}\n${text}`).toEqual(theirs);
    points += theirs.length;
  }
  console.log(`aggregates: ${queries} widget queries, ${points} points equal DuckDB's (seed ${SEED})`);
  expect(points).toBeGreaterThan(1000);
}, 120_000);
