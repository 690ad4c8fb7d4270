// The cron trigger: what is over is deleted.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Database, harness } from "./world.ts";

const deployment = harness();
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
