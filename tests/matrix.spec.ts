// The verdict matrix: every operation, for every kind of caller. It grows with the table of operations by itself.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Call, type Reply, model } from "./model.ts";
import { CALLBACK, type Tokens, granted, registered } from "./oauth.ts";
import { type Kind, type Operation, type Rows, type Sample, type Sender, asArguments, callTool, dump, grant, isOverModels, isTool, operations, resource, row, rows, sample, toolError, waits } from "./samples.ts";
import { type Answer, type Owner, type Person, db, member, owner, person, send, world } from "./world.ts";

/** What the agent's model calls next. */
let script: () => Reply = () => "Hello.";
const scripted = await model(() => script());
world({ LLM_BASE_URL: scripted.url, LLM_MODEL: "scripted", QUEUE_RESTS: "true" });
afterAll(() => scripted.close());

interface Caller extends Sender {
  name: string;
  /** What he is answered: a status, and a code if it is an error. */
  verdict(operation: Operation): [number, string?];
  /** The round trips until he is refused at the gate, if he is. */
  gate?: number;
  /** Who decides on what a model asks for when it acts for him: Ada, unless he is of another organization. */
  decides?: Sender;
}

const isForAdmins = (operation: Operation) => ["audit", "organization"].includes(resource(operation) ?? "");
const runs = (operation: Operation) => operation.permission === "automation:run";
const DENIALS = ["FORBIDDEN", "INSUFFICIENT_SCOPE", "ORG_PERMISSION_DENIED"];

/** Whether he is refused before anything that he sent is read. */
const isRefusedUnread = (operation: Operation, code?: string) =>
  code === "INSUFFICIENT_SCOPE" || (code === "FORBIDDEN" && (isForAdmins(operation) || runs(operation)));

/**
 * What a call costs: the gate, and the operation if it reaches rows; a new widget is checked against the datasets first, a
 * decision against what it is on, and what an automation would find is asked after it is read. What is refused costs an audit event; what a model destroys or sends, a look for its approval.
 */
function cost(operation: Operation, caller: Caller, [status, code]: [number, string?], door: string): number {
  if (caller.gate !== undefined) return caller.gate;
  const event = DENIALS.includes(code ?? "") ? 1 : 0;
  if (isRefusedUnread(operation, code)) return 1 + event;
  const isChecked = ["widget_create", "approval_decide", "automation_test"].includes(operation.name) && status < 400;
  const isApproved = door === "mcp" && waits(operation);
  return (operation.permission ? 2 : 1) + Number(isChecked) + Number(isApproved) + event;
}
const done = (operation: Operation): [number] => [operation.permission?.endsWith(":create") ? 201 : 200];
/** What another organization's owner is answered about Ada's rows. */
const ofStranger: Caller["verdict"] = (o) => {
  if (o.name === "widget_create" || o.name === "automation_create") return [400, "INVALID_INPUT"];
  if (!isAboutOneRow(o)) return done(o);
  return o.effect === "read" ? [404, "NOT_FOUND"] : [403, "ORG_PERMISSION_DENIED"];
};
/** What a member is answered about rows of others. */
const ofMember: Caller["verdict"] = (o) =>
  o.effect === "destructive" || o.name === "approval_decide" || isForAdmins(o) || runs(o) ? [403, "FORBIDDEN"] : done(o);
/** A thread is its user's own: to a colleague, whatever his role, it is not there. */
const unlessAnothers = (verdict: Caller["verdict"]): Caller["verdict"] => (o) => {
  if (resource(o) !== "agentThread" || !isAboutOneRow(o)) return verdict(o);
  return o.effect === "read" ? [404, "NOT_FOUND"] : [403, "FORBIDDEN"];
};
const isAboutOneRow = (operation: Operation) => operation.path.includes("{");

let ada: Owner;
let rowsOfAda: Rows;
let callers: Caller[];
let bob: Owner;

beforeAll(async () => {
  ada = await owner("Ada");
  rowsOfAda = await rows(ada);
  const [admin, plain, removed, revoked, expired] = await Promise.all([
    member(ada, "admin", "Alan"),
    member(ada, "member", "Grace"),
    member(ada, "admin", "Edsger"),
    member(ada, "owner", "Barbara"),
    member(ada, "owner", "Donald"),
  ]);
  const stranger = (bob = await owner("Bob"));
  const database = await db();
  const change = (sql: string, ...values: unknown[]) => database.prepare(sql).bind(...values).run();
  await change("update session set activeOrganizationId = ? where userId in (select userId from member where organizationId = ?)", ada.orgId, ada.orgId);
  await change("delete from member where userId = ? and organizationId = ?", removed.id, ada.orgId);
  await change("delete from session where userId = ?", revoked.id);
  await change("update session set expiresAt = ? where userId = ?", new Date(Date.now() - 1000).toISOString(), expired.id);

  const as = (name: string, someone: Person, verdict: Caller["verdict"], gate?: number): Caller => ({ name, send: someone.send, verdict, gate });
  callers = [
    as("owner", ada, done),
    as("admin", admin, unlessAnothers(done)),
    as("member", plain, unlessAnothers(ofMember)),
    { ...as("other organization's owner", stranger, ofStranger), decides: stranger },
    as("removed member", removed, () => [403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION"], 1),
    { name: "signed-out", send, verdict: nobody, gate: 0 },
    as("revoked session", revoked, nobody, 1),
    as("expired session", expired, nobody, 1),
    ...(await withKeys(stranger)),
    ...(await withTokens(stranger)),
  ];
}, 120_000);

/** Callers with API keys, each by its own way to what it may or may not. None may do anything with keys, approvals and the log. */
async function withKeys(stranger: Owner): Promise<Caller[]> {
  const every = { dataset: ["create", "read", "update", "delete", "query"], automation: ["create", "read", "update", "delete", "run"] };
  const all = { ...every, dashboard: ["create", "read", "update", "delete"], widget: ["create", "read", "update", "delete"] };
  const own = (actions: string[]) => actions.filter((action) => action !== "run").map((action) => (action === "delete" ? "delete_own" : action));
  const members = Object.fromEntries(Object.entries(all).map(([resource, actions]) => [resource, own(actions)]));
  const key = async (of: Owner, body: object): Promise<Sender & { id: string; key: string }> => {
    const { key, apiKey } = (await of.send("POST", "/api/api-keys", { body: { name: "matrix", ...body } })).body;
    return { id: apiKey.id, key, send: (method, path, sent) => send(method, path, { ...sent, headers: { ...sent?.headers, authorization: `Bearer ${key}` } }) };
  };
  const leaver = await member(ada, "admin", "Linus");
  await (await db()).prepare("update session set activeOrganizationId = ? where userId = ?").bind(ada.orgId, leaver.id).run();
  const [full, reads, service, foreign, revoked, expired, left] = [
    await key(ada, { permissions: all }),
    await key(ada, {}),
    await key(ada, { permissions: members, kind: "organization" }),
    await key(stranger, { permissions: all }),
    await key(ada, { permissions: all }),
    await key(ada, { permissions: all, expiresIn: 60 }),
    await key({ ...leaver, orgId: ada.orgId }, { permissions: all }),
  ];
  const remove = (sql: string, ...values: unknown[]) => db().then((database) => database.prepare(sql).bind(...values).run());
  await ada.send("DELETE", `/api/api-keys/${revoked.id}`);
  await remove("update api_key set expires_at = ? where id = ?", new Date(Date.now() - 1000).toISOString(), expired.id);
  await remove("delete from member where userId = ?", leaver.id);

  return [
    { ...full, name: "key of all permissions", verdict: unless(done) },
    { ...reads, name: "key that reads", verdict: unless((o) => (o.effect === "read" ? done(o) : [403, "INSUFFICIENT_SCOPE"])) },
    { ...service, name: "the organization's key", verdict: unless((o) => (runs(o) ? [403, "INSUFFICIENT_SCOPE"] : ofMember(o))) },
    { ...foreign, name: "key of another organization", verdict: unless(ofStranger), decides: stranger },
    { ...revoked, name: "revoked key", verdict: nobody, gate: 1 },
    { ...expired, name: "expired key", verdict: nobody, gate: 1 },
    { ...left, name: "key of a removed member", verdict: nobody, gate: 1 },
    { name: "no key at all", send: (method, path, sent) => ada.send(method, path, { ...sent, headers: { authorization: "Bearer osk_short" } }), verdict: nobody, gate: 0 },
  ];
}

/** Callers with OAuth tokens, one for each door. None may do anything with credentials. */
async function withTokens(stranger: Owner): Promise<Caller[]> {
  const { body } = await send("GET", "/.well-known/oauth-authorization-server");
  const [all, reads] = [body.scopes_supported.join(" "), undefined];
  const client = await registered(CALLBACK);
  const [plain, leaver] = [await member(ada, "member", "Ken"), await member(ada, "admin", "Dennis")];
  const tokens = async (of: Person, organization: string, scope?: string): Promise<[Tokens, Tokens]> => [
    await granted(of, organization, client, "/mcp", scope),
    await granted(of, organization, client, "/api", scope),
  ];
  const [full, reading, members, foreign, revoked, expired, left] = [
    await tokens(ada, ada.orgId, all),
    await tokens(ada, ada.orgId, reads),
    await tokens(plain, ada.orgId, all),
    await tokens(stranger, stranger.orgId, all),
    await tokens(ada, ada.orgId, all),
    await tokens(ada, ada.orgId, all),
    await tokens(leaver, ada.orgId, all),
  ];
  const change = (sql: string, ...values: unknown[]) => db().then((database) => database.prepare(sql).bind(...values).run());
  await change("delete from member where userId = ?", leaver.id);
  // Of the grants of Ada's, newest first: two that have expired, two that are revoked.
  const { items } = (await ada.send("GET", "/api/oauth-grants", { headers: { "x-organization-id": ada.orgId } })).body;
  const [first, second, third, fourth] = items.filter((one: { createdBy: string }) => one.createdBy === ada.id);
  await change("update oauth_token set expires_at = ? where grant_id in (?, ?)", new Date(Date.now() - 1000).toISOString(), first.id, second.id);
  for (const { id } of [third, fourth]) expect((await ada.send("DELETE", `/api/oauth-grants/${id}`)).status).toBe(200);

  const as = (mcp: string, rest: string): Sender => ({
    send: (method, path, sent) => send(method, path, { ...sent, headers: { ...sent?.headers, authorization: `Bearer ${path === "/mcp" ? mcp : rest}` } }),
  });
  const of = ([mcp, rest]: [Tokens, Tokens]) => as(mcp.access_token, rest.access_token);
  return [
    { ...of(full), name: "token of all permissions", verdict: unless(done) },
    { ...of(reading), name: "token that reads", verdict: unless((o) => (o.effect === "read" ? done(o) : [403, "INSUFFICIENT_SCOPE"])) },
    { ...of(members), name: "member's token of all permissions", verdict: unless(ofMember) },
    { ...of(foreign), name: "token of another organization", verdict: unless(ofStranger), decides: stranger },
    { ...of(full.toReversed() as [Tokens, Tokens]), name: "token for the other door", verdict: nobody, gate: 1 },
    { ...of(revoked), name: "revoked token", verdict: nobody, gate: 1 },
    { ...of(expired), name: "expired token", verdict: nobody, gate: 1 },
    { ...of(left), name: "token of a removed member", verdict: nobody, gate: 1 },
    { ...as(full[0].refresh_token, full[1].refresh_token), name: "refresh token", verdict: nobody, gate: 1 },
    { ...as("oat_short", "oat_short"), name: "no token at all", verdict: nobody, gate: 0 },
  ];
}

const nobody = (): [number, string] => [401, "UNAUTHORIZED"];
const unless = (verdict: Caller["verdict"]): Caller["verdict"] => (o) => (isOverModels(o) ? [403, "INSUFFICIENT_SCOPE"] : verdict(o));

/** Ada's rows, but that which the operation is about is new. */
async function withFresh(operation: Operation): Promise<Rows> {
  const kind: Kind | undefined = operation.ids.find((id) => id.in === "path")?.kind;
  if (!kind) throw new Error(`${operation.name} destroys, and is about no row`);
  return { ...rowsOfAda, [kind]: kind === "oauth_grant" ? await grant(ada) : await row(ada, kind, rowsOfAda) };
}

/** A door: sends an operation through it, and gives the answer, and the verdict in REST's words. */
type Door = (caller: Caller, operation: Operation, sample: Sample) => Promise<{ answer: Answer; verdict: [number, string?] }>;

const DOORS: Record<string, Door> = {
  async rest(caller, operation, { path, body }) {
    const answer = await caller.send(operation.method, path, { body });
    return { answer, verdict: verdictOf(answer) };
  },
  // What waits for a person is approved, and called again: the verdict is that of the call that a person let through.
  async mcp(caller, operation, given) {
    const call = () => callTool(caller, operation.name, asArguments(operation, given));
    let answer = await call();
    if (answer.status === 200 && waits(operation) && toolError(answer).code === "APPROVAL_REQUIRED") {
      const decision = { body: { decision: "approve" } };
      const decided = await (caller.decides ?? ada).send("POST", `/api/approvals/${toolError(answer).approval}/decide`, decision);
      expect(decided.status, JSON.stringify(decided.body)).toBe(200);
      answer = await call();
    }
    if (answer.status !== 200) return { answer, verdict: verdictOf(answer) };
    const { isError, content } = answer.body.result;
    if (!isError) return { answer, verdict: done(operation) };
    const { code } = JSON.parse(content[0].text);
    return { answer, verdict: [STATUS_OF[code]!, code] };
  },
};

const verdictOf = ({ status, body }: Answer): [number, string?] => (body.code === undefined ? [status] : [status, body.code]);

/** A tool's error has no status of HTTP's. */
const STATUS_OF: Record<string, number> = { FORBIDDEN: 403, INSUFFICIENT_SCOPE: 403, ORG_PERMISSION_DENIED: 403, NOT_FOUND: 404, INVALID_INPUT: 400, CONFLICT: 409 };

test.each(Object.keys(DOORS))("%s: every operation gives every caller the verdict that he is due, at its price", async (door) => {
  let cells = 0;
  let same: string | undefined;
  const all = (await operations()).sort((a, b) => Number(a.effect === "destructive") - Number(b.effect === "destructive"));
  expect(all.length).toBeGreaterThan(20);
  for (const operation of all) {
    // Those who are refused come first: a row that is to be deleted is still there for them.
    if (door === "mcp" && !isTool(operation.path)) continue;
    for (const caller of [...callers].reverse()) {
      const [status, code] = caller.verdict(operation);
      // What goes, or is done once, has a row of its own, which nothing else uses.
      const goes = (operation.effect === "destructive" || operation.name === "approval_decide") && status < 400;
      const given = sample(operation, goes ? await withFresh(operation) : rowsOfAda);
      const changing = door === "mcp" ? ["approval"] : [];
      const before = status >= 400 && operation.effect !== "read" ? (same ?? (await dump(...changing))) : undefined;
      const { answer, verdict } = await DOORS[door]!(caller, operation, given);
      const cell = `${operation.name} × ${caller.name}: ${JSON.stringify(answer.body)}`;
      expect(verdict, cell).toEqual(code === undefined ? [status] : [status, code]);
      expect(answer.d1Calls, cell).toBe(cost(operation, caller, [status, code], door));
      if (before !== undefined) expect(await dump(...changing), cell).toBe(before);
      // What did not change is not read again for the next.
      same = status < 400 && operation.effect !== "read" ? undefined : (before ?? same);
      cells += 1;
    }
  }
  console.log(`verdict matrix, ${door}: ${all.length} operations × ${callers.length} callers = ${cells} cells`);
}, 600_000);

/** What the database holds but what every run adds to. */
const rest = () => dump("approval", "agent_thread", "agent_entry");

/** A run in which the model makes those calls, as many at once as are done: what the tools answered, and the last event. */
async function runOf(caller: Caller, threadId: string, calls: Call[], input: object): Promise<{ answer: Answer; results: any[]; last?: any }> {
  const replies = calls.flatMap((_, at) => (at % 16 ? [] : [calls.slice(at, at + 16)]));
  script = () => replies.shift() ?? "Done.";
  const body = { threadId, runId: "r", messages: [], ...input };
  const answer = await caller.send("POST", "/api/copilotkit/agent/default/run", { body, timeoutMs: 60_000 });
  if (answer.status !== 200) return { answer, results: [] };
  const events: any[] = answer.body.split("\n\n").filter(Boolean).map((frame: string) => JSON.parse(frame.slice("data: ".length)));
  const results = events.filter(({ type }) => type === "TOOL_CALL_RESULT").map(({ content }) => JSON.parse(content));
  return { answer, results, last: events.at(-1) };
}

const said = () => ({ messages: [{ id: randomUUID(), role: "user", content: "Go on" }] });
const callOf = (operation: Operation, rows: Rows): Call => ({ tool: operation.name, arguments: asArguments(operation, sample(operation, rows)) });

/** The verdicts on those tools, called by the agent for the caller. Of what waits he is asked, and until he approves nothing has happened. */
async function byAgent(caller: Caller, some: Operation[], isAsked: boolean, refused: boolean): Promise<[number, string?][]> {
  const calls: Call[] = [];
  for (const operation of some) calls.push(callOf(operation, operation.effect === "destructive" && !refused ? await withFresh(operation) : rowsOfAda));
  const [before, threadId] = [await rest(), randomUUID()];
  let { results, last } = await runOf(caller, threadId, calls, said());
  if (isAsked) {
    expect([results, last.outcome?.interrupts?.length], `${caller.name}: ${JSON.stringify(last)}`).toEqual([[], some.length]);
    expect(await rest(), caller.name).toBe(before);
    const resume = last.outcome.interrupts.map(({ id }: any) => ({ interruptId: id, status: "resolved", payload: { approve: true } }));
    ({ results, last } = await runOf(caller, threadId, [], { resume }));
  }
  expect([last.type, last.outcome], `${caller.name}: ${JSON.stringify(last)}`).toEqual(["RUN_FINISHED", undefined]);
  if (refused) expect(await rest(), `${caller.name}: ${JSON.stringify(results)}`).toBe(before);
  return some.map((operation, at) => (STATUS_OF[results[at].code] ? [STATUS_OF[results[at].code]!, results[at].code] : done(operation)));
}

test("agent: every tool that a model calls gives every caller the verdict that he is due, or waits for him first", async () => {
  const all = await operations();
  const tools = all.filter(({ path }) => isTool(path));
  // What was approved at another door and not used up is good here, for the same session.
  await (await db()).prepare("delete from approval").run();
  // Who may have no thread does not get in, and no model is asked.
  const door = all.find(({ name }) => name === "agent_thread_list")!;
  const [inside, outside] = [callers.filter((caller) => caller.verdict(door)[0] === 200), callers.filter((caller) => caller.verdict(door)[0] !== 200)];
  for (const caller of outside) {
    const before = [await rest(), scripted.requests.length];
    const { answer } = await runOf(caller, randomUUID(), tools.map((operation) => callOf(operation, rowsOfAda)), said());
    expect(verdictOf(answer), caller.name).toEqual(caller.verdict(door));
    expect([await rest(), scripted.requests.length], caller.name).toEqual(before);
  }
  let [cells, interrupts] = [0, 0];
  // Those who are refused come first: a row that is to be deleted is still there for them.
  for (const refused of [true, false]) {
    for (const caller of inside) {
      for (const isAsked of [false, true]) {
        const some = tools.filter((operation) => {
          const [status, code] = caller.verdict(operation);
          return status >= 400 === refused && (waits(operation) && !isRefusedUnread(operation, code)) === isAsked;
        });
        if (some.length === 0) continue;
        const verdicts = await byAgent(caller, some, isAsked, refused);
        expect(some.map(({ name }, at) => [name, ...verdicts[at]!]), caller.name).toEqual(some.map((operation) => [operation.name, ...caller.verdict(operation)]));
        [cells, interrupts] = [cells + some.length, interrupts + (isAsked ? some.length : 0)];
      }
    }
  }
  expect([cells, interrupts > 15, outside.length > 15]).toEqual([tools.length * inside.length, true, true]);
  console.log(
    `verdict matrix, agent: ${tools.length} tools × ${inside.length} callers = ${cells} cells, ${interrupts} of them after an interrupt; ` +
      `× ${outside.length} callers who are refused at the door = ${tools.length * outside.length}`,
  );
}, 120_000);

test("a stranger's lists hold nothing of another organization", async () => {
  const stranger = callers.find((caller) => caller.name.startsWith("other"))!;
  await callTool(stranger, "dashboard_delete", { id: rowsOfAda.dashboard });
  for (const operation of await operations()) {
    if (!operation.name.endsWith("_list") || isAboutOneRow(operation)) continue;
    const answer = await stranger.send("GET", operation.path);
    if (["approval_list", "audit_list"].includes(operation.name)) {
      // What he just tried himself names her row, and nothing that anyone else did is there.
      expect(answer.body.items.length).toBeGreaterThan(0);
      for (const { createdBy, userId } of answer.body.items) expect(createdBy ?? userId, operation.name).toBe(bob.id);
      continue;
    }
    const text = JSON.stringify(answer.body);
    for (const id of Object.values(rowsOfAda)) expect(text).not.toContain(id);
  }
});

test("a member deletes what is his own", async () => {
  const grace = await member(ada, "member", "Grace");
  const headers = { "x-organization-id": ada.orgId };
  const hers: Sender = { send: (method, path, sent) => grace.send(method, path, { ...sent, headers }) };
  const made = {} as Rows;
  const kinds = ["dataset", "dashboard", "widget", "automation"] as const;
  for (const kind of kinds) made[kind] = await row(hers, kind, made);
  // What uses another goes before it.
  for (const kind of kinds.toReversed()) {
    const answer = await hers.send("DELETE", `/api/${kind}s/${made[kind]}`);
    expect([answer.status, answer.body], kind).toEqual([200, { id: made[kind], deleted: true }]);
    expect((await hers.send("GET", `/api/${kind}s/${made[kind]}`)).status, kind).toBe(404);
  }
});

test("a person without an organization is told how to choose one", async () => {
  const someone = await person("Tim");
  await (await db()).prepare("update session set activeOrganizationId = null where userId = ?").bind(someone.id).run();
  expect((await someone.send("GET", "/api/me")).body.code).toBe("NO_ACTIVE_ORGANIZATION");
});
