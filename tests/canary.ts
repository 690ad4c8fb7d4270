// What one organization has, and no other may come to know.
import { type Owner, db } from "./world.ts";

/** What the dataset is called, which a model may guess; and what is in it, which no one says who has not read it. */
export const DATASET = "canary_8d1f";
export const SECRET = "nobody guesses 6b0e";

/** Gives the organization that dataset, and a dashboard of that name; the dataset's id. */
export async function plant(of: Owner): Promise<string> {
  const columns = [{ name: "secret", type: "text", nullable: false }];
  const { id } = (await of.send("POST", "/api/datasets", { body: { name: DATASET, columns } })).body;
  await of.send("POST", `/api/datasets/${id}/append`, { body: { rows: [{ secret: SECRET }] } });
  await of.send("POST", "/api/dashboards", { body: { name: SECRET } });
  return id;
}

const TABLES = [
  "dataset", "dashboard", "widget", "automation", "automation_run", "api_key", "oauth_grant", "approval", "agent_thread", "agent_entry",
  "notice", "delivery", "webhook_secret", "audit_event", "audit_anchor",
];

/** All that is the organization's in the database. */
export async function rowsOf(of: Owner): Promise<string> {
  const database = await db();
  const all = TABLES.map(async (table) => (await database.prepare(`select * from ${table} where org_id = ? order by 1, 2`).bind(of.orgId).all()).results);
  return JSON.stringify(await Promise.all(all));
}
