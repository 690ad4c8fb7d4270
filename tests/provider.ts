// A real OpenID provider (npm oidc-provider) on loopback, and a browser that walks through its pages.
import { generateKeyPairSync } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
// @ts-expect-error: the package has no types.
import Provider from "oidc-provider";

/** A client of the provider: how it proves itself, and how its id tokens are signed. */
export interface Client {
  client_id: string;
  client_secret: string;
  token_endpoint_auth_method: "client_secret_basic" | "client_secret_post";
  id_token_signed_response_alg: "RS256" | "ES256";
}

/** What the provider knows of someone, by his address: whoever it does not know has a verified one. */
export const people = new Map<string, { verified: boolean; denies?: boolean }>();

export interface OpenIdProvider {
  issuer: string;
  /** Lets it answer; `redirectUri` gives where a client's users go back to. */
  open(redirectUri: (client: Client) => string): void;
  close(): Promise<void>;
}

/** Listens at once, so that its address is known, and answers once it is opened. */
export async function openIdProvider(clients: Client[]): Promise<OpenIdProvider> {
  let answer = (_: IncomingMessage, response: ServerResponse): unknown => response.writeHead(503).end();
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    open(redirectUri) {
      const provider = new Provider(issuer, configuration(clients, redirectUri));
      const pages = provider.callback();
      answer = (request, response) =>
        request.url?.startsWith("/interaction/") ? interact(provider, request, response) : pages(request, response);
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

const jwk = (key: { privateKey: { export(options: { format: "jwk" }): object } }, kid: string) => ({ ...key.privateKey.export({ format: "jwk" }), kid, use: "sig" });

const configuration = (clients: Client[], redirectUri: (client: Client) => string) => ({
  clients: clients.map((client) => ({ ...client, redirect_uris: [redirectUri(client)], grant_types: ["authorization_code", "refresh_token"] })),
  jwks: {
    keys: [jwk(generateKeyPairSync("rsa", { modulusLength: 2048 }), "r"), jwk(generateKeyPairSync("ec", { namedCurve: "P-256" }), "e")],
  },
  // So it has to be asked for them: id tokens do not carry them.
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  pkce: { required: () => true },
  cookies: { keys: ["a key of the tests"] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
  issueRefreshToken: () => true,
  ttl: { AccessToken: 600, Grant: 600, IdToken: 600, Interaction: 600, RefreshToken: 600, Session: 600 },
  findAccount: (_: unknown, email: string) => ({
    accountId: email,
    claims: () => ({ sub: email, email, email_verified: people.get(email)?.verified ?? true, name: "Ada" }),
  }),
});

/** Signs in, as whoever the client hints at, and consents to everything; or refuses. */
async function interact(provider: any, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { params } = await provider.interactionDetails(request, response);
  if (people.get(params.login_hint)?.denies) {
    return provider.interactionFinished(request, response, { error: "access_denied", error_description: "He said no." });
  }
  const grant = new provider.Grant({ accountId: params.login_hint, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const consent = { grantId: await grant.save() };
  return provider.interactionFinished(request, response, { login: { accountId: params.login_hint }, consent });
}

/** A browser: it keeps each origin's cookies, and follows redirects until one leads to a page of `home`'s. */
export class Browser {
  readonly #cookies = new Map<string, Map<string, string>>();

  constructor(readonly home: string) {}

  async send(method: string, path: string, body?: unknown): Promise<{ status: number; headers: Headers; body: any }> {
    const headers = { origin: this.home, ...(body !== undefined && { "content-type": "application/json" }) };
    const response = await this.#fetch(new URL(path, this.home), { method, headers, body: JSON.stringify(body) });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text.startsWith("{") || text.startsWith("[") || text === "null" ? JSON.parse(text) : text };
  }

  /** The first redirect into `home` from elsewhere: what the provider sends back, which it does not follow. */
  async comesBack(url: string): Promise<string> {
    const isHome = (place: URL) => place.origin === this.home;
    return (await this.#follow(new URL(url), isHome)).href;
  }

  /** Where the user is in the end: the path in `home` that is no longer the API's. */
  async arrives(url: string): Promise<string> {
    const isPage = (place: URL) => place.origin === this.home && !place.pathname.startsWith("/api/auth/callback/");
    const { pathname, search } = await this.#follow(new URL(url), isPage);
    return pathname + search;
  }

  /** Forgets what the provider's pages have set: the next sign-in there may be another's. */
  forget(origin: string): void {
    this.#cookies.delete(origin);
  }

  async #follow(place: URL, isThere: (place: URL) => boolean): Promise<URL> {
    for (let hops = 0; hops < 20 && (hops === 0 || !isThere(place)); hops += 1) {
      const response = await this.#fetch(place, {});
      const location = response.headers.get("location");
      if (location === null) throw new Error(`${place} answered ${response.status}: ${await response.text()}`);
      place = new URL(location, place);
    }
    return place;
  }

  async #fetch(url: URL, init: RequestInit): Promise<Response> {
    const jar = this.#cookies.get(url.origin) ?? new Map<string, string>();
    this.#cookies.set(url.origin, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...(init.headers as Record<string, string>), ...(cookie && { cookie }) };
    const response = await fetch(url, { ...init, headers, redirect: "manual", signal: AbortSignal.timeout(10_000) });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      if (/max-age=0\b|expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }
}
