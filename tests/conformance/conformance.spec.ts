// better-auth and Orgscope, side by side: every step of every scenario, and no difference that is not in the list.
import { appendFileSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { betterAuth } from "better-auth";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { configured } from "../reference.ts";
import { stale, unlisted } from "./compatibility.ts";
import { differences } from "./normalise.ts";
import { run } from "./run.ts";
import { scenarios } from "./scenarios/index.ts";
import type { Scenario, Step } from "./script.ts";
import { orgscope, reference, type Server } from "./server.ts";

/** No request costs more round trips to D1. */
const MOST_D1_CALLS = 2;
/** A file to which the differences that are not in the list are written, as they would stand there. */
const REPORT = process.env.CONFORMANCE_REPORT;

describe.each(scenarios)("$name", (scenario: Scenario) => {
  let theirs: Server;
  let ours: Server;
  beforeAll(async () => {
    const vars = scenario.vars ?? {};
    [theirs, ours] = await Promise.all([reference(vars), orgscope(vars)]);
  });
  afterAll(() => Promise.all([theirs?.close(), ours?.close()]));

  test.each(scenario.steps)("$name", async (step: Step) => {
    const name = `${scenario.name} / ${step.name}`;
    const [expected, actual] = await Promise.all([run(step, theirs), run(step, ours)]);
    const found = unlisted(name, differences(expected.seen, actual.seen));
    if (REPORT) for (const difference of found) appendFileSync(REPORT, `${JSON.stringify(difference)}\n`);
    expect(found).toEqual([]);
    expect(actual.d1Calls ?? 0, "round trips to D1").toBeLessThanOrEqual(MOST_D1_CALLS);
    const { status } = expected.seen;
    if (step.kind === "call" && [404, 405, 500].includes(status)) expect(status, "not meant").toBe(step.status);
  });
});

test("every endpoint of the reference has its row, and its steps", async () => {
  const { api } = betterAuth(configured(new DatabaseSync(":memory:"), "http://localhost", "x".repeat(32), {}, () => {}));
  const theirs = Object.values(api as Record<string, { path?: string; options: { method: string | string[]; metadata?: { SERVER_ONLY?: boolean } } }>)
    .filter(({ path, options }) => path && !options.metadata?.SERVER_ONLY)
    .flatMap(({ path, options }) => [options.method].flat().map((method) => `${method} ${path}`));
  const rows = [...readFileSync("docs/compatibility.md", "utf8").matchAll(/^\| `(\w+ [^`]+)` \|/gm)].map(([, endpoint]) => endpoint!);
  expect(theirs.toSorted()).toEqual(rows.toSorted());
  const asked = scenarios.flatMap(({ steps }) => steps).filter((step) => step.kind === "call");
  const isAsked = (endpoint: string) => asked.some(({ request }) => new RegExp(`^${endpoint.replace(/:\w+/g, "[^/?]+")}(\\?|$)`).test(request));
  expect(rows.filter((endpoint) => !isAsked(endpoint))).toEqual([]);
});

test("the list has no difference that is none any more", () => {
  expect(stale()).toEqual([]);
});
