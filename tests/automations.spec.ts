// Automations in workerd: the cron trigger finds what is due, the queue carries it, and a run does it.
import { beforeAll, expect, test, vi } from "vitest";
import { type Owner, db, member, owner, queue, scheduled, world } from "./world.ts";

world();

const EVERY_MINUTE = "* * * * *";
const PATIENCE = { timeout: 15_000, interval: 50 };
let ada: Owner;
let dataset: string;

beforeAll(async () => {
  ada = await owner("Ada");
  dataset = await sales(ada);
});

async function sales(someone: Owner): Promise<string> {
  const columns = [{ name: "n", type: "integer", nullable: true }];
  const { id } = (await someone.send("POST", "/api/datasets", { body: { name: "sales", columns } })).body;
  await someone.send("POST", `/api/datasets/${id}/append`, { body: { rows: [{ n: 7 }, { n: 8 }] } });
  return id;
}

const alert = (of: string) => ({
  type: "threshold_alert",
  datasetId: of,
  sql: "select sum(n) from sales",
  operator: "gt",
  threshold: 10,
  noData: "ok",
  channels: [{ type: "email", to: ["ada@example.com"] }],
});

/** A new automation that is due once a year, and its slot of a moment ago, at which it is made due. */
async function due(by: { send: Owner["send"] }, of = dataset) {
  const body = { name: "Watch", config: alert(of), schedule: { cron: "0 0 1 1 *", timeZone: "UTC" } };
  const { status, body: automation } = await by.send("POST", "/api/automations", { body });
  expect(status).toBe(201);
  return { id: automation.id as string, slot: await makeDue(automation.id) };
}

/** Has the automation's schedule name this very minute, and gives that slot. */
async function makeDue(id: string) {
  const now = new Date();
  const slot = new Date(Math.floor(now.getTime() / 60_000) * 60_000);
  const cron = `${slot.getUTCMinutes()} ${slot.getUTCHours()} ${slot.getUTCDate()} ${slot.getUTCMonth() + 1} *`;
  await (await db())
    .prepare("update automation set schedule = json_set(schedule, '$.cron', ?), next_run_at = ?, dispatched_until = null where id = ?")
    .bind(cron, slot.toISOString(), id)
    .run();
  return slot.toISOString();
}

interface Run {
  id: string;
  status: string;
  result: any;
  error: string | null;
}

const runsOf = async (id: string) => (await ada.send("GET", `/api/automation-runs?automationId=${id}`)).body.items as Run[];
/** A run with its evidence. */
const shown = async ({ id }: Run) => (await ada.send("GET", `/api/automation-runs/${id}`)).body as Run;

/** The automation's runs, once there are so many and all are over. */
const over = (id: string, count: number) =>
  vi.waitFor(async () => {
    const runs = await runsOf(id);
    expect([runs.length, runs.filter(({ status }) => status === "queued" || status === "running")]).toEqual([count, []]);
    return runs;
  }, PATIENCE);

const tick = async () => expect(await scheduled(EVERY_MINUTE)).toMatchObject({ outcome: "ok" });

test("what is due runs once, by cron trigger and queue, and keeps its evidence", async () => {
  const { id, slot } = await due(ada);
  await Promise.all([tick(), tick()]);
  const [run] = await over(id, 1);
  expect(run!.result.evidence).toBeUndefined();
  expect(await shown(run!)).toMatchObject({
    status: "succeeded",
    scheduledFor: slot,
    attempt: 1,
    createdBy: null,
    result: {
      values: [{ group: "", value: 15 }],
      phase: "firing",
      evidence: { rows: [[15]], statementHash: expect.stringMatching(/^[0-9a-f]{32}$/), datasetVersions: { [dataset]: expect.any(Number) } },
      notice: { kind: "alert", title: "Watch: alert", text: "15 is above 10." },
    },
  });
  const { body } = await ada.send("GET", `/api/automations/${id}/status`);
  expect(body).toMatchObject({ isEnabled: true, waitingRuns: 0, failureCount: 0, phase: "firing", state: { series: { "": { phase: "firing" } } } });
  expect(new Date(body.nextRunAt).getTime()).toBeGreaterThan(Date.now());
});

test("messages that come again, or that nobody sent, change nothing", async () => {
  const { id, slot } = await due(ada);
  await tick();
  await over(id, 1);
  const bob = await owner("Bob");
  const other = await due(bob, await sales(bob));
  const database = await db();
  await database.prepare("update automation set next_run_at = '2099-01-01T00:00:00.000Z' where id = ?").bind(other.id).run();
  const all = async () => JSON.stringify(await Promise.all(["automation", "automation_run"].map(async (table) => (await database.prepare(`select * from ${table} order by id`).all()).results)));
  const before = await all();
  const messages = await queue();
  const forged = [
    { orgId: ada.orgId, id, slot },
    { orgId: ada.orgId, id, slot },
    { orgId: bob.orgId, id, slot },
    { orgId: ada.orgId, id: other.id, slot: other.slot },
    { orgId: bob.orgId, id: other.id, slot: other.slot },
    { orgId: bob.orgId, id: other.id, slot: new Date().toISOString() },
    { orgId: ada.orgId, id, slot: "yesterday" },
    { orgId: ada.orgId, id: "au_1", slot },
    { orgId: ada.orgId, id, slot, userId: ada.id },
    { sql: "select 1" },
    "a text",
    null,
  ];
  for (const message of forged) await messages.send(message);
  // What comes after them has been dealt with after them.
  const last = await due(ada);
  await tick();
  await over(last.id, 1);
  const without = async () => {
    await database.prepare("delete from automation where id = ?").bind(last.id).run();
    return all();
  };
  expect(await without()).toBe(before);
});

test("an automation ends with its owner's rights, and says so", async () => {
  const grace = await member(ada);
  const headers = { "x-organization-id": ada.orgId };
  const { id } = await due({ send: (method, path, sent) => grace.send(method, path, { ...sent, headers }) });
  await (await db()).prepare("delete from member where userId = ? and organizationId = ?").bind(grace.id, ada.orgId).run();
  await tick();
  const [run] = await over(id, 1);
  expect(run).toMatchObject({ status: "failed", error: "The member whom it runs as is gone.", result: { notice: { kind: "paused" } } });
  expect((await shown(run!)).result.evidence).toBeUndefined();
  expect((await ada.send("GET", `/api/automations/${id}`)).body.isEnabled).toBe(false);
  expect((await ada.send("GET", `/api/automations/${id}/status`)).body).toMatchObject({ isEnabled: false, nextRunAt: null });
});

test("a run that is asked for begins without a tick", async () => {
  const { id } = await due(ada);
  await (await db()).prepare("update automation set next_run_at = null, is_enabled = 0 where id = ?").bind(id).run();
  const { status, body } = await ada.send("POST", `/api/automations/${id}/run`);
  expect([status, body.status, body.createdBy]).toEqual([200, "queued", ada.id]);
  expect(await over(id, 1)).toMatchObject([{ id: body.id, status: "succeeded" }]);
});
