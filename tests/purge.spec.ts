// The cron trigger: what is over is deleted.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Database, harness } from "./world.ts";

const deployment = harness({ AUDIT_RETENTION_DAYS: "400" });
const worker = deployment.getWorker<{ DB: Database }>();
beforeAll(async () => {
  await deployment.listen();
  await worker.applyD1Migrations("DB");
});
afterAll(() => deployment.close());

test("deletes more than a batch of what is over, and nothing else", async () => {
  const { DB } = await worker.getEnv();
  const fill = `with recursive n (i) as (select 1 union all select i + 1 from n where i < 1200)
    insert into verification (id, identifier, value, expiresAt, createdAt, updatedAt) select i, 'x', 'v', ?, ?, ? from n`;
  const [over, now] = [new Date(0).toISOString(), new Date().toISOString()];
  await DB.prepare(fill).bind(over, now, now).run();
  const later = new Date(Date.now() + 60_000).toISOString();
  await DB.prepare("insert into verification (id, identifier, value, expiresAt, createdAt, updatedAt) values ('good', 'x', 'v', ?, ?, ?)").bind(later, now, now).run();

  expect(await worker.scheduled({ cron: "17 * * * *", scheduledTime: new Date() })).toMatchObject({ outcome: "ok" });

  const { results } = await DB.prepare("select id from verification").all<{ id: string }>();
  expect(results).toEqual([{ id: "good" }]);
});

test("events of audit logs go by age, each log's from its beginning, and leave an anchor", async () => {
  const { DB } = await worker.getEnv();
  const at = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
  for (const id of ["old", "young"]) await DB.prepare("insert into organization (id, name, slug, createdAt) values (?1, ?1, ?1, ?2)").bind(id, at(900)).run();
  const insert = `with recursive n (i) as (select 1 union all select i + 1 from n where i < 250)
    insert into audit_event (org_id, seq, at, user_id, actor, door, operation, verdict, prev_hash, hash)
    select ?1, i, iif(i <= 240, ?2, ?3), 'u', 'session', 'rest', 'x', 'done', 'hash ' || (i - 1), 'hash ' || i from n`;
  await DB.prepare(insert).bind("old", at(401), at(399)).run();
  await DB.prepare(insert).bind("young", at(399), at(1)).run();

  expect(await worker.scheduled({ cron: "17 * * * *", scheduledTime: new Date() })).toMatchObject({ outcome: "ok" });

  const { results } = await DB.prepare("select org_id, min(seq) as first, max(seq) as last from audit_event group by 1 order by 1").all();
  expect(results).toEqual([{ org_id: "old", first: 241, last: 250 }, { org_id: "young", first: 1, last: 250 }]);
  expect((await DB.prepare("select * from audit_anchor").all()).results).toEqual([{ org_id: "old", seq: 240, hash: "hash 240" }]);
});
