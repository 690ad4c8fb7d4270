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

test("a database that fails behind the gate", async () => {
  const ada = await owner("Ada");
  const before = await dump();
  const body = { name: "sales", columns: [{ name: "a", type: "text", nullable: true }] };
  expect(await ada.send("POST", "/api/datasets", { body, headers: { "x-test-d1-fault": "fail-after:1" } })).toMatchObject(internal);
  expect(await dump()).toBe(before);
});
