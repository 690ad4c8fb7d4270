// Rows go in, and SQL answers over them, and only over them.
import { expect, test } from "vitest";
import { type Owner, db, owner, world } from "./world.ts";

world();

const columns = [
  { name: "day", type: "date", nullable: false },
  { name: "region", type: "text", nullable: true },
  { name: "amount", type: "decimal", nullable: true },
  { name: "sold", type: "integer", nullable: true },
  { name: "paid", type: "boolean", nullable: true },
];

async function sales(by: Owner): Promise<string> {
  const { status, body } = await by.send("POST", "/api/datasets", { body: { name: "sales", columns } });
  expect(status, JSON.stringify(body)).toBe(201);
  return body.id;
}

const append = (by: Owner, id: string, csv: string, query = "") =>
  by.send("POST", `/api/datasets/${id}/append${query}`, { body: csv, headers: { "content-type": "text/csv" } });
const query = (by: Owner, sql: string, more: object = {}) => by.send("POST", "/api/query", { body: { sql, ...more } });

const CSV = `day,region,amount,sold,paid
2026-01-01,north,0.1,9007199254740991,true
2026-01-01,"so;u""th
",1e-7,-1,false
2026-01-02T10:00:00+02:00,,,,
`;

test("what goes in comes out, and SQL counts it", async () => {
  const ada = await owner("Ada");
  const id = await sales(ada);
  const { status, body } = await append(ada, id, CSV);
  expect([status, body]).toEqual([200, { added: 3, skipped: 0, errors: [], rowCount: 3, version: 1 }]);
  const all = await query(ada, "select * from sales order by day, amount desc");
  expect(all.status, JSON.stringify(all.body)).toBe(200);
  expect(all.body.rows).toEqual([
    ["2026-01-01", "north", 0.1, 9007199254740991, 1],
    ["2026-01-01", 'so;u"th\n', 1e-7, -1, 0],
    ["2026-01-02T08:00:00.000Z", null, null, null, null],
  ]);
  expect(all.body).toMatchObject({ truncated: false, datasetVersions: { [id]: 1 }, columns: columns.map(({ name, type }) => ({ name, type })) });
  expect(all.d1Calls).toBe(2);
  const total = await query(ada, "with d as (select substr(day, 1, 10) as day, coalesce(amount, 0) as amount from sales) select day, round(sum(amount), 2) as total, row_number() over (order by day) as n from d where day >= ? group by day", { params: ["2026-01-01"] });
  expect(total.body.rows).toEqual([["2026-01-01", 0.1, 1], ["2026-01-02", 0, 2]]);
  expect((await query(ada, "select sqrt(4.0), ceil(1.2), pow(2, 3), date('now') > '2020-01-01'")).body.rows).toEqual([[2, 2, 8, 1]]);
  const first = await query(ada, "select day from sales order by day", { limit: 2 });
  expect([first.body.rows.length, first.body.truncated]).toEqual([2, true]);
  const replaced = await ada.send("POST", `/api/datasets/${id}/replace`, { body: { rows: [{ day: "2026-03-01", paid: true }] } });
  expect(replaced.body).toMatchObject({ added: 1, rowCount: 1, version: 2 });
});

test("a row that does not fit adds nothing, and a retried append adds once", async () => {
  const ada = await owner("Ada");
  const id = await sales(ada);
  const bad = await append(ada, id, "day,sold\n2026-01-01,1\n2026-01-02,9007199254740993\n");
  expect([bad.status, bad.body.field]).toEqual([400, "rows"]);
  expect(bad.body.message).toContain("row 2, column sold");
  const skipped = await append(ada, id, "day,sold\n2026-01-01,1\n2026-01-02,x\n", "?onError=skip");
  expect(skipped.body).toMatchObject({ added: 1, skipped: 1, rowCount: 1 });
  const once = () => ada.send("POST", `/api/datasets/${id}/append`, { body: { rows: [{ day: "2026-02-01" }] }, headers: { "idempotency-key": "k" } });
  expect((await once()).body.rowCount).toBe(2);
  expect((await once()).body.rowCount).toBe(2);
  expect((await query(ada, "select count(*) from sales")).body.rows).toEqual([[2]]);
});

test("columns change, and their rows stay", async () => {
  const ada = await owner("Ada");
  const id = await sales(ada);
  await append(ada, id, CSV);
  const dataset = (await ada.send("GET", `/api/datasets/${id}`)).body;
  const [day, region, amount, sold] = dataset.columns;
  const next = [{ ...sold, name: "region", type: "text" }, { ...region, name: "sold" }, day, { name: "note", type: "text", nullable: true }, amount];
  const changed = await ada.send("PATCH", `/api/datasets/${id}`, { body: { columns: next, name: "Sales 2026" } });
  expect(changed.status, JSON.stringify(changed.body)).toBe(200);
  const { body } = await query(ada, 'select * from "Sales 2026" order by amount desc limit 1');
  expect([body.rows, body.columns.map((c: { name: string }) => c.name)]).toEqual([
    [["9007199254740991", "north", "2026-01-01", null, 0.1]],
    ["region", "sold", "day", "note", "amount"],
  ]);
});

test("SQL cannot leave its organization", async () => {
  const [ada, bob] = [await owner("Ada"), await owner("Bob")];
  const [ours, theirs] = [await sales(ada), await sales(bob)];
  await append(ada, ours, "day,region\n2026-01-01,ours\n");
  await append(bob, theirs, "day,region\n2026-01-01,theirs\n");
  const asked = async (sql: string) => {
    const { status, body } = await query(ada, sql);
    expect(JSON.stringify(body), sql).not.toContain('"theirs"');
    return [status, body.field];
  };
  expect((await query(ada, "select region from sales")).body.rows).toEqual([["ours"]]);
  for (const sql of [
    `select * from ${theirs}`,
    `select * from main.${theirs}`,
    `select * from "${theirs}"`,
    `select * from ${ours}`,
    "select * from sqlite_schema",
    "select * from pragma_table_list",
    "select * from _dataset",
    "select * from _cf_KV",
    "select 1; select 2",
    "drop table sales",
    "delete from sales returning *",
    "pragma foreign_keys = off",
    "attach ':memory:' as x",
    "select hex(zeroblob(1000000))",
    "with recursive r(n) as (select 1 union all select n + 1 from r) select n from r",
    "select value from json_each('[1]')",
    "select rowid from sales",
  ]) {
    expect(await asked(sql), sql).toEqual([400, "sql"]);
  }
  expect((await query(ada, "select region from sales")).body.rows).toEqual([["ours"]]);
  expect((await query(bob, "select region from sales")).body.rows).toEqual([["theirs"]]);
});

test("what could take too long does not start, and the next query is answered", async () => {
  const ada = await owner("Ada");
  const id = await sales(ada);
  const many = Array.from({ length: 20_000 }, (_, i) => `2026-01-01,r${i % 10},${i},${i},true`).join("\n");
  expect((await append(ada, id, `day,region,amount,sold,paid\n${many}\n`)).body.added).toBe(20_000);
  for (const sql of [
    "select count(*) from sales a, sales b",
    "select count(*) from sales a join sales b on a.day = b.day",
    "select count(*) from sales a join sales b on a.sold < b.sold",
    "select (select count(*) from sales b where b.sold < a.sold) from sales a",
    "with c as materialized (select region from sales) select count(*) from c x, c y",
  ]) {
    const { status, body } = await query(ada, sql);
    expect([status, body.field], sql).toEqual([400, "sql"]);
    expect(body.message, sql).toContain("steps");
  }
  expect((await query(ada, "select count(*) from sales a join sales b on a.sold = b.sold")).body.rows).toEqual([[20_000]]);
  const { body } = await query(ada, "select region, sum(sold) over (order by sold) from sales");
  expect([body.rows.length, body.truncated]).toEqual([10_000, true]);
});

test("an error while it runs is the caller's, and locks nothing", async () => {
  const ada = await owner("Ada");
  const id = await sales(ada);
  await append(ada, id, CSV);
  const { status, body } = await query(ada, "select sum(9223372036854775807) from sales");
  expect([status, body.field]).toEqual([400, "sql"]);
  expect((await ada.send("DELETE", `/api/datasets/${id}`)).status).toBe(200);
  expect((await query(ada, "select * from sales")).status).toBe(400);
});

test("a store whose dataset is gone from D1 answers as if it had never been", async () => {
  const ada = await owner("Ada");
  const id = await sales(ada);
  await append(ada, id, CSV);
  await (await db()).prepare("delete from dataset where id = ?").bind(id).run();
  expect((await query(ada, "select * from sales")).body.message).toContain("there is no dataset named sales");
  expect((await append(ada, id, CSV)).status).toBe(404);
  await sales(ada);
  expect((await query(ada, "select count(*) from sales")).body.rows).toEqual([[0]]);
});
