// The MCP door, through the protocol's own clients: the SDK of the older revisions, and the one that speaks both.
import { Client as NewClient, StreamableHTTPClientTransport as NewTransport } from "@modelcontextprotocol/client";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { beforeAll, describe, expect, test } from "vitest";
import { isTool, operations } from "./samples.ts";
import { baseUrl, member, owner, send, world, type Owner, type Person } from "./world.ts";

world();

const INFO = { name: "orgscope-tests", version: "1" };
const COLUMNS = [{ name: "day", type: "date", nullable: false }, { name: "amount", type: "decimal", nullable: false }];

/** As much of a client as the tests use. */
interface Tools {
  listTools(): Promise<{ tools: { name: string; annotations?: { readOnlyHint?: boolean } }[] }>;
  callTool(call: { name: string; arguments?: Record<string, unknown> }): Promise<any>;
  close(): Promise<void>;
}
type Connect = (person: Person, query?: string) => Promise<Tools>;

/** Where to connect, as whom, and in which organization if not the active one. */
const at = (person: Person & { orgId?: string }, query: string): [URL, { requestInit: RequestInit }] => [
  new URL(`/mcp${query}`, baseUrl()),
  { requestInit: { headers: { authorization: `Bearer ${person.token}`, ...(person.orgId && { "x-organization-id": person.orgId }) } } },
];

const older: Connect = async (person, query = "") => {
  const client = new Client(INFO);
  await client.connect(new StreamableHTTPClientTransport(...at(person, query)) as Parameters<Client["connect"]>[0]);
  return client as unknown as Tools;
};
const newer = (mode: "legacy" | "auto" | { pin: string }): Connect => async (person, query = "") => {
  const client = new NewClient(INFO, { versionNegotiation: { mode } });
  await client.connect(new NewTransport(...at(person, query)));
  return client as unknown as Tools;
};

let ada: Owner;
let eve: Owner;
let grace: Person;
beforeAll(async () => {
  [ada, eve] = [await owner("Ada"), await owner("Eve")];
  grace = await member(ada);
});

describe.each([
  ["the SDK 1.32.2", older],
  ["the client 2.4.0, older revisions", newer("legacy")],
  ["the client 2.4.0, by itself", newer("auto")],
  ["the client 2.4.0, 2026-07-28", newer({ pin: "2026-07-28" })],
])("%s", (name, connect) => {
  const dataset = `sales_${name.replaceAll(/\W/g, "")}`;

  test("lists the operations, and acts in its organization alone", async () => {
    const [adas, eves] = [await connect(ada), await connect(eve)];
    const { tools } = await adas.listTools();
    const offered = (await operations()).filter((operation) => isTool(operation.path));
    expect(tools.map((tool) => tool.name).toSorted()).toEqual(offered.map(({ name }) => name).toSorted());

    // The clients hold each answer to the tool's output schema.
    const made = await adas.callTool({ name: "dataset_create", arguments: { name: dataset, columns: COLUMNS } });
    expect(made.structuredContent).toMatchObject({ name: dataset });
    const { id } = made.structuredContent;
    const rows = { id, rows: [{ day: "2026-01-01", amount: 2.5 }, { day: "2026-01-02", amount: 4 }] };
    expect((await adas.callTool({ name: "dataset_append", arguments: rows })).structuredContent).toMatchObject({ added: 2 });
    const asked = { name: "dataset_query", arguments: { sql: `select sum(amount) as total from ${dataset}` } };
    expect((await adas.callTool(asked)).structuredContent).toMatchObject({ rows: [[6.5]] });
    expect((await adas.callTool({ name: "dataset_list" })).structuredContent.items.map((item: { name: string }) => item.name)).toContain(dataset);

    // Another organization's is as unknown as none.
    const foreign = await eves.callTool({ name: "dataset_show", arguments: { id } });
    const unknown = await eves.callTool({ name: "dataset_show", arguments: { id: "ds_00000000000000000000000000000000" } });
    expect([foreign.isError, foreign.content]).toEqual([true, unknown.content]);
    expect((await eves.callTool(asked)).content[0].text).toContain("there is no dataset");
    await Promise.all([adas.close(), eves.close()]);
  });

  test("an API key is enough, and its permissions are the tools", async () => {
    const { body } = await ada.send("POST", "/api/api-keys", { body: { name, kind: "organization" } });
    const service = await connect({ ...ada, orgId: undefined, token: body.key } as unknown as Person);
    const { tools } = await service.listTools();
    expect(tools.map((tool) => tool.name)).toContain("dataset_query");
    expect(tools.filter((tool) => !tool.annotations?.readOnlyHint)).toEqual([]);
    expect((await service.callTool({ name: "me" })).structuredContent).toMatchObject({ userId: body.apiKey.actsAs, organizationId: ada.orgId });
    const refused = await service.callTool({ name: "dashboard_create", arguments: { name: "Mine" } });
    expect([refused.isError, JSON.parse(refused.content[0].text).code]).toEqual([true, "INSUFFICIENT_SCOPE"]);
    expect((await ada.send("DELETE", `/api/api-keys/${body.apiKey.id}`)).status).toBe(200);
    await expect(service.callTool({ name: "me" })).rejects.toThrow();
    await service.close();
  });

  test("what destroys waits for a person, and is done once", async () => {
    const client = await connect(ada);
    const made = await client.callTool({ name: "dashboard_create", arguments: { name: "To go" } });
    const destroy = { name: "dashboard_delete", arguments: { id: made.structuredContent.id } };
    const asked = await client.callTool(destroy);
    const { code, approval } = JSON.parse(asked.content[0].text);
    expect([asked.isError, code]).toEqual([true, "APPROVAL_REQUIRED"]);
    expect((await ada.send("POST", `/api/approvals/${approval}/decide`, { body: { decision: "approve" } })).body.status).toBe("approved");
    expect((await client.callTool(destroy)).structuredContent).toEqual({ id: destroy.arguments.id, deleted: true });
    expect(JSON.parse((await client.callTool(destroy)).content[0].text).code).toBe("APPROVAL_REQUIRED");
    expect((await ada.send("GET", `/api/approvals/${approval}`)).body.status).toBe("used");
    await client.close();
  });

  test("what is wrong is said to the model", async () => {
    const client = await connect(ada);
    const refused = await client.callTool({ name: "dataset_query", arguments: { sql: "select 1; drop table x" } });
    expect(refused).toMatchObject({ isError: true });
    expect(JSON.parse(refused.content[0].text)).toMatchObject({ code: "INVALID_INPUT", field: "sql" });
    await expect(client.callTool({ name: "nothing" })).rejects.toThrow(/no tool/);
    await client.close();
  });

  test("reads only, where that is asked for", async () => {
    const client = await connect(ada, "?tools=read");
    const { tools } = await client.listTools();
    expect(tools.every(({ annotations }) => annotations?.readOnlyHint)).toBe(true);
    await expect(client.callTool({ name: "dataset_create", arguments: { name: "x", columns: COLUMNS } })).rejects.toThrow(/no tool/);
    await client.close();
  });

  test("nobody connects without a session", async () => {
    await expect(connect({ ...ada, token: "nothing" })).rejects.toThrow();
  });
});

test("a client of 2026-07-28 that can ask shows its person what waits, and goes on when he has decided", async () => {
  const client = new NewClient(INFO, { versionNegotiation: { mode: { pin: "2026-07-28" } }, capabilities: { elicitation: {} } });
  const shown: string[] = [];
  let decision = "approve";
  client.setRequestHandler("elicitation/create", async (request) => {
    shown.push(request.params.message);
    const approval = /ap_[0-9a-f]{32}/.exec(request.params.message)![0];
    if (decision) await ada.send("POST", `/api/approvals/${approval}/decide`, { body: { decision } });
    return { action: "accept", content: {} };
  });
  await client.connect(new NewTransport(...at(ada, "")));
  const called = async (name: string) => {
    const { id } = (await ada.send("POST", "/api/dashboards", { body: { name } })).body;
    const result = (await client.callTool({ name: "dashboard_delete", arguments: { id } })) as any;
    return { result, status: (await ada.send("GET", `/api/dashboards/${id}`)).status };
  };
  expect(await called("To go")).toMatchObject({ result: { structuredContent: { deleted: true } }, status: 404 });
  expect(shown.length).toBe(1);
  decision = "deny";
  const denied = await called("To stay");
  expect([denied.status, JSON.parse(denied.result.content[0].text).code]).toEqual([200, "APPROVAL_DENIED"]);
  // A client that says yes without its person has said nothing.
  decision = "";
  const forged = await called("To stay, too");
  expect([forged.status, JSON.parse(forged.result.content[0].text).code]).toEqual([200, "APPROVAL_REQUIRED"]);
  await client.close();
});

test("twenty calls of two people at once stay apart", async () => {
  const clients = [await older(ada), await newer("auto")(eve)];
  const calls = Array.from({ length: 20 }, (_, index) => clients[index % 2]!.callTool({ name: "me" }));
  const answers = (await Promise.all(calls)).map(({ structuredContent }) => structuredContent.userId);
  expect(answers).toEqual(answers.map((_, index) => (index % 2 ? eve.id : ada.id)));
  await Promise.all(clients.map((client) => client.close()));
});

test("who is removed has no tools from the next call on", async () => {
  const client = await older({ ...grace, orgId: ada.orgId } as Person);
  expect((await client.callTool({ name: "me" })).structuredContent).toMatchObject({ userId: grace.id, organizationId: ada.orgId });
  const removed = await ada.send("POST", "/api/auth/organization/remove-member", { body: { memberIdOrEmail: grace.email } });
  expect(removed.status).toBe(200);
  await expect(client.callTool({ name: "me" })).rejects.toThrow();
});

test("a tool costs what its operation costs", async () => {
  const message = (method: string, params: unknown) => ({ body: { jsonrpc: "2.0", id: 1, method, params } });
  const list = await ada.send("POST", "/mcp", message("tools/list", {}));
  const call = await ada.send("POST", "/mcp", message("tools/call", { name: "dataset_list" }));
  const rest = await ada.send("GET", "/api/datasets");
  expect([list.d1Calls, call.d1Calls, call.d1Calls]).toEqual([1, 2, rest.d1Calls]);
  expect(call.body.result.structuredContent).toEqual(rest.body);
});
