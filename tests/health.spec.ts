// The Worker runs and answers.
import { expect, test } from "vitest";
import { send, world } from "./world.ts";

world();

test("health says ok", async () => {
  const answer = await send("GET", "/api/health");
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({ status: "ok" });
});
