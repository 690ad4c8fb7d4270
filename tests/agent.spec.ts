// The agent's door, through the clients that pages use: AG-UI's of both versions, and CopilotKit's. They hold each stream to the
// protocol: an event of the wrong shape or in the wrong order is an error. The model is a script on loopback (model.ts).
import { HttpAgent } from "@ag-ui/client";
import { CopilotKitCore, ProxiedCopilotRuntimeAgent } from "@copilotkit/core";
import { HttpAgent as NewHttpAgent } from "ag-ui-client-1.0";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { type ModelMessage, type Reply, model } from "./model.ts";
import { type Owner, type Person, baseUrl, db, member, owner, send, world } from "./world.ts";

/** What the model replies, by what the user said last; given how many answers of tools it has by then. */
const scripts = new Map<string, (answers: any[], messages: ModelMessage[]) => Reply | Promise<Reply>>();

const scripted = await model((messages) => {
  const last = messages.findLastIndex((message) => message.role === "user");
  const answers = messages.slice(last).filter((message) => message.role === "tool");
  return scripts.get(messages[last]!.content!)!(answers.map(({ content }) => JSON.parse(content!.slice(content!.indexOf("\n") + 1))), messages);
});
world({ LLM_BASE_URL: scripted.url, LLM_MODEL: "scripted", LLM_API_KEY: "the-deployments", AGENT_MAX_STEPS: "4", AGENT_MAX_SECONDS: "8" });
afterAll(() => scripted.close());

/** As much of a client as the tests use. */
interface Client {
  threadId: string;
  messages: any[];
  addMessage(message: any): void;
  runAgent(input?: any, subscriber?: any): Promise<unknown>;
  abortRun(): void;
}
type Connect = (person: Person & { orgId?: string }, threadId?: string) => Client;

const headersOf = (person: Person & { orgId?: string }) => ({ authorization: `Bearer ${person.token}`, ...(person.orgId && { "x-organization-id": person.orgId }) });
const base = () => `${baseUrl()}/api/copilotkit`;
const older: Connect = (person, threadId = randomUUID()) => new HttpAgent({ url: `${base()}/agent/default/run`, headers: headersOf(person), threadId }) as unknown as Client;
const newer: Connect = (person, threadId = randomUUID()) => new NewHttpAgent({ url: `${base()}/agent/default/run`, headers: headersOf(person), threadId }) as unknown as Client;
const copilot = (transport: "rest" | "single"): Connect => (person, threadId = randomUUID()) =>
  new ProxiedCopilotRuntimeAgent({ runtimeUrl: base(), transport, agentId: "default", runtimeMode: "sse", headers: headersOf(person), threadId } as any) as unknown as Client;

/** Says that, and gives the events of the run. */
async function say(client: Client, content: string, input: object = {}): Promise<any[]> {
  client.addMessage({ id: randomUUID(), role: "user", content });
  return run(client, input);
}

async function run(client: Client, input: object = {}): Promise<any[]> {
  const events: any[] = [];
  await client.runAgent(input, { onEvent: ({ event }: any) => void events.push(event) });
  return events;
}

const last = (events: any[]) => events.at(-1)!;
const results = (events: any[]) => events.filter(({ type }) => type === "TOOL_CALL_RESULT").map(({ content }) => JSON.parse(content));
const texts = (client: Client) => client.messages.filter(({ role }) => role === "assistant").map(({ content }) => content);
/** A promise, and what settles it. */
function gate() {
  let resolve = () => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

/** A text without an end, a word each so many milliseconds; `begun` is told of the third. */
async function* endless(everyMs: number, begun = () => {}) {
  for (let count = 0; ; count += 1) {
    yield "word ";
    if (count === 2) begun();
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

let ada: Owner;
let eve: Owner;
beforeAll(async () => {
  [ada, eve] = [await owner("Ada"), await owner("Eve")];
});

describe.each([
  ["AG-UI's client 0.0.59", older],
  ["AG-UI's client 1.0", newer],
  ["CopilotKit's client 1.75.0, REST", copilot("rest")],
  ["CopilotKit's client 1.75.0, single endpoint", copilot("single")],
])("%s", (name, connect) => {
  test("a text comes, and the thread is kept", async () => {
    scripts.set("Hello", () => "Good day to you.");
    scripts.set("What did I say?", (_, messages) => messages.filter(({ role }) => role === "user").map(({ content }) => content).join(", "));
    const client = connect(ada);
    const events = await say(client, "Hello");
    expect(last(events)).toMatchObject({ type: "RUN_FINISHED", usage: [{ model: "scripted", inputTokens: 1, outputTokens: 1 }] });
    await say(client, "What did I say?");
    expect(texts(client)).toEqual(["Good day to you.", "Hello, What did I say?"]);
    // Who comes without the history has it all the same; another has not.
    const again = connect(ada, client.threadId);
    await say(again, "What did I say?");
    expect(texts(again)).toEqual(["Hello, What did I say?, What did I say?"]);
    const foreign = connect(eve, client.threadId);
    await say(foreign, "What did I say?");
    expect(texts(foreign)).toEqual(["What did I say?"]);
  });

  test("tools act in the organization of the caller, one or several at once", async () => {
    const dataset = `sales_${randomUUID().slice(0, 8)}`;
    const columns = [{ name: "day", type: "date", nullable: false }, { name: "amount", type: "decimal", nullable: false }];
    scripts.set("Make it", (answers) => {
      if (answers.length === 0) return { text: "I begin.", calls: [{ tool: "dataset_create", arguments: { name: dataset, columns } }, { tool: "me", arguments: "" }] };
      const { id } = answers[0];
      if (answers.length === 2) return [{ tool: "dataset_append", arguments: { id, rows: [{ day: "2026-01-01", amount: 2.5 }, { day: "2026-01-02", amount: 4 }] } }];
      if (answers.length === 3) return [{ tool: "dataset_query", arguments: { sql: `select sum(amount) as total from ${dataset}` } }];
      return `The total is ${answers[3].rows[0][0]}.`;
    });
    const client = connect(ada);
    const events = await say(client, "Make it");
    expect(last(events).type).toBe("RUN_FINISHED");
    expect(texts(client)).toEqual(["I begin.", undefined, undefined, "The total is 6.5."]);
    expect(client.messages.filter(({ role }) => role === "tool")).toHaveLength(4);
    expect(results(events)[1]).toMatchObject({ userId: ada.id, organizationId: ada.orgId });
    const ofEve = (await eve.send("GET", "/api/datasets")).body.items.map((item: any) => item.name);
    expect(ofEve).not.toContain(dataset);
  });

  test("what a model does wrong it is told", async () => {
    const wrong = [{ tool: "nothing", arguments: {} }, { tool: "dataset_list", arguments: "{broken" }, { tool: "automation_create", arguments: {} }];
    scripts.set("Do wrong", (answers) => (answers.length ? "Sorry." : wrong));
    const client = connect(ada);
    const events = await say(client, "Do wrong");
    expect(results(events).map(({ code }) => code)).toEqual(["NO_SUCH_TOOL", "INVALID_INPUT", "INVALID_INPUT"]);
    expect(texts(client)).toEqual([undefined, "Sorry."]);
  });

  test("a refusal is a text", async () => {
    scripts.set("Refuse", () => ({ refusal: "I will not." }));
    const client = connect(ada);
    expect(last(await say(client, "Refuse")).type).toBe("RUN_FINISHED");
    expect(texts(client)).toEqual(["I will not."]);
  });

  test.each([
    ["an error in the middle", { text: "Half of", ends: "error" }, "MODEL_BROKE_OFF"],
    ["a cut", { text: "Half of", calls: [{ tool: "me", arguments: {} }], ends: "cut" }, "MODEL_BROKE_OFF"],
    ["a refused key", { status: 401 }, "MODEL_REFUSED"],
    ["an overload that lasts", { status: 529 }, "MODEL_UNAVAILABLE"],
  ] as [string, Reply, string][])("%s ends the run with an error, not with the provider's words", async (what, reply, code) => {
    scripts.set(what, () => reply);
    const events = await say(connect(ada), what);
    expect(last(events)).toMatchObject({ type: "RUN_ERROR", code });
    expect(JSON.stringify(events)).not.toContain("sk-of-the-deployment");
  });

  test("an endless loop has an end", async () => {
    scripts.set("Loop", () => [{ tool: "me", arguments: {} }]);
    const events = await say(connect(ada), "Loop");
    expect(last(events)).toMatchObject({ type: "RUN_ERROR", code: "STEP_LIMIT" });
    expect(results(events)).toHaveLength(4);
  });

  test("a tool of the page is called by the page", async () => {
    scripts.set("Show it", (answers) => (answers.length ? `You clicked ${answers[0].clicked}.` : [{ tool: "ask_user", arguments: { text: "Yes?" } }]));
    const tools = [{ name: "ask_user", description: "Asks", parameters: { type: "object", properties: { text: { type: "string" } } } }];
    const client = connect(ada);
    const events = await say(client, "Show it", { tools });
    expect([last(events).type, results(events)]).toEqual(["RUN_FINISHED", []]);
    const [call] = client.messages.at(-1).toolCalls;
    expect(call.function).toEqual({ name: "ask_user", arguments: '{"text":"Yes?"}' });
    client.addMessage({ id: randomUUID(), role: "tool", toolCallId: call.id, content: '\n{"clicked":"yes"}' });
    await run(client, { tools });
    expect(texts(client).at(-1)).toBe("You clicked yes.");
  });
});

describe.each([
  ["AG-UI's client 0.0.59", older],
  ["AG-UI's client 1.0", newer],
  ["CopilotKit's client 1.75.0", copilot("rest")],
])("what deletes is asked of the person, by %s", (name, connect) => {
  test.each([true, false])("approve: %s", async (approve) => {
    const { id } = (await ada.send("POST", "/api/dashboards", { body: { name } })).body;
    const text = `Delete ${id}`;
    scripts.set(text, (answers) => (answers.length ? `${answers[0].deleted ?? answers[0].code}` : [{ tool: "dashboard_delete", arguments: { id } }]));
    const client = connect(ada);
    const { outcome } = last(await say(client, text));
    expect(outcome).toMatchObject({ type: "interrupt", interrupts: [{ reason: "tool_call", message: `Approve dashboard_delete with {"id":"${id}"}?` }] });
    expect((await ada.send("GET", `/api/dashboards/${id}`)).status).toBe(200);
    const resume = [{ interruptId: outcome.interrupts[0].id, status: "resolved", payload: { approve } }];
    expect(last(await run(client, { resume }))).toMatchObject({ type: "RUN_FINISHED" });
    expect((await ada.send("GET", `/api/dashboards/${id}`)).status).toBe(approve ? 404 : 200);
    expect(texts(client).at(-1)).toBe(approve ? "true" : "APPROVAL_DENIED");
  });
});

test("CopilotKit's client finds the agent, stops its run, and has the thread back", async () => {
  const begun = gate();
  scripts.set("Talk for ever", () => ({ text: endless(50, begun.resolve) }));
  const client = copilot("rest")(ada);
  const running = say(client, "Talk for ever");
  await begun.promise;
  client.abortRun();
  expect(last(await running).type).toBe("RUN_FINISHED");
  expect(texts(client)[0]).toMatch(/^(word )+$/);
  const again: any = copilot("rest")(ada, client.threadId);
  await again.connectAgent({});
  expect(again.messages.map(({ role }: any) => role)).toEqual(["user", "assistant"]);
  expect(texts(again)).toEqual(texts(client));
  const info = await ada.send("GET", "/api/copilotkit/info");
  expect([info.status, info.d1Calls, Object.keys(info.body.agents)]).toEqual([200, 1, ["default"]]);
});

describe.each(["auto", "rest", "single"] as const)("CopilotKit's core, as a page has it: %s", (runtimeTransport) => {
  // It connects where there is a window only.
  beforeAll(() => void vi.stubGlobal("window", globalThis));
  afterAll(() => void vi.unstubAllGlobals());

  /** The core of a page whose session is a cookie, once it has found the agent; and what went wrong in it. */
  async function start(person: Person, tools: any[] = []) {
    const headers = { cookie: person.cookies, origin: baseUrl() };
    const core = new CopilotKitCore({ runtimeUrl: base(), runtimeTransport, headers, credentials: "include", tools });
    const errors: string[] = [];
    core.subscribe({ onError: ({ code, error }) => void errors.push(`${code}: ${error.message}`) });
    await expect.poll(() => core.runtimeConnectionStatus, { timeout: 10_000 }).toMatch(/^(connected|error)$/);
    return { core, agent: core.getAgent("default") as unknown as Client, errors };
  }
  const ask = async ({ core, agent }: Awaited<ReturnType<typeof start>>, content: string) => {
    agent.addMessage({ id: randomUUID(), role: "user", content });
    await core.runAgent({ agent: agent as any });
  };

  test("it finds the agent, whose tools act and whose thread is kept", async () => {
    const name = `by the core ${randomUUID()}`;
    scripts.set("Make a dashboard", (answers) => (answers.length ? `I made ${answers[0].name}.` : [{ tool: "dashboard_create", arguments: { name } }]));
    const page = await start(ada);
    expect([Object.keys(page.core.agents), page.core.runtimeVersion]).toEqual([["default"], "1.75.0"]);
    await ask(page, "Make a dashboard");
    expect(texts(page.agent).at(-1)).toBe(`I made ${name}.`);
    const made = async (by: Person) => JSON.stringify((await by.send("GET", "/api/dashboards")).body);
    expect([await made(ada), await made(eve)]).toEqual([expect.stringContaining(name), expect.not.stringContaining(name)]);

    // A page that is loaded again names the thread, and has it back; another's is empty.
    const again = async (person: Person) => {
      const other = await start(person);
      other.agent.threadId = page.agent.threadId;
      await other.core.connectAgent({ agent: other.agent as any });
      return [other.agent.messages.map(({ role }) => role), other.errors];
    };
    expect(await again(ada)).toEqual([["user", "assistant", "tool", "assistant"], []]);
    expect(await again(eve)).toEqual([[], []]);
    expect(page.errors).toEqual([]);
  });

  test("a tool of the page is run in the page, and the run goes on with what it answers", async () => {
    scripts.set("Ask me", (answers) => (answers.length ? `You said ${answers[0].said}.` : [{ tool: "ask_user", arguments: { question: "Tea?" } }]));
    const asked: string[] = [];
    const handler = async ({ question }: { question: string }) => (asked.push(question), { said: "yes" });
    const page = await start(ada, [{ name: "ask_user", description: "Asks the user.", parameters: z.object({ question: z.string() }), handler }]);
    await ask(page, "Ask me");
    expect([asked, texts(page.agent).at(-1), page.errors]).toEqual([["Tea?"], "You said yes.", []]);
  });

  test("it stops a run", async () => {
    const begun = gate();
    scripts.set("Talk on", () => ({ text: endless(50, begun.resolve) }));
    const page = await start(ada);
    const running = ask(page, "Talk on");
    await begun.promise;
    page.core.stopAgent({ agent: page.agent as any });
    await running;
    expect([texts(page.agent)[0], page.errors]).toEqual([expect.stringMatching(/^(word )+$/), []]);
  });

  test("who is not signed in has no agent, and is told so", async () => {
    const quiet = vi.spyOn(console, "warn").mockImplementation(() => {});
    const { core, errors } = await start({ ...ada, cookies: "" });
    quiet.mockRestore();
    expect([core.runtimeConnectionStatus, errors]).toEqual(["error", [expect.stringMatching(/^runtime_info_fetch_failed: .*Sign in first/)]]);
  });
});

test("another's run is not stopped, and is not told from none", async () => {
  const [begun, go] = [gate(), gate()];
  scripts.set("Wait", (answers) => (answers.length ? "Done." : [{ tool: "me", arguments: {} }]));
  scripts.set("Wait here", async () => {
    begun.resolve();
    await go.promise;
    return "Done.";
  });
  const client = older(ada);
  const running = say(client, "Wait here");
  await begun.promise;
  const stop = (by: Person, thread: string) => by.send("POST", `/api/copilotkit/agent/default/stop/${thread}`);
  const [foreign, unknown] = [await stop(eve, client.threadId), await stop(eve, randomUUID())];
  expect([foreign.status, foreign.body]).toEqual([200, unknown.body]);
  const connect = (by: Person, threadId: string) => by.send("POST", "/api/copilotkit/agent/default/connect", { body: { threadId, runId: "r", messages: [] } });
  expect((await connect(eve, client.threadId)).body).toEqual((await connect(eve, randomUUID())).body);
  expect((await stop(ada, client.threadId)).body).toEqual({ stopped: true });
  go.resolve();
  expect(last(await running).type).toBe("RUN_FINISHED");
  expect((await stop(ada, client.threadId)).body).toMatchObject({ stopped: false });
});

test("a run that is stopped between two tools calls no other", async () => {
  const name = `never ${randomUUID()}`;
  const client = older(ada);
  scripts.set("Make two", async (answers) => {
    if (answers.length) return "Never said.";
    await ada.send("POST", `/api/copilotkit/agent/default/stop/${client.threadId}`);
    return [{ tool: "me", arguments: {} }, { tool: "dashboard_create", arguments: { name } }];
  });
  const events = await say(client, "Make two");
  expect([last(events).type, results(events)]).toEqual(["RUN_FINISHED", []]);
  expect(JSON.stringify((await ada.send("GET", "/api/dashboards")).body)).not.toContain(name);
});

test("who is removed in the middle of a run calls no other tool", async () => {
  const grace = { ...(await member(ada)), orgId: ada.orgId };
  const name = `never ${randomUUID()}`;
  scripts.set("Before and after", async (answers) => {
    if (answers.length === 0) return [{ tool: "me", arguments: {} }];
    const removed = await ada.send("POST", "/api/auth/organization/remove-member", { body: { memberIdOrEmail: grace.email, organizationId: ada.orgId } });
    expect(removed.status).toBe(200);
    return [{ tool: "dashboard_create", arguments: { name } }];
  });
  const events = await say(older(grace), "Before and after");
  expect(results(events)).toMatchObject([{ userId: grace.id, organizationId: ada.orgId }]);
  expect(last(events)).toMatchObject({ type: "RUN_ERROR" });
  expect(JSON.stringify((await ada.send("GET", "/api/dashboards")).body)).not.toContain(name);
});

test("a run stays in its organization when another becomes the active one", async () => {
  const ben = await member(ada);
  const [own] = (await ben.send("GET", "/api/auth/organization/list")).body.filter(({ id }: any) => id !== ada.orgId);
  scripts.set("Where", async (answers) => {
    if (answers.length === 2) return "Done.";
    const active = answers.length ? ada.orgId : own.id;
    await ben.send("POST", "/api/auth/organization/set-active", { body: { organizationId: active } });
    return [{ tool: "me", arguments: {} }];
  });
  const events = await say(older({ ...ben, orgId: ada.orgId } as Person), "Where");
  expect(results(events).map(({ organizationId }) => organizationId)).toEqual([ada.orgId, ada.orgId]);
  const inActive = await say(older(ben), "Where");
  const [first] = results(inActive);
  expect(results(inActive).map(({ organizationId }) => organizationId)).toEqual([first.organizationId, first.organizationId]);
});

test("twenty interleaved runs of two people stay apart", async () => {
  scripts.set("Who am I?", (answers) => (answers.length < 2 ? [{ tool: "me", arguments: {} }] : `${answers.map((answer: any) => answer.userId).join()}`));
  const people = [ada, eve];
  const thread = randomUUID();
  const clients = Array.from({ length: 20 }, (_, index) => (index % 3 ? older : newer)(people[index % 2]!, `${thread}-${index >> 1}`));
  await Promise.all(clients.map((client) => say(client, "Who am I?")));
  expect(clients.map((client) => texts(client).at(-1))).toEqual(clients.map((_, index) => `${people[index % 2]!.id},${people[index % 2]!.id}`));
});

test("nothing of the request goes to the model but what the user says", async () => {
  scripts.set("Hello again", () => "Good day.");
  const before = scripted.requests.length;
  const client = older({ ...ada, token: ada.token });
  (client as any).headers = { ...headersOf(ada), cookie: "secret=1", origin: baseUrl(), "x-secret": "2", "x-forwarded-for": "1.2.3.4" };
  const events = await say(client, "Hello again", { forwardedProps: { secret: "3", headers: { authorization: "4" } }, context: [{ description: "secret", value: "5" }] });
  expect(last(events).type).toBe("RUN_FINISHED");
  const [{ headers, messages }] = scripted.requests.slice(before) as any;
  expect(headers.authorization).toBe("Bearer the-deployments");
  const ours = ["content-type", "accept", "cf-aig-skip-cache", "authorization"];
  // What the local runtime adds on the way, which is Node's fetch.
  ours.push("host", "connection", "content-length", "accept-encoding", "accept-language", "sec-fetch-mode", "user-agent", "cf-worker");
  expect(Object.keys(headers).filter((name) => !ours.includes(name))).toEqual([]);
  expect(JSON.stringify([headers, messages])).not.toMatch(new RegExp(`secret|${ada.token}`));
});

test("a client that goes away ends the run; what was said is kept", async () => {
  const begun = gate();
  scripts.set("Leave me", () => ({ text: endless(20, begun.resolve) }));
  const client = older(ada);
  const running = say(client, "Leave me").catch(() => {});
  await begun.promise;
  client.abortRun();
  await running;
  const kept = async () => (await (await db()).prepare("select group_concat(kind, ' ') as kinds from (select e.kind from agent_entry e join agent_thread t on t.id = e.thread_id where t.thread_key = ? order by e.seq)").bind(client.threadId).first<{ kinds: string }>())!.kinds;
  await expect.poll(kept, { timeout: 5000 }).toBe("start message message end");
});

test.each(["fail-after:4", "panic:4", "hang:4"])("a fault in the middle of a run (%s) ends it with an error", async (fault) => {
  scripts.set("Fail", (answers) => (answers.length ? "Done." : [{ tool: "dataset_list", arguments: {} }]));
  const client = older(ada);
  (client as any).headers = { ...headersOf(ada), "x-test-d1-fault": fault };
  const events = await say(client, "Fail");
  expect(events[0].type).toBe("RUN_STARTED");
  expect(last(events)).toMatchObject({ type: "RUN_ERROR", message: expect.stringContaining("went wrong") });
  scripts.set("Still there?", () => "Yes.");
  const next = older(ada);
  await say(next, "Still there?");
  expect(texts(next)).toEqual(["Yes."]);
});

test("slow tokens are cut off when the time is over", async () => {
  scripts.set("Slowly", () => ({ text: endless(100) }));
  expect(last(await say(older(ada), "Slowly"))).toMatchObject({ type: "RUN_ERROR", code: "TIME_LIMIT" });
}, 30_000);

test("what is wrong before a run is a status", async () => {
  const path = "/api/copilotkit/agent/default/run";
  const body = { threadId: "t", runId: "r", messages: [{ id: "1", role: "user", content: "Hello" }] };
  expect((await send("POST", path, { body })).status).toBe(401);
  expect((await ada.send("POST", path, { body, headers: { origin: "https://evil.example" } })).status).toBe(403);
  expect((await ada.send("POST", path, { body: JSON.stringify(body), headers: { "content-type": "text/plain" } })).status).toBe(415);
  const { key } = (await ada.send("POST", "/api/api-keys", { body: { name: "k" } })).body;
  const byKey = await send("POST", path, { body, headers: { authorization: `Bearer ${key}` } });
  expect([byKey.status, byKey.body.code]).toEqual([403, "INSUFFICIENT_SCOPE"]);
});
