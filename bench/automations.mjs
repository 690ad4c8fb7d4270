// What a tick costs: `npm run bench`. 10,000 automations of 1,000 organizations, 1,000 of them due; and the same 1,000 among no
// others. A tick's cost grows with what is due, not with all.
import { createTestHarness } from "wrangler";

const ORGANIZATIONS = 1000;
const DUE = 1000;
const ROUNDS = 5;

const secrets = { BETTER_AUTH_SECRET: "a-secret-that-only-the-bench-knows" };
const vars = { ENVIRONMENT: "development", RATE_LIMIT: "false" };

/** Ticks with so many automations; gives the median time of one, and how many D1 calls and messages it took. */
async function measure(automations) {
  const server = createTestHarness({ workers: [{ configPath: "wrangler.toml", prebuiltWorkerDir: "dist/bench", vars, secrets }] });
  const { url } = await server.listen();
  const worker = server.getWorker();
  await worker.applyD1Migrations("DB");
  const { DB } = await worker.getEnv();
  const now = new Date().toISOString();
  const numbers = "with recursive n (i) as (select 0 union all select i + 1 from n where i < ?1 - 1)";
  const run = (sql, ...values) => DB.prepare(sql).bind(...values).run();
  await run(`${numbers} insert into organization (id, name, slug, createdAt) select 'o' || i, 'O', 'o' || i, ?2 from n`, ORGANIZATIONS, now);
  await run(`${numbers} insert into dashboard (id, org_id, name, created_at, updated_at) select printf('db_%032x', i), 'o' || i, 'D', ?2, ?2 from n`, ORGANIZATIONS, now);
  await run(
    `${numbers} insert into automation (id, org_id, name, is_enabled, config, schedule, created_at, updated_at)
     select printf('au_%032x', i), 'o' || (i % ${ORGANIZATIONS}), 'A', 1,
       json_object('type', 'scheduled_report', 'dashboardId', printf('db_%032x', i % ${ORGANIZATIONS}), 'format', 'csv',
         'channels', json('[{"type":"email","to":["ada@example.com"]}]')),
       '{"cron":"0 0 1 1 *","timeZone":"UTC"}', ?2, ?2 from n`,
    automations,
    now,
  );
  const calls = async () => Number(await (await fetch(new URL("/__bench/tick-calls", url))).text());
  const times = [];
  let cost;
  for (let round = 0; round < ROUNDS; round++) {
    await run("update automation set next_run_at = '2099-01-01T00:00:00.000Z', dispatched_until = null");
    await run("update automation set next_run_at = ?2 where rowid in (select rowid from automation order by id limit ?1)", DUE, now);
    const before = await calls();
    const start = performance.now();
    const { outcome } = await worker.scheduled({ cron: "* * * * *", scheduledTime: new Date() });
    times.push(performance.now() - start);
    if (outcome !== "ok") throw new Error(`the tick ended with ${outcome}`);
    cost = (await calls()) - before;
  }
  await server.close();
  return { ms: times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)], calls: cost };
}

const few = await measure(DUE);
const many = await measure(10_000);
const line = ({ ms, calls }) => `${ms.toFixed(0)} ms, ${calls} D1 calls`;
console.log(`a tick with ${DUE} automations due of ${ORGANIZATIONS} organizations: ${line(many)} among 10,000; ${line(few)} among ${DUE}`);
if (many.calls !== few.calls) throw new Error("the calls of a tick grow with what is not due");
