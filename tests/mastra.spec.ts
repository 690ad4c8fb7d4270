// Mastra's agent and MCP client, as examples/mastra has them. The model is a script on loopback (model.ts).
import { MCPClient } from "@mastra/mcp";
import { spawn } from "node:child_process";
import { beforeAll, expect, test } from "vitest";
import { model } from "./model.ts";
import { type Owner, baseUrl, member, owner, world } from "./world.ts";

world();

let ada: Owner;
let eve: Owner;
beforeAll(async () => {
  [ada, eve] = [await owner("Ada"), await owner("Eve")];
});

const keyOf = async (of: Owner, permissions?: object): Promise<{ key: string; id: string }> => {
  const { body } = await of.send("POST", "/api/api-keys", { body: { name: "agent", ...(permissions && { permissions }) } });
  return { key: body.key, id: body.apiKey.id };
};

/** Runs the example: what it printed, and how it ended. */
async function example(prompt: string, variables: Record<string, string>): Promise<{ printed: string; code: number | null }> {
  const { PATH = "" } = process.env;
  const agent = spawn(process.execPath, ["examples/mastra/agent.mjs", prompt], { env: { PATH, ORGSCOPE_URL: baseUrl(), ...variables } });
  let printed = "";
  for (const stream of [agent.stdout, agent.stderr]) stream.on("data", (data) => (printed += data));
  const code = await new Promise<number | null>((resolve) => agent.on("close", resolve));
  return { printed, code };
}

test("the example's agent makes a dashboard in the organization of its key, and no more than the key grants", async () => {
  const { key } = await keyOf(ada, { dashboard: ["create", "read"], dataset: ["read"] });
  const scripted = await model((messages) => {
    const results = messages.filter((message) => message.role === "tool");
    if (results.length === 0) return [{ tool: "orgscope_dashboard_create", arguments: { name: "Sales" } }];
    return `Made ${JSON.parse(results[0]!.content!).id}.`;
  });
  const variables = { ORGSCOPE_KEY: key, LLM_BASE_URL: scripted.url, LLM_MODEL: "scripted", LLM_API_KEY: "the model's own key" };
  const { printed, code } = await example("Make a dashboard called Sales.", variables);
  await scripted.close();

  const made = (await ada.send("GET", "/api/dashboards")).body.items;
  expect([printed, code]).toEqual([`Made ${made[0].id}.\n`, 0]);
  expect(made.map((dashboard: { name: string }) => dashboard.name)).toEqual(["Sales"]);
  expect((await eve.send("GET", "/api/dashboards")).body.items).toEqual([]);
  const granted = ["me", "automation_preview", "dataset_list", "dataset_show", "dataset_infer", "dashboard_list", "dashboard_create", "dashboard_show", "dashboard_query"];
  expect(scripted.requests[0]!.tools.toSorted()).toEqual(granted.map((name) => `orgscope_${name}`).toSorted());
  expect(JSON.stringify(scripted.requests), "the model saw the credential").not.toContain(key);
}, 60_000);

test("the example says which variables are missing", async () => {
  const { printed, code } = await example("Hello", { LLM_MODEL: "scripted" });
  expect(printed).toContain("Set ORGSCOPE_KEY, LLM_BASE_URL, LLM_API_KEY: README.md says to what.");
  expect(code).not.toBe(0);
}, 60_000);

const client = (id: string, key: string) =>
  new MCPClient({ id, servers: { orgscope: { url: new URL("/mcp", baseUrl()), requestInit: { headers: { authorization: `Bearer ${key}` } } } } });
type Execute = { execute(input: object, context: object): Promise<any> };

test("twenty calls of two people, interleaved in one process, stay apart", async () => {
  const clients = await Promise.all([ada, eve].map(async (of, index) => client(`apart ${index}`, (await keyOf(of, { dataset: ["create", "read"] })).key)));
  const tools = await Promise.all(clients.map((one) => one.listTools()));
  const columns = [{ name: "amount", type: "decimal", nullable: false }];
  const calls = Array.from({ length: 20 }, (_, index) => {
    const who = index % 2;
    const { execute } = tools[who]!.orgscope_dataset_create as unknown as Execute;
    return execute({ name: `of_${who}_${index}`, columns }, {}).then((made) => expect(made).toMatchObject({ name: `of_${who}_${index}` }));
  });
  await Promise.all(calls);
  for (const [who, of] of [ada, eve].entries()) {
    const names = (await of.send("GET", "/api/datasets")).body.items.map((dataset: { name: string }) => dataset.name);
    expect(names.filter((name: string) => name.startsWith("of_")).every((name: string) => name.startsWith(`of_${who}_`))).toBe(true);
    expect(names.length).toBe(10);
  }
  await Promise.all(clients.map((one) => one.disconnect()));
}, 60_000);

test("whose key is revoked, or who is removed, has no further call", async () => {
  const grace = await member(ada, "member", "Grace");
  const hers = { ...grace, orgId: ada.orgId, send: (method: string, path: string, sent = {}) => grace.send(method, path, { ...sent, headers: { "x-organization-id": ada.orgId } }) };
  const [own, adas] = [await keyOf(hers), await keyOf(ada)];
  const clients = [client("left", own.key), client("revoked", adas.key)];
  const tools = await Promise.all(clients.map((one) => one.listTools()));
  const me = (which: number) => (tools[which]!.orgscope_me as unknown as Execute).execute({}, {});
  expect([(await me(0)).userId, (await me(1)).userId]).toEqual([grace.id, ada.id]);
  const { body: members } = await ada.send("GET", "/api/auth/organization/list-members");
  const { id: memberIdOrEmail } = members.members.find((one: { userId: string }) => one.userId === grace.id);
  expect((await ada.send("POST", "/api/auth/organization/remove-member", { body: { memberIdOrEmail } })).status).toBe(200);
  expect((await ada.send("DELETE", `/api/api-keys/${adas.id}`)).status).toBe(200);
  for (const which of [0, 1]) await expect(me(which)).rejects.toThrow(/401|Unauthorized|Sign in/i);
  await Promise.all(clients.map((one) => one.disconnect()));
}, 60_000);
