// The protocol's own conformance suite, and its inspector's command line, against /mcp.
//
// The suite sends no credential: a reverse proxy on loopback adds an API key, and stands for the Worker's own origin.
import { spawn } from "node:child_process";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Owner, baseUrl, owner, world } from "./world.ts";

world();

let ada: Owner;
let key: string;
let url: string;
const proxy = createServer((incoming, outgoing) => {
  const { origin, host: _, ...headers } = incoming.headers;
  const own = origin && [url, url.replace("127.0.0.1", "localhost")].includes(`${origin}/mcp`) ? baseUrl() : origin;
  const sent = { ...headers, ...(own && { origin: own }), authorization: `Bearer ${key}` };
  const forward = request(new URL("/mcp", baseUrl()), { method: incoming.method, headers: sent }, (answer) => {
    outgoing.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(outgoing);
  });
  incoming.pipe(forward);
});

beforeAll(async () => {
  ada = await owner("Ada");
  key = (await ada.send("POST", "/api/api-keys", { body: { name: "conformance" } })).body.key;
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/mcp`;
});
afterAll(() => void proxy.close());

async function run(program: string, args: string[]): Promise<string> {
  const child = spawn(process.execPath, [program, ...args]);
  let printed = "";
  child.stdout.on("data", (data) => (printed += data));
  await new Promise((resolve) => child.on("close", resolve));
  return printed;
}

/** What the suite asks of a server that we are not: tools of its own, and features that we do not declare. */
const ABSENT = /^(tools-call-|json-schema-2020-12|resources-|prompts-|completion-|logging-|elicitation-|input-required-|tasks-|http-custom-header-)/;
/** Scenarios of which some checks need those: how many checks do not hold. */
const PARTLY: Record<string, number> = { "server-stateless": 4, caching: 3 };

test.each([
  ["2026-07-28", ["--requirements", "2026-07-28"], ["tools-list", "http-header-validation", "dns-rebinding-protection", "server-stateless", "caching"]],
  ["2025-11-25", ["--suite", "active", "--spec-version", "2025-11-25"], ["server-initialize", "ping", "tools-list", "dns-rebinding-protection"]],
])("the conformance suite of %s finds nothing wrong with what there is", async (_, which, needed) => {
  const printed = await run("node_modules/@modelcontextprotocol/conformance/dist/index.js", ["server", "--url", url, ...which]);
  const lines = [...printed.matchAll(/^[✓✗] ([\w-]+): (\d+) passed, (\d+) failed/gmu)];
  const failed = Object.fromEntries(lines.map(([, name, , count]) => [name!, Number(count)]));
  for (const name of needed) expect(Object.keys(failed), printed).toContain(name);
  const wrong = Object.entries(failed).filter(([name, count]) => !ABSENT.test(name) && count !== (PARTLY[name] ?? 0));
  expect(wrong, printed).toEqual([]);
  console.log(`conformance: ${lines.map(([line]) => line).join("; ")}`);
}, 120_000);

test("the inspector lists the tools, and calls one", async () => {
  const inspector = "node_modules/.bin/mcp-inspector";
  const at = ["--cli", `${baseUrl()}/mcp`, "--transport", "http", "--header", `Authorization: Bearer ${key}`];
  const { tools } = JSON.parse(await run(inspector, [...at, "--method", "tools/list"]));
  expect(tools.map((tool: { name: string }) => tool.name)).toContain("dataset_query");
  const { structuredContent } = JSON.parse(await run(inspector, [...at, "--method", "tools/call", "--tool-name", "me"]));
  expect(structuredContent).toMatchObject({ userId: ada.id, organizationId: ada.orgId });
}, 60_000);
