// Good requests for each operation, over rows that exist. An operation, or an id in a body, that has none fails the tests.
import { randomUUID } from "node:crypto";
import { granted, registered } from "./oauth.ts";
import { type Answer, type Owner, type Sent, db, send } from "./world.ts";

/** One operation, as the OpenAPI document has it. */
export interface Operation {
  name: string;
  method: string;
  path: string;
  permission: string | null;
  effect: "read" | "write" | "destructive";
  /** Whether it may say where data is sent. */
  sends: boolean;
  /** Every id that a request for it can name. */
  ids: IdParameter[];
}

/** A place in a request where an id stands. */
export interface IdParameter {
  in: "path" | "query" | "body";
  /** `id`; in a body a dotted path, such as `config.datasetId`. */
  name: string;
  kind: Kind;
}

/** A row of each kind, by id. */
export type Rows = Record<Kind, string>;
export type Kind =
  | "dataset" | "dashboard" | "widget" | "automation" | "automation_run" | "delivery" | "webhook_secret"
  | "api_key" | "oauth_grant" | "approval" | "agent_thread";

const KINDS: Record<string, Kind> = {
  ds: "dataset",
  db: "dashboard",
  wg: "widget",
  au: "automation",
  run: "automation_run",
  key: "api_key",
  grant: "oauth_grant",
  ap: "approval",
  th: "agent_thread",
  dlv: "delivery",
  whs: "webhook_secret",
};

/** What holds models in, or is the organization's own to decide, which no API key and no access token reaches. */
export const isOverModels = ({ permission }: { permission: string | null | undefined }): boolean =>
  /^(apiKey|oauthGrant|approval|audit|agentThread|organization):/.test(permission ?? "");

const HOLDS_MODELS_IN = ["/api/api-keys", "/api/webhook-secrets", "/api/oauth-grants", "/api/approvals", "/api/audit", "/api/agent-threads", "/api/organization-settings"];
/** Whether a model may call it. */
export const isTool = (path: string): boolean => !HOLDS_MODELS_IN.some((kept) => path.startsWith(kept));

/** Whether its sample waits for a person when a model calls it. */
export const waits = ({ effect, sends }: Operation): boolean => effect === "destructive" || sends;

/** Every operation of the running Worker. */
export async function operations(): Promise<Operation[]> {
  const { body } = await send("GET", "/api/openapi.json");
  return Object.entries<Record<string, any>>(body.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, o]) => ({
      name: o.operationId,
      method: method.toUpperCase(),
      path,
      permission: o["x-permission"],
      effect: o["x-effect"],
      sends: o["x-sends"],
      ids: [
        ...o.parameters.flatMap((p: any) => (p.in === "header" ? [] : idsIn(p.schema, p.name, body).map((id) => ({ ...id, in: p.in })))),
        ...idsIn(o.requestBody?.content["application/json"].schema ?? {}, "", body).map((id) => ({ ...id, in: "body" as const })),
      ],
    })),
  );
}

/** What an operation is over: `dataset`; nothing if a membership is enough. */
export const resource = (operation: Pick<Operation, "permission">) => operation.permission?.split(":")[0];

/** The ids in a value of that schema: what has the pattern of an id. */
function idsIn(schema: any, name: string, document: any): Omit<IdParameter, "in">[] {
  const prefix = /^\^(\w+)_\[0-9a-f\]\{32\}\$$/.exec(schema.pattern ?? "")?.[1];
  if (prefix && !KINDS[prefix]) throw new Error(`tests/samples.ts knows no rows with the prefix ${prefix}_`);
  if (prefix) return [{ name, kind: KINDS[prefix]! }];
  if (/(^|\.)(id|\w+Id|cursor)$/.test(name)) throw new Error(`${name} is called like an id, and its schema has no pattern of one`);
  const reference = schema.$ref?.split("/").pop();
  const inside = [
    ...(reference ? [[name, document.components.schemas[reference]]] : []),
    ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])].map((one) => [name, one]),
    ...(schema.items ? [[`${name}.0`, schema.items]] : []),
    ...Object.entries(schema.properties ?? {}).map(([field, one]) => [name ? `${name}.${field}` : field, one]),
  ];
  return inside.flatMap(([name, one]) => idsIn(one, name, document));
}

const columns = [{ name: "amount", type: "decimal", nullable: false }];
const channels = [{ type: "email", to: ["ops@example.com"] }];
const schedule = { cron: "0 9 * * MON-FRI", timeZone: "Europe/Berlin" };
const report = (rows: Rows) => ({ type: "scheduled_report", dashboardId: rows.dashboard, format: "csv", channels });
const alert = (rows: Rows) => ({
  type: "threshold_alert",
  datasetId: rows.dataset,
  sql: "select count(*) from (select 1)",
  operator: "lt",
  threshold: 10,
  noData: "alert",
  channels,
});

/** Bodies of each create and update: together they name every id that there is to name. */
const BODIES: Record<string, (rows: Rows) => object[]> = {
  dataset_create: () => [{ name: `sales ${randomUUID()}`, columns }],
  dataset_update: () => [{ description: "All of it" }],
  dataset_append: () => [{ rows: [{ amount: 1.5 }] }],
  dataset_replace: () => [{ rows: [{ amount: 2.5 }] }],
  dataset_infer: () => [{ rows: [{ amount: 1.5 }] }],
  dataset_profile: () => [{}],
  dataset_query: () => [{ sql: "select 1 as one" }],
  dashboard_create: () => [{ name: "Revenue" }],
  dashboard_update: () => [{ name: "Revenue 2026" }],
  widget_create: (rows) => [
    {
      dashboardId: rows.dashboard,
      datasetId: rows.dataset,
      kind: "bar",
      title: "By day",
      config: { yField: "amount", aggregate: "sum" },
    },
  ],
  widget_update: (rows) => [{ title: "By week" }, { datasetId: rows.dataset }],
  automation_create: (rows) => [
    { name: "Report", schedule, config: report(rows) },
    { name: "Low stock", schedule, config: alert(rows) },
  ],
  api_key_create: () => [{ name: "Nightly import" }],
  approval_decide: () => [{ decision: "approve" }],
  webhook_secret_create: () => [{ url: "https://example.com/hook" }],
  delivery_resend: () => [{}],
  automation_run_now: () => [{}],
  automation_test: () => [{}],
  automation_test_send: () => [{}],
  organization_settings_update: () => [{ runRetentionDays: 30 }],
  automation_preview: () => [{ schedule }, { schedule: { preset: { type: "month_end", at: "18:00" }, timeZone: "Asia/Kathmandu" } }],
  automation_update: (rows) => [{ config: report(rows) }, { config: alert(rows) }, { isEnabled: false }],
};

/** A request. */
export interface Sample {
  path: string;
  body?: object;
}

/** A request for the operation, over those rows. */
export function sample(operation: Operation, rows: Rows): Sample {
  const body = bodies(operation, rows)[0];
  return { path: path(operation, rows), ...(body && { body }) };
}

/** What a tool takes for the same: the path's parameters beside the body's fields. */
export function asArguments(operation: Operation, { path, body }: Sample): object {
  const parts = path.split("/");
  const named = operation.path.split("/").flatMap((part, index) => (part.startsWith("{") ? [[part.slice(1, -1), decodeURIComponent(parts[index]!)]] : []));
  return { ...Object.fromEntries(named), ...body };
}

/** A sample, with `id` where the parameter stands, whatever else it names. */
export function sampleWith(operation: Operation, parameter: IdParameter, id: string, rows: Rows): Sample {
  const { name } = parameter;
  if (parameter.in === "query") return { path: `${path(operation, rows)}?${new URLSearchParams({ [name]: id })}` };
  if (parameter.in === "path") return { ...sample(operation, rows), path: path(operation, rows, { [name]: id }) };
  const body = bodies(operation, rows).find((body) => replaced(body, name.split("."), id));
  if (!body) throw new Error(`tests/samples.ts has no body for ${operation.name} that names ${name}`);
  return { path: path(operation, rows), body };
}

function path(operation: Operation, rows: Rows, instead: Record<string, string> = {}): string {
  return operation.path.replaceAll(/\{(\w+)\}/g, (_, name) => {
    const kind = operation.ids.find((id) => id.in === "path" && id.name === name)?.kind;
    if (!kind) throw new Error(`${operation.path}: {${name}} is no id`);
    return encodeURIComponent(instead[name] ?? rows[kind]);
  });
}

function bodies(operation: Operation, rows: Rows): object[] {
  if (operation.method !== "POST" && operation.method !== "PATCH") return [];
  const body = BODIES[operation.name];
  if (!body) throw new Error(`tests/samples.ts has no body for ${operation.name}`);
  return body(rows);
}

/** Puts `id` where another stands; whether one did. */
function replaced(value: any, [field, ...rest]: string[], id: string): boolean {
  if (value === null || typeof value !== "object" || !(field! in value)) return false;
  if (rest.length) return replaced(value[field!], rest, id);
  value[field!] = id;
  return true;
}

/** One more row of that kind: nothing stands on it yet. */
export async function row(by: Sender, kind: Kind, rows: Rows): Promise<string> {
  if (kind === "agent_thread") return thread(by);
  // A model's call asks for one.
  if (kind === "approval") return toolError(await callTool(by, "dashboard_delete", { id: await row(by, "dashboard", rows) })).approval;
  const answer = await by.send("POST", `/api/${kind.replace("_", "-")}s`, { body: BODIES[`${kind}_create`]!(rows)[0]! });
  if (answer.status !== 201) throw new Error(`${kind}: ${JSON.stringify(answer.body)}`);
  return (answer.body.apiKey ?? answer.body.webhookSecret ?? answer.body).id;
}

/** An application that its organization's owner lets act for him. */
export async function grant(of: Owner): Promise<string> {
  await granted(of, of.orgId, await registered(), "/mcp");
  return (await of.send("GET", "/api/oauth-grants?limit=1", { headers: { "x-organization-id": of.orgId } })).body.items[0].id;
}

/** A new thread, in which something was said. */
async function thread(by: Sender): Promise<string> {
  const messages = [{ id: randomUUID(), role: "user", content: "Hello" }];
  const run = await by.send("POST", "/api/copilotkit/agent/default/run", { body: { threadId: randomUUID(), runId: "r", messages } });
  const threads = await by.send("GET", "/api/agent-threads?limit=1");
  if (run.status !== 200 || threads.status !== 200) throw new Error(`agent_thread: ${JSON.stringify([run.body, threads.body])}`);
  return threads.body.items[0].id;
}

/** Calls a tool, as a client of the older revisions. */
export const callTool = (by: Sender, name: string, args: object) =>
  by.send("POST", "/mcp", { body: { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } } });

/** What a tool refused. */
export function toolError({ body }: Answer): { code: string; approval: string } {
  if (body.result?.isError !== true) throw new Error(`not refused: ${JSON.stringify(body)}`);
  return JSON.parse(body.result.content[0].text);
}

/** Who sends requests. */
export interface Sender {
  send(method: string, path: string, sent?: Sent): Promise<Answer>;
}

/** A row of each kind, which use each other. A run that waits, and what it has to tell, are written to the database. */
export async function rows(of: Owner): Promise<Rows> {
  const hex = () => randomUUID().replaceAll("-", "");
  const made = { automation_run: `run_${hex()}`, delivery: `dlv_${hex()}` } as Rows;
  for (const kind of ["dataset", "dashboard", "widget", "automation", "api_key", "webhook_secret", "approval", "agent_thread"] as const) made[kind] = await row(of, kind, made);
  made.oauth_grant = await grant(of);
  const database = await db();
  const insert = (sql: string, ...values: unknown[]) => database.prepare(sql).bind(...values).run();
  const now = new Date().toISOString();
  await insert(
    "insert into automation_run (id, org_id, automation_id, scheduled_for, status, created_at, updated_at) values (?1, ?2, ?3, ?4, 'queued', ?4, ?4)",
    made.automation_run, of.orgId, made.automation, now,
  );
  await insert("insert into notice (run_id, org_id, kind, title, text, data, created_at) values (?1, ?2, 'alert', 't', 't', '{}', ?3)", made.automation_run, of.orgId, now);
  await insert(
    `insert into delivery (id, org_id, run_id, destination, status, next_attempt_at, created_at, updated_at)
      values (?1, ?2, ?3, '{"type":"webhook","url":"https://example.com/hook"}', 'pending', ?4, ?4, ?4)`,
    made.delivery, of.orgId, made.automation_run, now,
  );
  return made;
}

/**
 * Everything in the database, but when keys were used, and but the audit log and further tables, which also what is
 * refused may add to: to see that nothing has changed.
 */
export async function dump(...further: string[]): Promise<string> {
  const database = await db();
  const names = "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' and name not like '\\_cf\\_%' escape '\\'";
  const { results } = await database.prepare(names).all<{ name: string }>();
  const tables = results.filter(({ name }) => !["audit_event", ...further].includes(name));
  const contents = tables.map(async ({ name }) => {
    const { results } = await database.prepare(`select * from "${name}"`).all<Record<string, unknown>>();
    return [name, results.map((row) => ({ ...row, last_used_at: undefined }))];
  });
  return JSON.stringify(await Promise.all(contents));
}
