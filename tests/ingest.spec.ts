// Rows that come in many pieces: all of them or none, whatever fails on the way.
import { request } from "node:http";
import { expect, test } from "vitest";
import { type Answer, type Owner, baseUrl, owner, world } from "./world.ts";

world({ MAX_UPLOAD_BYTES: String(40 << 20), ROW_LIMIT: "800000" });

const columns = [
  { name: "n", type: "integer", nullable: false },
  { name: "day", type: "date", nullable: true },
  { name: "text", type: "text", nullable: true },
];

async function dataset(by: Owner): Promise<string> {
  const { status, body } = await by.send("POST", "/api/datasets", { body: { name: "d", columns } });
  expect(status, JSON.stringify(body)).toBe(201);
  return body.id;
}

/** A CSV of rows from 0, about 50 bytes each: 100,000 are three parts of an upload. */
const csv = (rows: number) => `n,day,text\n${Array.from({ length: rows }, (_, n) => `${n},2026-01-31,"it's; ""ü"" ${n % 7} ........"\n`).join("")}`;
const MANY = csv(100_000);

const upload = (by: Owner, id: string, body: string, headers: Record<string, string> = {}, path = "append"): Promise<Answer> =>
  by.send("POST", `/api/datasets/${id}/${path}`, { body, headers: { "content-type": "text/csv", ...headers }, timeoutMs: 60_000 });

async function count(by: Owner): Promise<number> {
  const { status, body } = await by.send("POST", "/api/query", { body: { sql: "select count(*), count(distinct n) from d" } });
  expect(status, JSON.stringify(body)).toBe(200);
  const [[rows, distinct]] = body.rows;
  expect(distinct).toBe(rows);
  return rows;
}

test("a long upload comes in parts, whole, and is replaced by another", async () => {
  const ada = await owner("Ada");
  const id = await dataset(ada);
  const body = csv(600_000);
  expect(body.length).toBeGreaterThan(20 << 20);
  expect((await upload(ada, id, body)).body).toMatchObject({ added: 600_000, skipped: 0, rowCount: 600_000, version: 1 });
  expect(await count(ada)).toBe(600_000);
  expect((await upload(ada, id, MANY, {}, "replace")).body).toMatchObject({ added: 100_000, rowCount: 100_000, version: 2 });
  const list = JSON.stringify(Array.from({ length: 60_000 }, (_, n) => ({ n: n + 100_000, text: "x".repeat(30) })));
  expect((await upload(ada, id, list, { "content-type": "application/json" })).body).toMatchObject({ added: 60_000, rowCount: 160_000 });
  expect(await count(ada)).toBe(160_000);
}, 120_000);

test("a row that does not fit, at the end of a long upload, adds nothing, or is skipped", async () => {
  const ada = await owner("Ada");
  const id = await dataset(ada);
  const { status, body } = await upload(ada, id, `${MANY}x,,\n`);
  expect([status, body.field]).toEqual([400, "rows"]);
  expect(body.message).toContain('row 100001, column n: "x"');
  expect(await count(ada)).toBe(0);
  expect((await upload(ada, id, `${MANY}x,,\n`, {}, "append?onError=skip")).body).toMatchObject({ added: 100_000, skipped: 1 });
}, 60_000);

test("too many rows or bytes are refused, and leave nothing", async () => {
  const ada = await owner("Ada");
  const id = await dataset(ada);
  const full = await upload(ada, id, csv(801_000));
  expect([full.status, full.body.code]).toEqual([409, "QUOTA_EXCEEDED"]);
  expect(await count(ada)).toBe(0);
  const long = await upload(ada, id, "n,day,text\n".padEnd((40 << 20) + 1, `1,,${"x".repeat(1019)}\n`));
  expect([long.status, long.body.code]).toEqual([413, "PAYLOAD_TOO_LARGE"]);
  const undeclared = await piecewise(ada, id, Array.from({ length: 42 }, () => `1,,${"x".repeat(1019)}\n`.repeat(1 << 10)));
  expect(undeclared).toBe(413);
  const other = await ada.send("POST", "/api/datasets", { body: `"${"x".repeat(2 << 20)}"` });
  expect([other.status, other.body.code]).toEqual([413, "PAYLOAD_TOO_LARGE"]);
  expect(await count(ada)).toBe(0);
}, 60_000);

/** Sends a CSV in chunks, without its length, and goes away in the middle if it is told to; gives the status. */
function piecewise(by: Owner, id: string, pieces: string[], leaves = false): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { cookie: by.cookies, origin: baseUrl(), "content-type": "text/csv" };
    const sent = request(`${baseUrl()}/api/datasets/${id}/append`, { method: "POST", headers }, (answer) => {
      answer.resume();
      answer.on("end", () => resolve(answer.statusCode!));
    });
    sent.on("error", (error) => (leaves ? resolve(0) : reject(error)));
    sent.write("n,day,text\n");
    for (const piece of pieces) sent.write(piece);
    if (leaves) setTimeout(() => sent.destroy(), 1500);
    else sent.end();
  });
}

test("a client that goes away in the middle leaves nothing, and can come again", async () => {
  const ada = await owner("Ada");
  const id = await dataset(ada);
  await upload(ada, id, csv(3));
  expect(await piecewise(ada, id, [MANY.slice(MANY.indexOf("\n") + 1)], true)).toBe(0);
  expect(await count(ada)).toBe(3);
  expect((await upload(ada, id, MANY, {}, "replace")).body).toMatchObject({ added: 100_000, rowCount: 100_000 });
}, 60_000);

test("a store that fails, loses its answer or is restarted at any call adds all or nothing, and a retry adds once", async () => {
  const ada = await owner("Ada");
  const id = await dataset(ada);
  let rows = 0;
  const seen: string[] = [];
  for (const fault of ["fail", "lost", "restart", "stop"]) {
    for (let at = 1; at <= 4; at++) {
      const key = { "idempotency-key": `${fault} ${at}` };
      const body = csv(rows + 100_000).split("\n").slice(rows + 1).join("\n");
      const first = await upload(ada, id, `n,day,text\n${body}`, { ...key, "x-test-store-fault": `${fault}:${at}` });
      expect([200, 500], `${fault} ${at}: ${JSON.stringify(first.body)}`).toContain(first.status);
      const before = await count(ada);
      // Whoever was answered may rely on it; who was not, sees all or nothing.
      expect(first.status === 200 ? [rows + 100_000] : [rows, rows + 100_000], `${fault} ${at}`).toContain(before);
      seen.push(`${fault} ${at}: ${first.status}${first.status === 500 && before > rows ? ", added" : ""}`);
      const again = await upload(ada, id, `n,day,text\n${body}`, key);
      expect(again.body, `${fault} ${at}`).toMatchObject({ added: 100_000, rowCount: rows + 100_000 });
      rows += 100_000;
      expect(await count(ada), `${fault} ${at}`).toBe(rows);
      if (rows > 300_000) {
        await upload(ada, id, csv(0), {}, "replace");
        rows = 0;
      }
    }
  }
  console.log(`store faults: ${seen.join("; ")}`);
  expect(seen.filter((fault) => fault.endsWith("added")).length).toBeGreaterThan(0);
}, 300_000);

test("a database that fails before or after the store leaves a dataset that answers", async () => {
  const ada = await owner("Ada");
  const id = await dataset(ada);
  await upload(ada, id, csv(3));
  expect((await upload(ada, id, MANY, { "x-test-d1-fault": "fail-after:1" })).status).toBe(500);
  expect(await count(ada)).toBe(3);
  // The definition has changed, but who asked was not told, and the store not yet.
  const [n, ...others] = (await ada.send("GET", `/api/datasets/${id}`)).body.columns;
  const changed = [{ ...n, name: "number", type: "decimal" }, ...others];
  const lost = { headers: { "x-test-d1-fault": "lost-once:2" } };
  expect((await ada.send("PATCH", `/api/datasets/${id}`, { body: { columns: changed }, ...lost })).status).toBe(500);
  const { body } = await ada.send("POST", "/api/query", { body: { sql: "select sum(number) as total from d" } });
  expect([body.rows, body.columns]).toEqual([[[3]], [{ name: "total", type: "decimal" }]]);
  // The dataset is gone, but the store was not told: another of its name is empty.
  expect((await ada.send("DELETE", `/api/datasets/${id}`, { headers: { "x-test-d1-fault": "lost-once:1" } })).status).toBe(500);
  expect((await upload(ada, id, csv(3))).status).toBe(404);
  const next = await dataset(ada);
  expect(await count(ada)).toBe(0);
  // The store cannot be told, which is no one's concern: it finds out.
  expect((await ada.send("DELETE", `/api/datasets/${next}`, { headers: { "x-test-store-fault": "fail:1" } })).status).toBe(200);
  await dataset(ada);
  expect(await count(ada)).toBe(0);
}, 60_000);

test("what goes in comes out, by each format", async () => {
  const ada = await owner("Ada");
  const all = ["text", "integer", "decimal", "date", "boolean"].map((type) => ({ name: type, type, nullable: true }));
  const { body: made } = await ada.send("POST", "/api/datasets", { body: { name: "all", columns: all } });
  const rows = [
    { text: "=1+1", integer: 9007199254740991, decimal: 0.1, date: "2026-01-31", boolean: true },
    { text: "ü\u{1f600}\r\n\"x\",;\t", integer: -9007199254740991, decimal: -1e-300, date: "2026-01-31T09:30:00.000Z", boolean: false },
    { text: "null", integer: 0, decimal: 1.7976931348623157e308, date: null, boolean: null },
    { text: null, integer: null, decimal: null, date: "0001-01-01", boolean: null },
  ];
  const lines = (values: object[]) => values.map((value) => `${JSON.stringify(value)}\n`).join("");
  const take = (verb: string, body: string, type: string) => ada.send("POST", `/api/datasets/${made.id}/${verb}`, { body, headers: { "content-type": type } });
  const give = async (query: string) => {
    const answer = await ada.send("GET", `/api/datasets/${made.id}/export?${query}`);
    expect(answer.status).toBe(200);
    return answer;
  };
  expect((await take("append", lines(rows), "application/x-ndjson")).body.added).toBe(4);
  const back = async () => String((await give("format=ndjson")).body).trim().split("\n").map((line) => JSON.parse(line));
  expect(await back()).toEqual(rows);
  await take("replace", (await give("format=csv&formulas=keep")).body, "text/csv");
  expect(await back()).toEqual(rows);
  await take("replace", JSON.stringify(rows), "application/json");
  expect(await back()).toEqual(rows);
  const safe = await give("");
  expect(safe.headers.get("content-disposition")).toBe("attachment; filename*=UTF-8''all%2Ecsv");
  expect(safe.body).toContain("\"'=1+1\",9007199254740991,0.1");
  const { body: profile } = await ada.send("POST", `/api/datasets/${made.id}/profile`, { body: { columns: ["integer", "boolean"] } });
  expect(profile.columns).toEqual([
    { name: "integer", type: "integer", count: 3, nulls: 1, distinct: 3, min: -9007199254740991, max: 9007199254740991,
      top: [-9007199254740991, 0, 9007199254740991].map((value) => ({ value, count: 1 })) },
    { name: "boolean", type: "boolean", count: 2, nulls: 2, distinct: 2, min: false, max: true, top: [false, true].map((value) => ({ value, count: 1 })) },
  ]);
  const inferred = await ada.send("POST", "/api/infer", { body: String((await give("formulas=keep")).body), headers: { "content-type": "text/csv" } });
  expect(inferred.body.columns.map(({ type }: { type: string }) => type)).toEqual(["text", "integer", "decimal", "date", "boolean"]);
});

test("a long export is whole", async () => {
  const ada = await owner("Ada");
  const id = await dataset(ada);
  await upload(ada, id, MANY);
  const { body } = await ada.send("GET", `/api/datasets/${id}/export`, { timeoutMs: 30_000 });
  expect(body.replaceAll("\r\n", "\n")).toBe(MANY);
}, 60_000);
