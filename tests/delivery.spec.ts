// The outbox in workerd, against real receivers on this machine: signatures, silence, slowness, redirects, two ticks at once.
import { randomUUID } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type Database, harness } from "./world.ts";

const TIMEOUT_MS = 300;
const deployment = harness({ WEBHOOK_ALLOW_LOOPBACK: "true", WEBHOOK_TIMEOUT_MS: String(TIMEOUT_MS) });
const worker = deployment.getWorker<{ DB: Database }>();
let DB: Database;
let base: URL;
let headers: Record<string, string>;

/** A request as the organization's owner. */
const send = async (method: string, path: string, body?: unknown) => {
  const response = await fetch(new URL(path, base), { method, headers, body: body === undefined ? null : JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as any };
};
/** One minute's cron. */
const tick = async () => expect(await worker.scheduled({ cron: "* * * * *", scheduledTime: new Date() })).toMatchObject({ outcome: "ok" });
const now = () => new Date().toISOString();

let orgId: string;
let email: string;
let dashboard: { id: string };
let automation: { id: string };

beforeAll(async () => {
  base = (await deployment.listen()).url;
  await worker.applyD1Migrations("DB");
  DB = (await worker.getEnv()).DB;
  headers = { "content-type": "application/json", origin: base.origin };
  email = `ada-${randomUUID()}@example.com`;
  const signedUp = await fetch(new URL("/api/auth/sign-up/email", base), {
    method: "POST",
    headers,
    body: JSON.stringify({ name: "Ada", email, password: "correct horse battery" }),
  });
  headers.authorization = `Bearer ${((await signedUp.json()) as any).token}`;
  orgId = (await send("GET", "/api/me")).body.organizationId;
  dashboard = (await send("POST", "/api/dashboards", { name: "Sales" })).body;
  const config = { type: "scheduled_report", dashboardId: dashboard.id, format: "html", channels: [{ type: "webhook", url: "http://127.0.0.1:9/" }] };
  automation = (await send("POST", "/api/automations", { name: "Report", schedule: { cron: "0 8 * * *", timeZone: "UTC" }, config })).body;
  expect(automation.id).toMatch(/^au_/);
});
afterAll(() => deployment.close());

interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}
const received: Received[] = [];
let answer: (response: ServerResponse) => void;
let receiver: Server;
let port: number;

const listen = (at: number) =>
  new Promise<void>((resolve) => {
    receiver = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      received.push({ path: request.url!, headers: request.headers, body: Buffer.concat(chunks).toString() });
      answer(response);
    }).listen(at, "127.0.0.1", resolve);
  });
const close = () =>
  new Promise<void>((resolve) => {
    receiver.close(() => resolve());
    receiver.closeAllConnections();
  });

beforeEach(async () => {
  received.length = 0;
  answer = (response) => response.writeHead(204).end();
  await listen(0);
  port = (receiver.address() as AddressInfo).port;
});
afterEach(close);

/** The harness's way out answers 500 for what it cannot reach, and for a redirect; native tests tell the words apart. */
const FAILED = expect.stringMatching(/^(UNREACHABLE|HTTP_307|HTTP_500)$/);

const hex = () => randomUUID().replaceAll("-", "");

/** Keeps a notice with a delivery to the URL, as the batch that ends a run does. Gives the delivery's id. */
async function due(url: string): Promise<string> {
  const [run, id, at] = [`run_${hex()}`, `dlv_${hex()}`, now()];
  const insert = (sql: string, ...values: unknown[]) => DB.prepare(sql).bind(...values).run();
  await insert(
    "insert into automation_run (id, org_id, automation_id, scheduled_for, status, created_at, updated_at) values (?, ?, ?, ?, 'succeeded', ?, ?)",
    run, orgId, automation.id, `${at} ${run}`, at, at,
  );
  await insert("insert into notice (run_id, org_id, kind, title, text, data, created_at) values (?, ?, 'alert', 'Orders are low', '7 is below 10.', '{\"value\":7}', ?)", run, orgId, at);
  await insert(
    "insert into delivery (id, org_id, run_id, destination, status, attempt, next_attempt_at, created_at, updated_at) values (?, ?, ?, ?, 'pending', 0, ?, ?, ?)",
    id, orgId, run, JSON.stringify({ type: "webhook", url }), at, at, at,
  );
  return id;
}
const url = (path = "/hook") => `http://127.0.0.1:${port}${path}`;
const delivery = async (id: string) => (await send("GET", `/api/deliveries/${id}`)).body;
/** As if its next attempt were due now. */
const skipWait = (id: string) => DB.prepare("update delivery set next_attempt_at = ? where id = ?").bind(now(), id).run();

test("a receiver verifies what it gets, by the library of Standard Webhooks", async () => {
  const made = await send("POST", "/api/webhook-secrets", { url: url() });
  expect(made.status).toBe(201);
  const id = await due(url());
  await tick();
  expect(received).toHaveLength(1);
  const [{ headers, body }] = received as [Received];
  const sent = headers as Record<string, string>;
  const verified = new Webhook(made.body.secret).verify(body, sent);
  expect(verified).toMatchObject({ type: "alert", title: "Orders are low", text: "7 is below 10.", data: { value: 7 } });
  expect(sent["webhook-id"]).toBe(id);
  expect(sent["content-type"]).toBe("application/json");
  for (const name of ["cookie", "authorization"]) expect(sent).not.toHaveProperty(name);
  expect(await delivery(id)).toMatchObject({ status: "delivered", attempt: 1, error: null, nextAttemptAt: null });

  const other = await send("POST", "/api/webhook-secrets", { url: url("/another") });
  const forged = [
    () => new Webhook(other.body.secret).verify(body, sent),
    () => new Webhook(made.body.secret).verify(body.replace("7", "8"), sent),
    () => new Webhook(made.body.secret).verify(body, { ...sent, "webhook-id": "dlv_x" }),
    () => new Webhook(made.body.secret).verify(body, { ...sent, "webhook-timestamp": String(Number(sent["webhook-timestamp"]) + 1) }),
  ];
  for (const attempt of forged) expect(attempt).toThrow(WebhookVerificationError);
});

test("while a secret is changed, the old and the new one both verify", async () => {
  const [old, fresh] = [await send("POST", "/api/webhook-secrets", { url: url() }), await send("POST", "/api/webhook-secrets", { url: url() })];
  await due(url());
  await tick();
  const [{ headers, body }] = received as [Received];
  for (const { body: made } of [old, fresh]) new Webhook(made.secret).verify(body, headers as Record<string, string>);
  expect((await send("DELETE", `/api/webhook-secrets/${old.body.webhookSecret.id}`)).status).toBe(200);
  received.length = 0;
  await due(url());
  await tick();
  const [again] = received as [Received];
  new Webhook(fresh.body.secret).verify(again.body, again.headers as Record<string, string>);
  expect(() => new Webhook(old.body.secret).verify(again.body, again.headers as Record<string, string>)).toThrow(WebhookVerificationError);
});

test("a receiver that is down gets it once it is up, under the same id", async () => {
  await close();
  const id = await due(url());
  await tick();
  expect(await delivery(id)).toMatchObject({ status: "pending", attempt: 1, error: FAILED });
  await listen(port);
  await tick();
  expect(received, "not before it is due").toHaveLength(0);
  await skipWait(id);
  await tick();
  expect(received.map(({ headers }) => headers["webhook-id"])).toEqual([id]);
  expect(await delivery(id)).toMatchObject({ status: "delivered", attempt: 2, error: null });
});

test("a receiver that does not answer in time has failed, and holds no other up", async () => {
  answer = (response) => void (received.at(-1)!.path === "/slow" || response.writeHead(204).end());
  const [slow, quick] = [await due(url("/slow")), await due(url("/quick"))];
  await tick();
  expect(await delivery(slow)).toMatchObject({ status: "pending", attempt: 1, error: "TIMED_OUT" });
  expect(await delivery(quick)).toMatchObject({ status: "delivered" });
});

test("a redirect is not followed", async () => {
  answer = (response) => void response.writeHead(307, { location: url("/elsewhere") }).end();
  const id = await due(url());
  await tick();
  expect(received.map(({ path }) => path)).toEqual(["/hook"]);
  expect(await delivery(id)).toMatchObject({ status: "pending", error: FAILED });
});

test("ticks at once send each delivery once", async () => {
  const ids = [];
  for (let n = 0; n < 30; n += 1) ids.push(await due(url(`/${n}`)));
  await Promise.all([tick(), tick(), tick()]);
  await tick();
  expect(received.map(({ headers }) => headers["webhook-id"]).sort()).toEqual(ids.sort());
});

test("what has died is seen, and sent again", async () => {
  answer = (response) => void response.writeHead(500).end("words of a stranger");
  const id = await due(url());
  for (let attempt = 1; attempt <= 8; attempt += 1) {
    await skipWait(id);
    await tick();
  }
  expect(received).toHaveLength(8);
  expect((await send("GET", "/api/deliveries?status=dead")).body.items).toMatchObject([{ id, attempt: 8, error: "HTTP_500" }]);
  await tick();
  expect(received, "it is not tried again by itself").toHaveLength(8);

  answer = (response) => response.writeHead(200).end();
  expect(await send("POST", `/api/deliveries/${id}/resend`)).toMatchObject({ status: 200, body: { status: "pending", attempt: 0 } });
  await tick();
  expect(new Set(received.map(({ headers }) => headers["webhook-id"]))).toEqual(new Set([id]));
  expect(await delivery(id)).toMatchObject({ status: "delivered", attempt: 1 });
  expect((await send("POST", `/api/deliveries/${id}/resend`)).status).toBe(409);
});

interface Mail {
  subject: string;
  text: string;
  html: string;
  attachments?: { name: string; mediaType: string; text: string }[];
}
const mails = async (to: string) => (await send("GET", `/__dev/outbox?to=${encodeURIComponent(to)}`)).body as Mail[];

/** Has an automation run now, and waits until the queue has brought it so far that it has told. */
async function runNow(name: string, config: Record<string, unknown>): Promise<string> {
  const made = await send("POST", "/api/automations", { name, schedule: { cron: "0 8 1 1 *", timeZone: "Europe/Berlin" }, config });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  const run = await send("POST", `/api/automations/${made.body.id}/run`);
  const told = async () => (await send("GET", `/api/deliveries?runId=${run.body.id}`)).body.items.map(({ status }: any) => status);
  await expect.poll(told, { timeout: 15_000 }).toEqual(["delivered", "delivered"]);
  return run.body.id;
}

test("an alert fires into a receiver, and a report comes as a mail and as a page", async () => {
  await DB.prepare('update "user" set emailVerified = 1 where email = ?').bind(email).run();
  const columns = [{ name: "region", type: "text", nullable: false }, { name: "amount", type: "decimal", nullable: false }];
  const dataset = (await send("POST", "/api/datasets", { name: "sales", columns })).body;
  await send("POST", `/api/datasets/${dataset.id}/append`, { rows: [{ region: "North", amount: 7 }, { region: "South & <West>", amount: 5 }] });
  const widget = { sql: "select region, amount from sales", xField: "region", yField: "amount" };
  await send("POST", "/api/widgets", { dashboardId: dashboard.id, title: "By region", kind: "bar", config: widget });
  const secret = (await send("POST", "/api/webhook-secrets", { url: url() })).body.secret;
  const channels = [{ type: "webhook", url: url() }, { type: "email", to: [email] }];

  const alert = { type: "threshold_alert", datasetId: dataset.id, sql: "select sum(amount) from sales", operator: "gt", threshold: 10, noData: "ok", channels };
  const run = await runNow("Too much", alert);
  const [fired] = received as [Received];
  expect(new Webhook(secret).verify(fired.body, fired.headers as Record<string, string>)).toMatchObject({ type: "alert", runId: run, title: "Too much: alert", text: "12 is above 10." });
  expect((await mails(email)).map(({ subject }) => subject)).toContain("Too much: alert");

  await runNow("Weekly", { type: "scheduled_report", dashboardId: dashboard.id, format: "html", channels });
  const mail = (await mails(email)).find(({ subject }) => subject === "Weekly")!;
  expect(mail.html).toContain("<svg");
  expect(mail.html).toContain("South &amp; &lt;West&gt;");
  expect(mail.attachments!.map(({ name }) => name)).toEqual([expect.stringMatching(/^sales-\d{4}-\d\d-\d\d\.html$/)]);
});

test("a stranger's address is asked before anything is sent to it, once", async () => {
  const to = `ops-${randomUUID()}@example.com`;
  const id = await due(url());
  await DB.prepare("update delivery set destination = ? where id = ?").bind(JSON.stringify({ type: "email", to }), id).run();
  await tick();
  expect(await delivery(id)).toMatchObject({ status: "pending", error: "ADDRESS_NOT_VERIFIED" });
  const [question] = (await mails(to)) as [Mail];
  const link = new URL(/^http\S+$/m.exec(question.text)![0]);
  const open = (method: string) => fetch(new URL(link.pathname + link.search, base), { method });
  const page = await open("GET");
  expect([page.status, page.headers.get("content-security-policy")]).toEqual([200, expect.stringContaining("frame-ancestors 'none'")]);
  await skipWait(id);
  await tick();
  expect((await mails(to)).length, "that the link is opened is no answer").toBe(1);
  expect([(await open("POST")).status, (await open("POST")).status]).toEqual([200, 400]);
  await skipWait(id);
  await tick();
  expect((await mails(to)).map(({ subject }) => subject)).toEqual([question.subject, "Orders are low"]);
});
