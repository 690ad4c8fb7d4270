// What fails costs the request that it happens in, and no other.
import { expect, test } from "vitest";
import { dump } from "./samples.ts";
import { type Answer, type Owner, owner, world } from "./world.ts";

world();

const internal = { status: 500, body: { code: "INTERNAL_SERVER_ERROR" } };

/** The answer to a request with that fault, while nine others of the same isolate are in flight. */
async function amongOthers(ada: Owner, fault: string): Promise<Answer> {
  const others = Array.from({ length: 9 }, () => ada.send("GET", "/api/datasets"));
  const faulty = ada.send("GET", "/api/datasets", { headers: { "x-test-d1-fault": fault } });
  for (const answer of await Promise.all(others)) expect(answer.status).toBe(200);
  expect((await ada.send("GET", "/api/me")).status).toBe(200);
  return faulty;
}

test("a panic", async () => {
  const ada = await owner("Ada");
  for (let i = 0; i < 5; i++) expect(await amongOthers(ada, "panic")).toMatchObject(internal);
});

test("a database that fails", async () => {
  const answer = await amongOthers(await owner("Ada"), "fail");
  expect(answer).toMatchObject(internal);
  expect(JSON.stringify(answer.body)).not.toContain("D1_ERROR");
});

test("a database that never answers", async () => {
  expect(await amongOthers(await owner("Ada"), "hang")).toMatchObject(internal);
}, 60_000);

test("a request that D1's own deadline does not end", async () => {
  const answer = await amongOthers(await owner("Ada"), "stuck");
  expect(answer).toMatchObject({ ...internal, body: { message: "The request could not be completed." } });
});

test("an answer that is lost: what only reads is asked once more, what writes is not", async () => {
  const ada = await owner("Ada");
  const ask = (method: string, path: string, fault: string, body?: unknown) =>
    ada.send(method, path, { body, headers: { "x-test-d1-fault": fault } });
  const columns = [{ name: "a", type: "text", nullable: true }];
  const cost = ({ status, d1Calls }: Answer) => [status, d1Calls];
  const names = async () => (await ada.send("GET", "/api/datasets")).body.items.map(({ name }: { name: string }) => name).sort();

  // At the gate, and behind it.
  expect(cost(await ask("GET", "/api/datasets", "lost-once"))).toEqual([200, 3]);
  expect(cost(await ask("GET", "/api/datasets", "lost-once:1"))).toEqual([200, 3]);
  const made = await ask("POST", "/api/datasets", "lost-once", { name: "made", columns });
  expect(cost(made)).toEqual([201, 3]);

  // It was written: asked again, it would be written twice, or refused for itself.
  const lost = await ask("POST", "/api/datasets", "lost-once:1", { name: "lost", columns });
  expect(lost).toMatchObject({ ...internal, d1Calls: 2 });
  expect(await names()).toEqual(["lost", "made"]);
  const path = `/api/datasets/${made.body.id}`;
  // Between the two, a new name is checked against the widgets that may draw it.
  expect(await ask("PATCH", path, "lost-once:2", { name: "changed" })).toMatchObject({ ...internal, d1Calls: 3 });
  expect(await names()).toEqual(["changed", "lost"]);
  expect(await ask("DELETE", path, "lost-once:1")).toMatchObject({ ...internal, d1Calls: 2 });
  expect(await names()).toEqual(["lost"]);

  // Another failure is no lost answer.
  expect(await ask("GET", "/api/datasets", "fail")).toMatchObject({ ...internal, d1Calls: 1 });
});

test("a database that fails behind the gate", async () => {
  const ada = await owner("Ada");
  const before = await dump();
  const body = { name: "sales", columns: [{ name: "a", type: "text", nullable: true }] };
  expect(await ada.send("POST", "/api/datasets", { body, headers: { "x-test-d1-fault": "fail-after:1" } })).toMatchObject(internal);
  expect(await dump()).toBe(before);
});
