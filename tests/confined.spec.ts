// SQL of one organization, by REST, does not depend on another's; nothing that would not end starts.
import { expect, test } from "vitest";
import { attacks, endless, functionCalls } from "./corpus.ts";
import { type Owner, owner, send, world } from "./world.ts";

world();

/** Time for one request: far more than any takes, far less than for ever. */
const CEILING_MS = 20_000;

const columns = (types: Record<string, string>) => Object.entries(types).map(([name, type]) => ({ name, type, nullable: true }));
const SALES = columns({ day: "date", amount: "decimal", region: "text", customer: "integer", paid: "boolean" });
const CUSTOMERS = columns({ id: "integer", name: "text", region: "text" });

async function dataset(by: Owner, name: string, columns: object[], csv: string): Promise<void> {
  const { status, body } = await by.send("POST", "/api/datasets", { body: { name, columns } });
  expect(status, JSON.stringify(body)).toBe(201);
  const added = await by.send("POST", `/api/datasets/${body.id}/append`, { body: csv, headers: { "content-type": "text/csv" }, timeoutMs: CEILING_MS });
  expect(added.status, JSON.stringify(added.body)).toBe(200);
}

async function small(by: Owner): Promise<void> {
  await dataset(by, "sales", SALES, "day,amount,region,customer,paid\n2026-01-01,10.5,north,1,true\n2026-01-01,20,south,2,false\n2025-12-31,5,north,1,true\n2025-12-30,,,3,\n");
  await dataset(by, "customers", CUSTOMERS, "id,name,region\n1,Ada,north\n2,Grace,east\n3,,\n");
}

const query = (by: Owner, sql: string) => by.send("POST", "/api/query", { body: { sql }, timeoutMs: CEILING_MS });

/** Each statement's answer, but for the time that it took. */
async function answers(by: Owner, statements: string[]): Promise<string[]> {
  const found: string[] = [];
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < statements.length; at = next++) {
      const { status, body } = await query(by, statements[at]);
      found[at] = JSON.stringify([status, { ...body, elapsedMs: undefined }]);
    }
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  return found;
}

test("what an organization is answered is the same, byte for byte, once another's data is there", { timeout: 300_000 }, async () => {
  const ada = await owner("Ada");
  await small(ada);
  // No column of a dataset has spaces in its name, and REST takes no text with other control characters: the guard knows both.
  const all = attacks().filter(({ sql }) => !/with space|\f/i.test(sql));
  const statements = all.map(({ sql }) => sql);
  const earlier = await answers(ada, statements);
  const before = await answers(ada, statements);
  for (const [at, { sql, answered }] of all.entries()) {
    const [status, body] = JSON.parse(before[at]);
    expect([status, body.field], `${sql}\n${before[at]}`).toEqual(answered ? [200, undefined] : [400, "sql"]);
  }
  const bob = await owner("Bob");
  await small(bob);
  await dataset(bob, "secrets", columns({ token: "text" }), "token\nknown to Bob alone\n");
  await query(bob, "select * from sales join secrets on 1 = 1");
  const after = await answers(ada, statements);
  // What reads the clock is answered otherwise each time, whoever else is there.
  const isSteady = (_: string, at: number) => earlier[at] === before[at];
  expect(before.filter(isSteady).length).toBeGreaterThan(0.95 * before.length);
  expect(after.filter(isSteady)).toEqual(before.filter(isSteady));
  expect(after.join()).not.toContain("known to Bob alone");
});

test("what would never end does not start, and others are answered meanwhile", { timeout: 300_000 }, async () => {
  const [ada, bob] = [await owner("Ada"), await owner("Bob")];
  const day = (i: number) => `2026-0${Math.floor((i % 100) / 28) + 1}-${String((i % 28) + 1).padStart(2, "0")}`;
  const csv = (head: string, rows: number, row: (i: number) => string) => [head, ...Array.from({ length: rows }, (_, i) => row(i)), ""].join("\n");
  await dataset(ada, "sales", SALES, csv("day,amount,region,customer,paid", 20_000, (i) => `${day(i)},${i},r${i % 10},${i},true`));
  await dataset(ada, "customers", CUSTOMERS, csv("id,name,region", 1000, (i) => `${i},customer ${i},r${i % 10}`));
  await small(bob);
  const all = endless();
  expect(all.length).toBeGreaterThanOrEqual(100);
  for (const { sql } of all) {
    const [heavy, light, health] = await Promise.all([
      query(ada, sql),
      query(bob, "select count(*) from sales"),
      send("GET", "/api/health", { timeoutMs: CEILING_MS }),
    ]);
    expect([heavy.status, heavy.body.field], `${sql}\n${JSON.stringify(heavy.body)}`).toEqual([400, "sql"]);
    expect([light.body.rows, health.status], sql).toEqual([[[4]], 200]);
  }
  expect((await query(ada, "select count(*) from sales")).body.rows).toEqual([[20_000]]);
});

test("the runtime has every function that a statement may call", async () => {
  const ada = await owner("Ada");
  await small(ada);
  const calls = functionCalls();
  expect(calls.length).toBeGreaterThan(50);
  const answered = await answers(ada, calls.map((call) => `select ${call} from sales`));
  expect(answered.filter((answer) => !answer.startsWith("[200,"))).toEqual([]);
});
