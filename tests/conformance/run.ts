// Runs a step against one server, and gives what of it is compared.
import { cookieHeader, keepCookies } from "../browser.ts";
import type { Call, Mail, Step, Use } from "./script.ts";
import { type Server } from "./server.ts";

/** The headers of an answer that mean something to a client. */
const HEADERS = [
  "access-control-expose-headers",
  "allow",
  "cache-control",
  "content-type",
  "location",
  "pragma",
  "retry-after",
  "set-auth-token",
  "x-retry-after",
];
const USER_AGENT = "conformance";
const IP = "203.0.113.7";

export interface Outcome {
  /** What is compared. */
  seen: any;
  /** Round trips to D1, if the server says. */
  d1Calls?: number;
}

export async function run(step: Step, server: Server): Promise<Outcome> {
  server.names.at(step.name);
  switch (step.kind) {
    case "call":
      return call(step, server);
    case "use":
      return use(step, server);
    case "mail":
      return mail(step, server);
    case "sql": {
      const rows = await server.rows(server.fill(step.sql));
      keep({ rows }, step.keep, server);
      return { seen: server.names.normal({ rows }, "") };
    }
  }
}

async function call(step: Call, server: Server): Promise<Outcome> {
  const jar = server.jar(step.as);
  const [method, path] = server.fill(step.request).split(" ") as [string, string];
  const body = step.body === undefined ? undefined : step.raw ? server.fill(String(step.body)) : JSON.stringify(server.fillAll(step.body));
  const cookies = step.cookies === undefined ? cookieHeader(jar) : server.fill(step.cookies);
  const headers: Record<string, string> = {};
  const wanted = {
    origin: server.origin,
    "user-agent": USER_AGENT,
    "cf-connecting-ip": IP,
    cookie: cookies || null,
    "content-type": body === undefined ? null : "application/json",
    ...step.headers,
  };
  for (const [name, value] of Object.entries(wanted)) if (value !== null) headers[name] = server.fill(value);
  const answer = await server.send(method, path.startsWith("//") ? path.slice(1) : `/api/auth${path}`, headers, body);
  const set = answer.headers["set-cookie"] ?? [];
  if (step.cookies === undefined) keepCookies(jar, set);
  const isPage = answer.headers["content-type"]?.startsWith("text/html");
  const parsed = isPage ? "<a page for people>" : json(answer.text);
  keep({ body: parsed, headers: answer.headers, ...cookiesOf(jar) }, step.keep, server);
  const { names } = server;
  const seen: any = {
    status: answer.status,
    body: names.normal(step.unordered ? sorted(parsed, step.unordered, server) : parsed, "body"),
    headers: Object.fromEntries(
      HEADERS.filter((name) => answer.headers[name] !== undefined).map((name) => {
        const value = String(answer.headers[name]);
        return [name, name === "set-auth-token" ? names.signed(value, name) : names.text(value, name)];
      }),
    ),
    cookies: Object.fromEntries(set.map((line) => names.cookie(line))),
    cookieNames: set.map((line) => line.slice(0, line.indexOf("="))).join(),
  };
  const calls = answer.headers["x-test-d1-calls"];
  return { seen, ...(calls !== undefined && { d1Calls: Number(calls) }) };
}

/** Only the error's text of the status line is left out: HTTP/2 has none. */
async function use(step: Use, server: Server): Promise<Outcome> {
  const client = server.client(step.as);
  const method = step.method.split(".").reduce<any>((at, name) => at[name], client);
  const { data, error } = await method(...server.fillAll(step.args));
  keep({ data }, step.keep, server);
  const { statusText: _, ...told } = error ?? {};
  return { seen: server.names.normal({ data, error: error ? told : null }, "") };
}

async function mail(step: Mail, server: Server): Promise<Outcome> {
  const has = server.fill(step.has);
  const mails = (await server.mails(server.fill(step.to))).filter((text) => text.includes(has));
  const last = mails.at(-1) ?? "";
  for (const [name, expression] of Object.entries(step.keep ?? {})) {
    const found = expression.exec(last)?.[1];
    if (found !== undefined) server.values.set(name, found);
    else server.values.delete(name);
  }
  const link = /https?:\/\/\S+\/api\/auth\/\S+/.exec(last)?.[0];
  return { seen: { count: mails.length, link: link === undefined ? null : server.names.text(link, "link") } };
}

const cookiesOf = (jar: Map<string, string>) => Object.fromEntries([...jar].map(([name, value]) => [`cookie ${name}`, value]));

function keep(from: unknown, paths: Record<string, string> | undefined, server: Server) {
  for (const [name, path] of Object.entries(paths ?? {})) {
    const value = path.startsWith("cookie ") ? (from as any)[path] : path.split(".").reduce<any>((at, key) => at?.[key], from);
    if (value !== undefined && value !== null) server.values.set(name, String(value));
    else server.values.delete(name);
  }
}

/** The list at `path` in an order that does not depend on ids. */
function sorted(body: any, path: string, server: Server): unknown {
  const copy = structuredClone({ body });
  const keys = path.split(".");
  const last = keys.pop()!;
  const holder = keys.reduce<any>((at, key) => at?.[key], copy);
  if (Array.isArray(holder?.[last])) {
    const key = new Map(holder[last].map((item: unknown) => [item, JSON.stringify(server.names.known(item))]));
    holder[last].sort((a: unknown, b: unknown) => (key.get(a)! < key.get(b)! ? -1 : 1));
  }
  return copy.body;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
