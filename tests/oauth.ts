// An application that gets its tokens by OAuth, and the browser in which a person lets it.
import { createHash, randomBytes } from "node:crypto";
import { type Person, baseUrl, send } from "./world.ts";

export const CALLBACK = "http://127.0.0.1:33418/callback";

/** What a person decides. */
export interface Decision {
  organization: string;
  access?: "read" | "all";
  decision?: "allow" | "deny";
}

/** Posts a form, as a page of ours does or, without cookies, as a program. */
export const post = (path: string, fields: Record<string, string>, cookies?: string) =>
  send("POST", path, { body: new URLSearchParams(fields).toString(), ...(cookies && { cookies }), headers: { "content-type": "application/x-www-form-urlencoded" } });

/** What the page's form holds that a person does not see. */
export const hidden = (page: string): Record<string, string> =>
  Object.fromEntries([...page.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name!, value!.replaceAll("&amp;", "&")]));

/** Opens the page that asks, as the person, and decides: where his browser is sent. */
export async function decide(person: Person, url: URL | string, { organization, access = "all", decision = "allow" }: Decision): Promise<URL> {
  const { pathname, search } = new URL(url);
  const page = await person.send("GET", pathname + search);
  if (page.status !== 200) throw new Error(`${page.status}: ${page.body}`);
  const answer = await post("/oauth/authorize", { ...hidden(page.body), organization, access, decision }, person.cookies);
  if (answer.status !== 303) throw new Error(`${answer.status}: ${answer.body}`);
  return new URL(answer.headers.get("location")!);
}

/** A client that has registered itself. */
export async function registered(redirectUri = CALLBACK): Promise<string> {
  const { status, body } = await send("POST", "/oauth/register", { body: { client_name: "Tests", redirect_uris: [redirectUri] } });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return body.client_id;
}

/** A request for a code, and what is shown for it. */
export function asked(client: string, path: "/mcp" | "/api", scope?: string): { url: URL; verifier: string } {
  const verifier = randomBytes(32).toString("base64url");
  const query = {
    response_type: "code",
    client_id: client,
    redirect_uri: CALLBACK,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    resource: baseUrl() + path,
    ...(scope && { scope }),
  };
  return { url: new URL(`/oauth/authorize?${new URLSearchParams(query)}`, baseUrl()), verifier };
}

export interface Tokens {
  access_token: string;
  refresh_token: string;
  scope: string;
}

/** The tokens of a client for which the person has decided. */
export async function granted(person: Person, organization: string, client: string, path: "/mcp" | "/api", scope?: string): Promise<Tokens> {
  const { url, verifier } = asked(client, path, scope);
  const answer = await decide(person, url, { organization });
  const form = { grant_type: "authorization_code", code: answer.searchParams.get("code")!, client_id: client, redirect_uri: CALLBACK, code_verifier: verifier };
  const { status, body } = await post("/oauth/token", form);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body;
}
