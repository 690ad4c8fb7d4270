// Widgets answer with numbers, and a dashboard with all of its widgets at once.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Owner, owner, world } from "./world.ts";

world();

const data = (file: string) => readFileSync(join(import.meta.dirname, "../node_modules/vega-datasets/data", file), "utf8");
const column = (name: string, type: string) => ({ name, type, nullable: true });
const WEATHER = [column("date", "date"), ...["precipitation", "temp_max", "temp_min", "wind"].map((name) => column(name, "decimal")), column("weather", "text")];

async function made(by: Owner, path: string, body: object): Promise<any> {
  const answer = await by.send("POST", path, { body });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body;
}

/** Seattle's weather of four years, a public data set, and an empty dashboard. */
async function weather(by: Owner, rows = data("seattle-weather.csv")) {
  const dataset = await made(by, "/api/datasets", { name: "weather", columns: WEATHER });
  const append = (csv: string) => by.send("POST", `/api/datasets/${dataset.id}/append`, { body: csv, headers: { "content-type": "text/csv" } });
  expect((await append(rows)).body.added).toBe(rows.trim().split("\n").length - 1);
  const dashboard = await made(by, "/api/dashboards", { name: "Seattle" });
  const widget = (config: object) => made(by, "/api/widgets", { dashboardId: dashboard.id, datasetId: dataset.id, title: "w", kind: "bar", config });
  return { dataset, dashboard, widget, append };
}

const query = (by: Owner, widget: { id: string }, view = "", headers = {}) => by.send("GET", `/api/widgets/${widget.id}/query${view}`, { headers });

test("a widget draws a public data set", async () => {
  const ada = await owner("Ada");
  const { dataset, widget } = await weather(ada);
  const hottest = await widget({ xField: "date", yField: "temp_max", aggregate: "max" });
  const { status, body, d1Calls } = await query(ada, hottest);
  expect([status, d1Calls]).toEqual([200, 2]);
  expect(body.columns).toEqual([{ name: "date", type: "date" }, { name: "temp_max", type: "decimal" }]);
  expect(body.rows).toHaveLength(48);
  expect(body.rows[7]).toEqual(["2012-08-01", 34.4]);
  expect(body).toMatchObject({ truncated: false, datasetVersions: { [dataset.id]: 1 } });
  const days = await widget({ sql: "select weather, count(*) as days from weather group by weather order by days desc" });
  expect((await query(ada, days)).body.rows[0]).toEqual(["rain", 641]);
});

test("who asks again is answered from memory, or not at all, until the rows change", async () => {
  const [ada, bob] = [await owner("Ada"), await owner("Bob")];
  const [ours, theirs] = [await weather(ada), await weather(bob, "date,wind\n2026-01-01,9\n")];
  const total = { yField: "wind", aggregate: "sum" };
  const [hers, his] = [await ours.widget(total), await theirs.widget(total)];
  const first = await query(ada, hers);
  expect(first.body.rows[0][0]).toBeCloseTo(4735.3, 6);
  expect(first.body.rowsRead).toBeGreaterThan(1000);
  const again = await query(ada, hers);
  expect([again.body.rows, again.body.rowsRead]).toEqual([first.body.rows, 0]);
  const tag = first.headers.get("etag")!;
  expect(tag).toMatch(/^W\/"[0-9a-f]{32}"$/);
  expect(again.headers.get("etag")).toBe(tag);
  const known = await query(ada, hers, "", { "if-none-match": tag });
  expect([known.status, known.body, known.headers.get("etag"), known.d1Calls]).toEqual([304, "", tag, 2]);
  // The other organization's memory is its own, though it asks the same by the same names.
  expect((await query(bob, his)).body.rows).toEqual([[9]]);
  expect((await query(bob, hers, "", { "if-none-match": tag })).status).toBe(404);

  expect((await ours.append("date,wind\n2026-01-01,1000\n")).status).toBe(200);
  const changed = await query(ada, hers, "", { "if-none-match": tag });
  expect([changed.status, changed.body.rowsRead > 1000]).toEqual([200, true]);
  expect(changed.body.rows[0][0]).toBeCloseTo(first.body.rows[0][0] + 1000, 6);
  expect((await query(bob, his)).body).toMatchObject({ rows: [[9]], rowsRead: 0 });
});

test("a dashboard answers in one call, each widget with its own result or error", async () => {
  const [ada, bob] = [await owner("Ada"), await owner("Bob")];
  const { dashboard, widget } = await weather(ada);
  const configs = [
    { xField: "date", yField: "temp_max", aggregate: "avg" },
    { sql: "select sum(9223372036854775807) from weather" },
    { sql: "select count(*) from weather a, weather b, weather c" },
    ...Array.from({ length: 7 }, (_, i) => ({ sql: `select max(wind) + ${i} as top from weather` })),
  ];
  const widgets = [];
  for (const config of configs) widgets.push(await widget(config));
  const path = `/api/dashboards/${dashboard.id}/query`;
  const { status, body, d1Calls, headers } = await ada.send("GET", path);
  expect([status, d1Calls, body.widgets.map((w: any) => w.id)]).toEqual([200, 2, widgets.map((w) => w.id)]);
  expect(body.widgets[0].result.rows).toHaveLength(48);
  expect(body.widgets[1]).toMatchObject({ result: null, error: { code: "INVALID_INPUT", field: "config.sql" } });
  expect(body.widgets[2].error.message).toContain("steps");
  expect(body.widgets.slice(3).map((w: any) => w.result.rows)).toEqual([0, 1, 2, 3, 4, 5, 6].map((i) => [[9.5 + i]]));
  expect((await ada.send("GET", path, { headers: { "if-none-match": headers.get("etag")! } })).status).toBe(304);
  expect((await bob.send("GET", path)).status).toBe(404);
});

test("what cannot be drawn is not saved, and what would break is told first", async () => {
  const ada = await owner("Ada");
  const { dataset, dashboard, widget } = await weather(ada);
  const refused = await ada.send("POST", "/api/widgets", {
    body: { dashboardId: dashboard.id, datasetId: dataset.id, title: "w", kind: "bar", config: { xField: "temperature", yField: "wind", aggregate: "sum" } },
  });
  expect([refused.status, refused.body.field]).toEqual([400, "config.xField"]);
  expect(refused.body.message).toContain("columns: date, precipitation, temp_max");
  const drawn = await widget({ sql: "select wind from weather" });
  const path = `/api/datasets/${dataset.id}`;
  for (const [method, body] of [["PATCH", { columns: WEATHER.slice(0, 4) }], ["PATCH", { name: "rain" }], ["DELETE", undefined]] as const) {
    const answer = await ada.send(method, path, { body });
    expect([answer.status, answer.body.code, answer.body.widgets.map((w: any) => w.id)]).toEqual([409, "WIDGETS_WOULD_BREAK", [drawn.id]]);
  }
  expect((await ada.send("PATCH", path, { body: { columns: WEATHER.slice(0, 4), force: true } })).status).toBe(200);
  expect((await query(ada, drawn)).body).toMatchObject({ code: "INVALID_INPUT", field: "config.sql" });
  expect((await ada.send("DELETE", `${path}?force=true`)).body).toEqual({ id: dataset.id, deleted: true });
  expect((await ada.send("GET", `/api/widgets/${drawn.id}`)).body.datasetId).toBe(null);
});
