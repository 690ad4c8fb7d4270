// The reference: better-auth's own server, in this process, on a SQLite file.
import { DatabaseSync } from "node:sqlite";
import { betterAuth, type BetterAuthOptions } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { bearer, organization } from "better-auth/plugins";
import { createAccessControl } from "better-auth/plugins/access";
import { defaultStatements } from "better-auth/plugins/organization/access";

export const ORIGIN = "http://localhost:3000";

/** The options that our tables are made for: e-mail and password, organizations with teams and roles of their own. */
export function options(file: string, secret: string): BetterAuthOptions {
  return {
    database: new DatabaseSync(file),
    baseURL: ORIGIN,
    secret,
    emailAndPassword: { enabled: true },
    plugins: [
      bearer(),
      organization({
        teams: { enabled: true },
        ac: createAccessControl(defaultStatements),
        dynamicAccessControl: { enabled: true },
      }),
    ],
    telemetry: { enabled: false },
  };
}

/** A better-auth server: `send` posts JSON to it and gives status, body and session cookie. */
export function server(file: string, secret: string) {
  const auth = betterAuth(options(file, secret));
  return {
    async send(method: string, path: string, body?: unknown, cookie?: string) {
      const headers = new Headers({ origin: ORIGIN });
      if (body !== undefined) headers.set("content-type", "application/json");
      if (cookie) headers.set("cookie", cookie);
      const response = await auth.handler(
        new Request(`${ORIGIN}/api/auth${path}`, { method, headers, body: body === undefined ? null : JSON.stringify(body) }),
      );
      const text = await response.text();
      const set = response.headers.getSetCookie().map((line) => line.split(";")[0]);
      return { status: response.status, body: text ? JSON.parse(text) : undefined, cookie: set.join("; ") };
    },
  };
}

/** What the reference would still change in the database. */
export async function missing(file: string, secret: string) {
  const { toBeCreated, toBeAdded, toBeAddedIndexes, unsafeChanges, schemaProblems, compileMigrations } = await getMigrations(
    options(file, secret),
  );
  return { toBeCreated, toBeAdded, toBeAddedIndexes, unsafeChanges, schemaProblems, sql: await compileMigrations() };
}
