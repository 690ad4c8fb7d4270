// The audit log over D1: that changes at once all get their place, and that none is without its event.
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { operations, rows } from "./samples.ts";
import { type Answer, type Owner, type Person, db, owner, person, world } from "./world.ts";

world();

const events = async (of: Owner) => (await of.send("GET", "/api/audit?limit=100")).body.items as Record<string, any>[];
const verify = async (of: Owner) => (await of.send("GET", "/api/audit/verify")).body;
const made = (of: Owner, name: string, headers = {}) => of.send("POST", "/api/dashboards", { body: { name }, headers });

test("twenty changes at once in one organization all succeed, each with its event", async () => {
  const ada = await owner("Ada");
  const answers: Answer[] = await Promise.all(Array.from({ length: 20 }, (_, i) => made(ada, `d${i}`)));
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201));
  const log = await events(ada);
  expect(log.map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, i) => 20 - i));
  expect(log.map(({ targetId }) => targetId).toSorted()).toEqual(answers.map(({ body }) => body.id).toSorted());
  expect(await verify(ada)).toMatchObject({ isIntact: true, checked: 20, lastSeq: 20 });
  const calls = answers.map(({ d1Calls }) => d1Calls);
  console.log(`twenty changes at once: ${calls.reduce((sum, n) => sum + n)} round trips, at most ${Math.max(...calls)} for one`);
  expect((await made(ada, "alone")).d1Calls).toBe(2);
}, 30_000);

test("what a change without effect and a failing database leave", async () => {
  const ada = await owner("Ada");
  const { id } = (await made(ada, "d")).body;
  const path = `/api/dashboards/${id}`;
  expect((await ada.send("PATCH", path, { body: { name: "x" }, headers: { "if-match": '"2020-01-01T00:00:00.000Z"' } })).status).toBe(412);
  expect((await ada.send("DELETE", path, { headers: { "x-test-d1-fault": "fail-after:1" } })).status).toBe(500);
  expect(await events(ada)).toHaveLength(1);
  // The batch took effect, and the answer is lost: so did the event.
  expect((await ada.send("DELETE", path, { headers: { "x-test-d1-fault": "lost-once:1" } })).status).toBe(500);
  expect(await events(ada)).toMatchObject([{ operation: "dashboard_delete", targetId: id }, { operation: "dashboard_create" }]);
  expect((await made(ada, "next")).status).toBe(201);
  expect(await verify(ada)).toMatchObject({ isIntact: true, checked: 3 });
});

test("a refusal is answered as it is, whatever becomes of its event", async () => {
  const [ada, bob] = [await owner("Ada"), await owner("Bob")];
  const { id } = (await made(ada, "d")).body;
  const refused = (headers = {}) => bob.send("DELETE", `/api/dashboards/${id}`, { headers });
  const [usual, silent] = [await refused(), await refused({ "x-test-d1-fault": "fail-after:2" })];
  expect([usual.status, usual.body, usual.d1Calls]).toEqual([403, silent.body, 3]);
  expect([silent.status, silent.d1Calls]).toEqual([403, 3]);
  expect(await events(bob)).toMatchObject([{ verdict: "denied", code: "ORG_PERMISSION_DENIED", targetId: id }]);
});

test("what Better Auth's endpoints change is in the same log and batch, and what they refuse a member too", async () => {
  const [ada, bob, grace] = [await owner("Ada"), await person("Bob"), await person("Grace")];
  const post = (by: Person, name: string, body: object, headers = {}) =>
    by.send("POST", `/api/auth/organization/${name}`, { body, headers: { "x-organization-id": ada.orgId, ...headers } });
  const done: Answer[] = [];
  for (const someone of [bob, grace]) {
    const invited = await post(ada, "invite-member", { email: someone.email, role: "member" });
    done.push(invited, await post(someone, "accept-invitation", { invitationId: invited.body.id }));
  }
  done.push(await post(ada, "create-team", { name: "Sales" }), await made(ada, "between"), await post(bob, "leave", { organizationId: ada.orgId }));
  expect(done.map(({ status, d1Calls }) => [status, d1Calls])).toEqual(done.map((_, at) => [at === 5 ? 201 : 200, 2]));
  const refused = await post(grace, "update", { organizationId: ada.orgId, data: { name: "Hers" } });
  expect([refused.status, refused.d1Calls]).toEqual([403, 2]);
  // The batch failed: neither. The batch took effect, and the answer is lost: both.
  for (const fault of ["fail-after:1", "lost-once:1"]) expect((await post(ada, "create-team", { name: fault }, { "x-test-d1-fault": fault })).status).toBe(500);
  const names = async () => (await events(ada)).map(({ operation, verdict, userId }) => [operation, verdict, userId]).reverse();
  const change = (name: string, by: Person, verdict = "done") => [`organization/${name}`, verdict, by.id];
  const log = [
    ...[bob, grace].flatMap((someone) => [change("invite-member", ada), change("accept-invitation", someone)]),
    change("create-team", ada), ["dashboard_create", "done", ada.id], change("leave", bob), change("update", grace, "denied"), change("create-team", ada),
  ];
  expect(await names()).toEqual(log);
  const teams = (await ada.send("GET", "/api/auth/organization/list-teams")).body.map(({ name }: { name: string }) => name);
  expect(teams.slice(1)).toEqual(["Sales", "lost-once:1"]);
  // Ten at once, and the operations between them.
  const many = await Promise.all(Array.from({ length: 10 }, (_, at) => (at % 2 ? post(ada, "create-team", { name: `t${at}` }) : made(ada, `d${at}`))));
  expect(many.map(({ status }) => status)).toEqual(many.map((_, at) => (at % 2 ? 200 : 201)));
  expect(await verify(ada)).toMatchObject({ isIntact: true, checked: log.length + 10, firstSeq: 1 });
}, 30_000);

test("the database keeps events as they are, until their organization goes", async () => {
  const ada = await owner("Ada");
  await made(ada, "d");
  const run = async (sql: string) => (await db()).prepare(sql).bind(ada.orgId).run();
  await expect(run("update audit_event set user_id = 'x' where org_id = ?")).rejects.toThrow(/never changed/);
  await expect(run("delete from audit_event where org_id = ?")).rejects.toThrow(/kept for a year/);
  expect((await ada.send("POST", "/api/auth/organization/delete", { body: { organizationId: ada.orgId } })).status).toBe(200);
  const left = await (await db()).prepare("select count(*) as count from audit_event where org_id = ?").bind(ada.orgId).first();
  expect(left).toEqual({ count: 0 });
});

test("an export can be checked by anyone, with nothing but SHA-256", async () => {
  const ada = await owner("Ada");
  await rows(ada);
  const exported: string = (await ada.send("GET", "/api/audit/export")).body;
  const lines = exported.trim().split("\n").map((line) => JSON.parse(line));
  expect(lines.length).toBeGreaterThan(5);
  let before = "0".repeat(64);
  for (const { hash, prevHash, seq, at, userId, actor, door, operation, targetId, argumentsHash, approvalId, verdict, code } of lines) {
    const said = [prevHash, ada.orgId, seq, at, userId, actor, door, operation, targetId, argumentsHash, approvalId, verdict, code];
    expect([prevHash, hash]).toEqual([before, createHash("sha256").update(JSON.stringify(said)).digest("hex")]);
    before = hash;
  }
  expect((await verify(ada)).lastHash).toBe(before);
  const known = (await operations()).map(({ name }) => name);
  for (const { operation } of lines) expect(known).toContain(operation);
});
