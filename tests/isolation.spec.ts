// What one organization does, another neither sees nor touches.
import { expect, test } from "vitest";
import { dump, operations, rows, sampleWith } from "./samples.ts";
import { db, member, owner, world } from "./world.ts";

world();

/** An id that nobody has, and that sorts where this one does: a cursor of either is at the same place. */
const neighbour = (id: string) => id.slice(0, -1) + (id.endsWith("0") ? "1" : "0");

test("an id of another organization answers as one that never was: nothing read, nothing changed", async () => {
  const [ada, bob] = [await owner("Ada"), await owner("Bob")];
  const [rowsOfAda, rowsOfBob] = [await rows(ada), await rows(bob)];
  await rows(ada); // newer than Bob's, so that a cursor of his stands between rows of hers
  const all = (await operations()).flatMap((operation) => operation.ids.map((id) => ({ operation, id })));
  expect(all.length).toBeGreaterThanOrEqual(27);

  const before = await dump();
  for (const { operation, id } of all) {
    const cell = `${operation.name}, ${id.in} ${id.name}`;
    const ask = (value: string) => {
      const { path, body } = sampleWith(operation, id, value, rowsOfAda);
      return ada.send(operation.method, path, { body });
    };
    const foreign = rowsOfBob[id.kind];
    const [theirs, nobodys] = [await ask(foreign), await ask(neighbour(foreign))];
    if (id.in === "path" && operation.effect !== "read") {
      expect([theirs.status, theirs.body.code], cell).toEqual([403, "ORG_PERMISSION_DENIED"]);
      expect([nobodys.status, nobodys.body.code], cell).toEqual([404, "NOT_FOUND"]);
    } else {
      expect([nobodys.status, nobodys.body.code, nobodys.body.field], cell).toEqual(
        { path: [404, "NOT_FOUND", undefined], query: [200, undefined, undefined], body: [400, "INVALID_INPUT", id.name] }[id.in],
      );
      expect([theirs.status, theirs.body], cell).toEqual([nobodys.status, nobodys.body]);
    }
    for (const secret of [bob.orgId, bob.id, ...Object.values(rowsOfBob)]) expect(JSON.stringify(theirs.body), cell).not.toContain(secret);
    for (const malformed of ["x';--", foreign.replace(/^\w+_/, "xx_"), foreign.toUpperCase(), `${foreign}0`]) {
      const answer = await ask(malformed);
      expect([answer.status, answer.body.code, answer.body.field], `${cell} ${malformed}`).toEqual([400, "INVALID_INPUT", id.name]);
    }
  }
  expect(await dump()).toBe(before);

  // It was the id that was refused: with his own, each of the same requests is granted.
  for (const { operation, id } of all.filter(({ operation }) => operation.effect !== "destructive")) {
    const { path, body } = sampleWith(operation, id, rowsOfAda[id.kind], rowsOfAda);
    const answer = await ada.send(operation.method, path, { body });
    expect(answer.status, `${operation.name}, ${id.in} ${id.name}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
  }
  console.log(`isolation: ${all.length} id parameters`);
}, 120_000);

test("an organization that is another's answers as one that never was", async () => {
  const [ada, bob] = [await owner("Ada"), await owner("Bob")];
  const ask = (organization: string) => ada.send("GET", "/api/datasets", { headers: { "x-organization-id": organization } });
  const [theirs, nobodys] = [await ask(bob.orgId), await ask("no-such-organization")];
  expect([theirs.status, theirs.body.code]).toEqual([403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION"]);
  expect(theirs.body).toEqual(nobodys.body);
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
