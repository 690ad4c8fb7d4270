// A good request for each operation, over rows that exist. The matrix fails on an operation that has none.
import { randomUUID } from "node:crypto";
import { type Owner, db, send } from "./world.ts";

/** One operation, as the OpenAPI document has it. */
export interface Operation {
  name: string;
  method: string;
  path: string;
  permission: string | null;
  effect: "read" | "write" | "destructive";
}

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
    })),
  );
}

/** A row of each kind, by id. */
export interface Rows {
  dataset: string;
  dashboard: string;
  widget: string;
  automation: string;
  automation_run: string;
}

const columns = [{ name: "amount", type: "decimal", nullable: false }];
const channels = [{ type: "email", to: ["ops@example.com"] }];
const schedule = { cron: "0 9 * * MON-FRI", timeZone: "Europe/Berlin" };

/** The body of each create and update. */
const BODIES: Record<string, (rows: Rows) => unknown> = {
  dataset_create: () => ({ name: `sales ${randomUUID()}`, columns }),
  dataset_update: () => ({ description: "All of it" }),
  dashboard_create: () => ({ name: "Revenue" }),
  dashboard_update: () => ({ name: "Revenue 2026" }),
  widget_create: (rows) => ({
    dashboardId: rows.dashboard,
    datasetId: rows.dataset,
    kind: "bar",
    title: "By day",
    config: { sql: "select day, sum(amount) from sales group by day" },
  }),
  widget_update: () => ({ title: "By week" }),
  automation_create: (rows) => ({
    name: "Low stock",
    schedule,
    config: { type: "scheduled_report", dashboardId: rows.dashboard, format: "csv", channels },
  }),
  automation_update: () => ({ isEnabled: false }),
};

/** A request for the operation, over those rows; `id` stands in for each id of the path. */
export function sample(operation: Operation, rows: Rows, id?: string): { path: string; body?: unknown } {
  const kind = operation.name.replace(/_[a-z]+$/, "") as keyof Rows;
  const path = operation.path.replace("{id}", id ?? rows[kind]).replace("{automationId}", id ?? rows.automation);
  if (operation.method !== "POST" && operation.method !== "PATCH") return { path };
  const body = BODIES[operation.name];
  if (!body) throw new Error(`tests/samples.ts has no body for ${operation.name}`);
  return { path, body: body(rows) };
}

/**
 * A row of each kind, made by `of`, or none after that of the kind `until`: what nothing refers to can be deleted.
 * A run is written to the database: no request makes one yet.
 */
export async function rows(of: Owner, until?: string): Promise<Rows> {
  const made = { automation_run: `run_${randomUUID().replaceAll("-", "")}` } as Rows;
  for (const kind of ["dataset", "dashboard", "widget", "automation"] as const) {
    const answer = await of.send("POST", `/api/${kind}s`, { body: BODIES[`${kind}_create`]!(made) });
    if (answer.status !== 201) throw new Error(`${kind}: ${JSON.stringify(answer.body)}`);
    made[kind] = answer.body.id;
    if (kind === until) return made;
  }
  const insert = "insert into automation_run (id, org_id, automation_id, scheduled_for, status, created_at, updated_at) values (?, ?, ?, ?, 'queued', ?, ?)";
  const now = new Date().toISOString();
  await (await db()).prepare(insert).bind(made.automation_run, of.orgId, made.automation, now, now, now).run();
  return made;
}

/** Everything in the database: to see that nothing has changed. */
export async function dump(): Promise<string> {
  const database = await db();
  const tables = "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' and name not like '\\_cf\\_%' escape '\\'";
  const { results } = await database.prepare(tables).all<{ name: string }>();
  const contents = results.map(async ({ name }) => [name, (await database.prepare(`select * from "${name}"`).all()).results]);
  return JSON.stringify(await Promise.all(contents));
}
