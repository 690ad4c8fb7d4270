// Makes the answers of two servers comparable: what must differ (ids, tokens, times) becomes a name that must not.
import { createHmac } from "node:crypto";
import type { Server } from "./server.ts";

const TOKEN = /(?<![A-Za-z0-9_-])(?:[A-Za-z0-9]{32}|[A-Za-z0-9]{24})(?![A-Za-z0-9_-])/g;
const JWT = /eyJ[\w-]+\.[\w-]+\.[\w-]+/g;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const STEP_MS = 5 * 60_000;

/** The names of one server's values: where each was seen first, such as `<ada signs up: body.user.id>`. */
export class Names {
  readonly #names = new Map<string, string>();
  readonly #server: Server;
  #step = "";

  constructor(server: Server) {
    this.#server = server;
  }
  clear() {
    this.#names.clear();
  }
  /** Says which step the values that are new from now on come from. */
  at(step: string) {
    this.#step = step;
  }

  /** Gives a value a name that it has on both servers. */
  learn(value: string, name: string) {
    this.#names.set(value, `<${name}>`);
  }

  /** `value` as it is compared: the same for both servers if they did the same. `at` is where it stands. */
  normal(value: unknown, at: string): unknown {
    if (typeof value === "string") return this.text(value, at);
    if (value instanceof Date) return time(value.getTime());
    if (Array.isArray(value)) return value.map((item, index) => this.normal(item, `${at}.${index}`));
    if (value && typeof value === "object") {
      const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
      return Object.fromEntries(entries.map(([key, item]) => [key, this.normal(item, `${at}.${key}`)]));
    }
    return value;
  }

  text(text: string, at: string): string {
    if (TIME.test(text)) return time(Date.parse(text));
    return text
      .replaceAll(this.#server.origin, "{origin}")
      .replaceAll(encodeURIComponent(this.#server.origin), "{origin%}")
      .replace(JWT, (jwt) => this.#jwt(jwt, at))
      .replace(TOKEN, (token) => this.#name(token, at));
  }

  /** A `Set-Cookie` line: its attributes, and its value by what it holds. */
  cookie(line: string): [name: string, attributes: Record<string, unknown>] {
    const [pair, ...attributes] = line.split(/; */);
    const [name, value] = [pair!.slice(0, pair!.indexOf("=")), pair!.slice(pair!.indexOf("=") + 1)];
    const at = `cookies.${name}`;
    const held = name.includes("session_data") ? this.#cache(value, at) : this.#signed(value, at);
    return [name, { value: held, attributes: attributes.join("; ") }];
  }

  /** The payload of a signed value, if the signature is ours. */
  #signed(value: string, at: string): unknown {
    if (value === "") return "";
    return this.signed(decodeURIComponent(value), at) + (value === encodeURIComponent(decodeURIComponent(value)) ? "" : " (not encoded)");
  }
  signed(value: string, at: string): string {
    const payload = value.slice(0, value.lastIndexOf("."));
    const signature = createHmac("sha256", this.#server.secret).update(payload).digest("base64");
    return `${this.text(payload, at)}.${value === `${payload}.${signature}` ? "<signature>" : value}`;
  }

  /** The copy of a session in a cookie. */
  #cache(value: string, at: string): unknown {
    if (value === "") return "";
    if (value.includes(".")) return value.split(".").length === 3 ? this.#jwt(value, at) : `<${value.split(".").length} parts>`;
    const { session, expiresAt, signature } = JSON.parse(Buffer.from(value, "base64url").toString());
    const signed = JSON.stringify({ ...session, expiresAt });
    const isGood = createHmac("sha256", this.#server.secret).update(signed).digest("base64url") === signature;
    return {
      payload: this.normal({ ...session, updatedAt: time(session.updatedAt) }, at),
      keys: [session, session.session, session.user].map((part) => Object.keys(part).join()),
      expiresAt: time(expiresAt),
      signature: isGood ? "<signature>" : signature,
    };
  }

  #jwt(jwt: string, at: string): string {
    const [head, body, signature] = jwt.split(".");
    const decode = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString());
    const isGood = createHmac("sha256", this.#server.secret).update(`${head}.${body}`).digest("base64url") === signature;
    const claims = decode(body!);
    for (const name of ["iat", "exp"]) if (name in claims) claims[name] = time(claims[name] * 1000);
    if ("updatedAt" in claims) claims.updatedAt = time(claims.updatedAt);
    return `<jwt ${JSON.stringify(decode(head!))} ${JSON.stringify(this.normal(claims, at))} ${isGood ? "signed" : "not signed"}>`;
  }

  /** `value` with the names that there are already, and without what has none. */
  known(value: unknown): unknown {
    const text = JSON.stringify(value, (_, item) => (item && typeof item === "object" && !Array.isArray(item) ? sortKeys(item) : item));
    return text.replace(TOKEN, (token) => this.#names.get(token) ?? "").replace(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, "");
  }

  #name(token: string, at: string): string {
    let name = this.#names.get(token);
    if (!name) this.#names.set(token, (name = `<${this.#step}: ${at}>`));
    return name;
  }
}

const sortKeys = (value: object) => Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));

/** An instant by its distance from now, in steps of five minutes. */
function time(ms: number): string {
  const minutes = Math.round((ms - Date.now()) / STEP_MS) * 5;
  return minutes === 0 ? "<now>" : `<now ${minutes > 0 ? "+" : "-"} ${Math.abs(minutes)} min>`;
}

/** One value that is not the same on both servers; `undefined` is absent. */
export interface Difference {
  at: string;
  reference?: unknown;
  orgscope?: unknown;
}

/** Where two answers differ: if they do not even end alike, how they end is the difference. */
export function differences(reference: any, orgscope: any): Difference[] {
  const [theirs, ours] = [end(reference), end(orgscope)];
  if (theirs === ours) return inside(reference, orgscope, "");
  // What we answer where the reference refuses is told whole: nothing else would look at it.
  return [{ at: "answer", reference: theirs, orgscope: orgscope.status < 400 ? { [ours!]: orgscope.body } : ours }];
}

/** A status, and an error's code and message: `400 MEMBER_NOT_FOUND: Member not found`; what is no answer has none. */
export function end({ status, body }: any): string | undefined {
  if (status === undefined || status < 400) return status?.toString();
  return `${status} ${[body?.code, body?.message].filter(Boolean).join(": ")}`.trim();
}

/** Where two values differ, as deep inside as can be said. */
function inside(reference: unknown, orgscope: unknown, at: string): Difference[] {
  if (isList(reference) && isList(orgscope) && reference.length === orgscope.length) {
    return reference.flatMap((item, index) => inside(item, orgscope[index], join(at, index)));
  }
  if (isObject(reference) && isObject(orgscope)) {
    const keys = new Set([...Object.keys(reference), ...Object.keys(orgscope)]);
    return [...keys].sort().flatMap((key) => inside(reference[key], orgscope[key], join(at, key)));
  }
  if (JSON.stringify(reference) === JSON.stringify(orgscope)) return [];
  return [{ at, ...(reference !== undefined && { reference }), ...(orgscope !== undefined && { orgscope }) }];
}

const join = (at: string, key: string | number) => (at ? `${at}.${key}` : String(key));
const isList = (value: unknown): value is unknown[] => Array.isArray(value);
const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === "object" && !Array.isArray(value);
