// better-auth and Orgscope, side by side: every step of every scenario, and no difference that is not in the list.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { differences, type Difference } from "./normalise.ts";
import { run } from "./run.ts";
import { scenarios } from "./scenarios/index.ts";
import type { Scenario, Step } from "./script.ts";
import { orgscope, reference, type Server } from "./server.ts";

/** `reference` runs the scenarios against better-auth alone, and says what it answers. */
const ALONE = process.env.CONFORMANCE_ONLY === "reference";

describe.each(scenarios)("$name", (scenario: Scenario) => {
  let servers: Server[];
  beforeAll(async () => {
    const vars = scenario.vars ?? {};
    servers = await Promise.all(ALONE ? [reference(vars)] : [reference(vars), orgscope(vars)]);
  });
  afterAll(() => Promise.all(servers?.map((server) => server.close()) ?? []));

  test.each(scenario.steps)("$name", async (step: Step) => {
    const [theirs, ours] = await Promise.all(servers.map((server) => run(step, server)));
    if (ALONE) {
      console.log(`${scenario.name} / ${step.name}: ${theirs!.seen.status ?? ""} ${JSON.stringify(theirs!.seen.body ?? theirs!.seen)?.slice(0, 300)} ${JSON.stringify(theirs!.seen.cookies ?? "").slice(0, 200)}`);
      if (step.kind === "call" && [404, 405, 500].includes(theirs!.seen.status)) expect(theirs!.seen.status).toBe(step.status);
      return;
    }
    const found: Difference[] = differences(theirs!.seen, ours!.seen);
    expect(found).toEqual([]);
    expect(ours!.d1Calls ?? 0).toBeLessThanOrEqual(2);
  });
});
