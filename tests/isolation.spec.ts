// What one organization does, another neither sees nor touches.
import { expect, test } from "vitest";
import { dump, operations, rows, sample } from "./samples.ts";
import { db, member, owner, world } from "./world.ts";

world();

test("an id of another organization, an absent and a malformed one: nothing read, nothing changed", async () => {
  const [ada, bob] = [await owner("Ada"), await owner("Bob")];
  const [rowsOfAda, rowsOfBob] = [await rows(ada), await rows(bob)];
  const before = await dump();
  for (const operation of (await operations()).filter((o) => o.path.includes("{"))) {
    const kind = operation.path.includes("{automationId}") ? "automation" : operation.name.replace(/_[a-z]+$/, "");
    const foreign = rowsOfBob[kind as keyof typeof rowsOfBob];
    const absent = foreign.replace(/[0-9a-f]{32}$/, "0".repeat(32));
    const ask = (id: string) => ada.send(operation.method, sample(operation, rowsOfAda, id).path, { body: sample(operation, rowsOfAda, id).body });
    const [theirs, nobodys, malformed] = [await ask(foreign), await ask(absent), await ask("x';--")];
    expect(malformed.status, operation.name).toBe(400);
    expect(nobodys.status, operation.name).toBe(404);
    if (operation.effect === "read") {
      expect([theirs.status, theirs.body], operation.name).toEqual([nobodys.status, nobodys.body]);
    } else {
      expect([theirs.status, theirs.body.code], operation.name).toEqual([403, "ORG_PERMISSION_DENIED"]);
      expect(JSON.stringify(theirs.body), operation.name).not.toContain(bob.orgId);
    }
  }
  expect(await dump()).toBe(before);
});

test("an id in a body is looked for in the caller's organization alone", async () => {
  const [ada, bob] = [await owner("Ada"), await owner("Bob")];
  const [rowsOfAda, rowsOfBob] = [await rows(ada), await rows(bob)];
  const before = await dump();
  for (const operation of (await operations()).filter((o) => o.name === "widget_create" || o.name === "automation_create")) {
    const { path, body } = sample(operation, { ...rowsOfAda, dashboard: rowsOfBob.dashboard, dataset: rowsOfBob.dataset });
    const foreign = await ada.send("POST", path, { body });
    const text = JSON.stringify(body).replaceAll(/(ds|db)_[0-9a-f]{32}/g, `$1_${"0".repeat(32)}`);
    const absent = await ada.send("POST", path, { body: text });
    expect(foreign.status, operation.name).toBe(400);
    expect([foreign.status, foreign.body], operation.name).toEqual([absent.status, absent.body]);
  }
  expect(await dump()).toBe(before);
});

test("two tabs hold two organizations, and neither moves the other", async () => {
  const [ada, bob] = [await owner("Ada"), await owner("Bob")];
  const insert = "insert into member (id, organizationId, userId, role, createdAt) values (?, ?, ?, 'admin', '2026-01-01T00:00:00.000Z')";
  await (await db()).prepare(insert).bind(`m-${ada.id}`, bob.orgId, ada.id).run();
  const columns = [{ name: "a", type: "text", nullable: true }];
  const inTab = (organization: string, i: number) =>
    ada.send("POST", "/api/datasets", { body: { name: `d${i}`, columns }, headers: { "x-organization-id": organization } });
  await Promise.all(Array.from({ length: 10 }, (_, i) => inTab(i % 2 ? bob.orgId : ada.orgId, i)));
  const names = async (organization: string) => {
    const { body } = await ada.send("GET", "/api/datasets", { headers: { "x-organization-id": organization } });
    return body.items.map((dataset: { name: string }) => dataset.name).sort();
  };
  expect(await names(ada.orgId)).toEqual(["d0", "d2", "d4", "d6", "d8"]);
  expect(await names(bob.orgId)).toEqual(["d1", "d3", "d5", "d7", "d9"]);
  expect((await ada.send("GET", "/api/me")).body.organizationId).toBe(ada.orgId);
});

test("a removed member is out at the next request", async () => {
  const ada = await owner("Ada");
  const grace = await member(ada, "admin", "Grace");
  const headers = { "x-organization-id": ada.orgId };
  expect((await grace.send("GET", "/api/datasets", { headers })).status).toBe(200);
  await (await db()).prepare("delete from member where userId = ? and organizationId = ?").bind(grace.id, ada.orgId).run();
  expect((await grace.send("GET", "/api/datasets", { headers })).status).toBe(403);
});

test("the database itself refuses a widget on another organization's dashboard", async () => {
  const [ada, bob] = [await owner("Ada"), await owner("Bob")];
  const [rowsOfAda, rowsOfBob] = [await rows(ada), await rows(bob)];
  const move = (await db()).prepare("update widget set dashboard_id = ? where id = ?").bind(rowsOfBob.dashboard, rowsOfAda.widget);
  await expect(move.run()).rejects.toThrow(/FOREIGN KEY/);
});
