// OAuth as MCP clients do it by themselves: discovery, registration, consent, tokens, tools, refresh.
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Client as NewClient, StreamableHTTPClientTransport as NewTransport, UnauthorizedError as NewUnauthorized } from "@modelcontextprotocol/client";
import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { beforeAll, describe, expect, test } from "vitest";
import { CALLBACK, asked, decide, granted, hidden, post, registered } from "./oauth.ts";
import { type Owner, baseUrl, db, member, owner, person, send, sessionCookie, world } from "./world.ts";

world();

const INFO = { name: "orgscope-tests", version: "1" };

let ada: Owner;
beforeAll(async () => {
  ada = await owner("Ada");
});

/** What a client keeps between a person's visits to his browser: both SDKs ask for the same. */
class Keeper {
  redirectUrl = CALLBACK;
  clientMetadata = { client_name: "Desk", redirect_uris: [CALLBACK], grant_types: ["authorization_code", "refresh_token"] };
  sentTo?: URL;
  #kept: Record<string, any> = {};
  #state = crypto.randomUUID();
  state = () => this.#state;
  clientInformation = () => this.#kept.client;
  saveClientInformation = (client: unknown) => void (this.#kept.client = client);
  tokens = () => this.#kept.tokens;
  saveTokens = (tokens: unknown) => void (this.#kept.tokens = tokens);
  redirectToAuthorization = (url: URL) => void (this.sentTo = url);
  saveCodeVerifier = (verifier: string) => void (this.#kept.verifier = verifier);
  codeVerifier = () => this.#kept.verifier;
  discoveryState = () => this.#kept.discovery;
  saveDiscoveryState = (state: unknown) => void (this.#kept.discovery = state);
}

interface Connected {
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(call: { name: string; arguments?: Record<string, unknown> }): Promise<any>;
  close(): Promise<void>;
}
interface Transport {
  finishAuth(answer: URLSearchParams): Promise<void>;
}

const older = (keeper: Keeper): [Transport, () => Promise<Connected>, unknown] => {
  const at = () => new StreamableHTTPClientTransport(new URL("/mcp", baseUrl()), { authProvider: keeper as any });
  const transport = at();
  const connect = async (over = at()) => {
    const client = new Client(INFO);
    await client.connect(over as Parameters<Client["connect"]>[0]);
    return client as unknown as Connected;
  };
  return [{ finishAuth: (answer) => transport.finishAuth(answer.get("code")!) }, connect, UnauthorizedError];
};
const newer = (mode: "legacy" | "auto" | { pin: string }) => (keeper: Keeper): [Transport, () => Promise<Connected>, unknown] => {
  const at = () => new NewTransport(new URL("/mcp", baseUrl()), { authProvider: keeper as any });
  const transport = at();
  const connect = async () => {
    const client = new NewClient(INFO, { versionNegotiation: { mode } });
    await client.connect(at());
    return client as unknown as Connected;
  };
  return [{ finishAuth: (answer) => transport.finishAuth(answer) }, connect, NewUnauthorized];
};

describe.each([
  ["the SDK 1.32.2", older],
  ["the client 2.4.0, older revisions", newer("legacy")],
  ["the client 2.4.0, by itself", newer("auto")],
  ["the client 2.4.0, 2026-07-28", newer({ pin: "2026-07-28" })],
])("%s", (_, of) => {
  test("goes from a 401 to tools by itself, and on when its token is over", async () => {
    const keeper = new Keeper();
    const [transport, connect, unauthorized] = of(keeper);
    await expect(connect()).rejects.toThrow(unauthorized as any);

    // The person sees the page in his browser, and lets it do all that it asks for.
    expect(keeper.sentTo!.searchParams.get("resource")).toBe(`${baseUrl()}/mcp`);
    const answer = await decide(ada, keeper.sentTo!, { organization: ada.orgId });
    expect(answer.origin + answer.pathname).toBe(CALLBACK);
    expect([answer.searchParams.get("state"), answer.searchParams.get("iss")]).toEqual([keeper.state(), baseUrl()]);
    await transport.finishAuth(answer.searchParams);

    const client = await connect();
    const names = (await client.listTools()).tools.map((tool) => tool.name);
    expect(names).toEqual(expect.arrayContaining(["me", "dataset_create", "dataset_query"]));
    expect(names.some((name) => /api_key|oauth/.test(name))).toBe(false);
    const { structuredContent } = await client.callTool({ name: "me" });
    expect(structuredContent).toMatchObject({ userId: ada.id, organizationId: ada.orgId });

    // Its access token is over: it gets another by itself, and goes on.
    const before = keeper.tokens();
    const over = "update oauth_token set expires_at = '2026-01-01T00:00:00.000Z' where org_id = ?";
    await (await db()).prepare(over).bind(ada.orgId).run();
    expect((await client.callTool({ name: "dataset_list" })).structuredContent.items).toEqual([]);
    const after = keeper.tokens();
    expect([after.access_token === before.access_token, after.refresh_token === before.refresh_token]).toEqual([false, false]);
    await client.close();
  });
});

test("a person who only lets it read has an application that only reads", async () => {
  const client = await registered();
  const { url, verifier } = asked(client, "/mcp", "dataset:read dataset:query dataset:create");
  const answer = await decide(ada, url, { organization: ada.orgId, access: "read" });
  const form = { grant_type: "authorization_code", code: answer.searchParams.get("code")!, client_id: client, redirect_uri: CALLBACK, code_verifier: verifier };
  const { body } = await post("/oauth/token", form);
  expect(body.scope).toBe("dataset:read dataset:query");
  const headers = { authorization: `Bearer ${body.access_token}` };
  const list = await send("POST", "/mcp", { headers, body: { jsonrpc: "2.0", id: 1, method: "tools/list" } });
  const names = list.body.result.tools.map((tool: { name: string }) => tool.name);
  expect([names.includes("dataset_query"), names.includes("dataset_create"), list.d1Calls]).toEqual([true, false, 1]);
});

test("a code exchanged twice at once is exchanged once, and a refresh token too", async () => {
  const client = await registered();
  const { url, verifier } = asked(client, "/mcp");
  const answer = await decide(ada, url, { organization: ada.orgId });
  const form = { grant_type: "authorization_code", code: answer.searchParams.get("code")!, client_id: client, redirect_uri: CALLBACK, code_verifier: verifier };
  const twice = await Promise.all([post("/oauth/token", form), post("/oauth/token", form)]);
  expect(twice.map(({ status }) => status).toSorted()).toEqual([200, 400]);
  const { refresh_token } = await granted(ada, ada.orgId, client, "/mcp");
  const refresh = { grant_type: "refresh_token", refresh_token, client_id: client };
  const many = await Promise.all(Array.from({ length: 5 }, () => post("/oauth/token", refresh)));
  expect(many.map(({ status }) => status).toSorted()).toEqual([200, 400, 400, 400, 400]);
  const { access_token } = many.find(({ status }) => status === 200)!.body;
  expect((await send("POST", "/mcp", { headers: { authorization: `Bearer ${access_token}` }, body: {} })).status).toBe(401);
});

test("a client is known by the document at its URL, which is read over the network", async () => {
  let reads = 0;
  const site = createServer((request, response) => {
    reads += 1;
    if (request.url === "/moved.json") return response.writeHead(302, { location: "/client.json" }).end();
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ client_id: `${at}/client.json`, client_name: "Desk", redirect_uris: [CALLBACK] }));
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  const at = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  try {
    const { refresh_token } = await granted(ada, ada.orgId, `${at}/client.json`, "/mcp");
    expect([refresh_token.slice(0, 4), reads]).toEqual(["ort_", 1]);
    // The harness's network follows redirects whatever a Worker says: what this one leads to is about another client.
    await expect(granted(ada, ada.orgId, `${at}/moved.json`, "/mcp")).rejects.toThrow("invalid_client");
  } finally {
    site.close();
  }
});

test("who is not signed in signs in on the page, without any front end", async () => {
  const someone = await owner("Mia");
  const { url } = asked(await registered(), "/mcp");
  const page = await send("GET", url.pathname + url.search);
  expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
  const form = { ...hidden(page.body), email: someone.email, password: someone.password };
  const signedIn = await post("/oauth/sign-in", form);
  expect(signedIn.status).toBe(303);
  const next = new URL(signedIn.headers.get("location")!, baseUrl());
  const answer = await decide({ ...someone, send: (method, path) => send(method, path, { cookies: sessionCookie(signedIn) }), cookies: sessionCookie(signedIn) }, next, { organization: someone.orgId });
  expect(answer.searchParams.get("code")).toMatch(/^oac_\w{48}$/);
});

test("a person who is removed has no token that works, from the next call on", async () => {
  const grace = await member(ada, "admin");
  const client = await registered();
  const { access_token, refresh_token } = await granted(grace, ada.orgId, client, "/api", "dataset:read");
  const list = () => send("GET", "/api/datasets", { headers: { authorization: `Bearer ${access_token}` } });
  expect(await list()).toMatchObject({ status: 200, d1Calls: 2 });
  await ada.send("POST", "/api/auth/organization/remove-member", { body: { memberIdOrEmail: grace.email, organizationId: ada.orgId } });
  expect(await list()).toMatchObject({ status: 401, d1Calls: 1 });
  expect((await post("/oauth/token", { grant_type: "refresh_token", refresh_token, client_id: client })).body.error).toBe("invalid_grant");
});

test("a person without an organization has nothing to choose", async () => {
  const someone = await person("Tim");
  await (await db()).prepare("delete from member where userId = ?").bind(someone.id).run();
  const { url } = asked(await registered(), "/mcp");
  await expect(decide(someone, url, { organization: ada.orgId })).rejects.toThrow("not a member");
});

/** A port that nobody listens at. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test("the conformance suite for authorization servers finds nothing wrong", async () => {
  const port = await freePort();
  const client = await registered("http://127.0.0.1/callback");
  const args = ["authorization", "--url", baseUrl(), "--client-id", client, "--resource", `${baseUrl()}/mcp`, "--port", String(port)];
  const suite = spawn(process.execPath, ["node_modules/@modelcontextprotocol/conformance/dist/index.js", ...args]);
  let printed = "";
  let visited = false;
  const ended = new Promise((resolve) => suite.on("close", resolve));
  // It prints where a person is to go, and waits for him.
  const visit = async () => {
    const url = /http\S+\/oauth\/authorize\?\S+/.exec(printed)?.[0];
    if (!url || visited || !printed.includes("Waiting")) return;
    visited = true;
    await fetch(await decide(ada, url, { organization: ada.orgId }));
  };
  suite.stdout.on("data", (data) => {
    printed += data;
    visit().catch((error) => suite.kill() && (printed += String(error)));
  });
  suite.stderr.on("data", (data) => (printed += data));
  await ended;
  expect(visited, printed).toBe(true);
  const lines = [...printed.matchAll(/^[✓✗] ([\w-]+): (\d+) passed, (\d+) failed/gmu)].map(([, name, passed, failed]) => [name, Number(passed) > 0, failed]);
  expect(lines, printed).toEqual([
    ["authorization-server-metadata-endpoint", true, "0"],
    ["authorization-code-grant", true, "0"],
  ]);
}, 60_000);
