// What a scenario is made of: steps that are data, run alike against both servers.
//
// `{name}` in a path, a body, a header or a statement is a value that an earlier step kept, and `{origin}` is the server's
// own. Each server has its own values; what is compared has them replaced (normalise.ts).

export interface Scenario {
  name: string;
  /** Our variables (docs/configuration.md); reference.ts says the same to the reference. */
  vars?: Record<string, string>;
  steps: Step[];
}

export type Step = Call | Use | Mail | Sql;

/** A request as raw HTTP. */
export interface Call extends Options {
  kind: "call";
  name: string;
  as: string;
  /** Such as `POST /organization/create`. */
  request: string;
  body?: unknown;
}
export interface Options {
  /** Values of the answer to keep: a path into it, such as `body.user.id`, or a cookie, such as `cookie NAME`. */
  keep?: Record<string, string>;
  /** More headers; `null` takes one away that is sent by default. */
  headers?: Record<string, string | null>;
  /** Sends these cookies in place of the browser's own; `""` is none. */
  cookies?: string;
  /** The body goes out as it stands, not as JSON. */
  raw?: boolean;
  /** The answer is 404, 405 or 500, and that is meant. */
  status?: 404 | 405 | 500;
  /** A list whose order means nothing: its path, such as `body` or `body.members`. */
  unordered?: string;
}

/** A call of the official client. */
export interface Use {
  kind: "use";
  name: string;
  as: string;
  /** Such as `organization.create`. */
  method: string;
  args: unknown[];
  keep?: Record<string, string>;
}

/** Looks for the mails to an address that have something in them, and at the link in the last. */
export interface Mail {
  kind: "mail";
  name: string;
  to: string;
  has: string;
  /** Parts of the mail to keep: what the group of an expression finds. */
  keep?: Record<string, RegExp>;
}

/** Does to both databases what no request can: makes something old, or looks. */
export interface Sql {
  kind: "sql";
  name: string;
  sql: string;
  keep?: Record<string, string>;
}

export const call = (name: string, as: string, request: string, body?: unknown, options: Options = {}): Call => ({
  kind: "call",
  name,
  as,
  request,
  body,
  ...options,
});
export const use = (name: string, as: string, method: string, args: unknown[] = [], keep?: Record<string, string>): Use => ({
  kind: "use",
  name,
  as,
  method,
  args,
  keep,
});
export const mail = (name: string, to: string, has: string, keep?: Record<string, RegExp>): Mail => ({
  kind: "mail",
  name,
  to,
  has,
  keep,
});
export const sql = (name: string, sql: string, keep?: Record<string, string>): Sql => ({ kind: "sql", name, sql, keep });

export const PASSWORD = "correct horse battery";
export const address = (who: string) => `${who}@example.com`;

/** Signs `who` up, and keeps `{who}` (the id) and `{who.token}`. */
export const signUp = (who: string, options: Options = {}): Call =>
  call(
    `${who} signs up`,
    who,
    "POST /sign-up/email",
    { name: who, email: address(who), password: PASSWORD },
    { keep: { [who]: "body.user.id", [`${who}.token`]: "body.token" }, ...options },
  );

/** Signs `who` in, in a browser of its own (`ada@phone` is Ada with another browser). */
export const signIn = (browser: string, options: Options = {}): Call =>
  call(
    `${browser} signs in`,
    browser,
    "POST /sign-in/email",
    { email: address(browser.split("@")[0]!), password: PASSWORD },
    { keep: { [`${browser}.token`]: "body.token" }, ...options },
  );

/** `of` makes an organization, kept as `{slug}`, with `{slug.member}` and `{slug.team}`. */
export const organization = (of: string, slug: string): Step[] => [
  call(`${of} makes ${slug}`, of, "POST /organization/create", { name: slug, slug }, {
    keep: { [slug]: "body.id", [`${slug}.member`]: "body.members.0.id" },
  }),
  sql(`${slug} has a default team`, `select id, name, "memberCount" from team where "organizationId" = '{${slug}}'`, {
    [`${slug}.team`]: "rows.0.id",
  }),
];

/** `who` becomes a member of `org`, as an accepted invitation would make him; kept as `{org.who}`. */
export const joins = (who: string, org: string, role = "member"): Step =>
  sql(
    `${who} is ${role} of ${org}`,
    `insert into member (id, "organizationId", "userId", role, "createdAt")
     values ('{new:${org}.${who}}', '{${org}}', '{${who}}', '${role}', '{now}')`,
  );

/** `who` makes acme his active organization. */
export const enters = (who: string): Call => call(`${who} enters`, who, "POST /organization/set-active", { organizationId: "{acme}" });

/** A call of one endpoint of the organization plugin, to be made in many ways. */
export const post = (path: string) => (name: string, as: string, body: unknown, keep?: Record<string, string>): Call =>
  call(`${path}: ${name}`, as, `POST /organization/${path}`, body, { keep });
