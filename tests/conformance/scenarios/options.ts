// Options that change how sessions live and what organizations may: each scenario is one configuration.
import { address, call, joins, organization, PASSWORD, signIn, signUp, sql, type Scenario } from "../script.ts";

const session = (name: string, as = "ada") => call(name, as, "GET /get-session");
const age = (who: string, column: string, modifier: string) =>
  sql(`${who}'s ${column} moves by ${modifier}`, `update session set "${column}" = strftime('%Y-%m-%dT%H:%M:%fZ', "${column}", '${modifier}') where "userId" = '{${who}}'`);

const cached = (strategy: string): Scenario => ({
  name: `cookie cache ${strategy}`,
  vars: { COOKIE_CACHE: strategy },
  steps: [
    signUp("ada", { keep: { ada: "body.user.id", token: "body.token", cookie: "cookie better-auth.session_token" } }),
    session("from the cache"),
    call("not from the cache", "ada", "GET /get-session?disableCookieCache=true"),
    sql("the name changes behind its back", `update user set name = 'Changed' where id = '{ada}'`),
    session("the old name from the cache"),
    call("the new name", "ada", "GET /get-session?disableCookieCache=1"),
    session("the new name from the cache"),
    call("update-user renews it", "ada", "POST /update-user", { name: "Ada" }),
    session("the newest name from the cache"),
    ...organization("ada", "acme"),
    session("create does not renew it"),
    call("set-active renews it", "ada", "POST /organization/set-active", { organizationId: "{acme}" }),
    session("active from the cache"),
    call("a cache that is junk", "nobody", "GET /get-session", undefined, { cookies: "better-auth.session_token={cookie}; better-auth.session_data=junk" }),
    call("no cache", "nobody", "GET /get-session", undefined, { cookies: "better-auth.session_token={cookie}" }),
    call("a kiosk", "kiosk", "POST /sign-in/email", { email: address("ada"), password: PASSWORD, rememberMe: false }),
    session("the kiosk from the cache", "kiosk"),
    sql("all sessions are gone", `delete from session`),
    session("still from the cache"),
    call("list of organizations still from the cache", "ada", "GET /organization/list"),
    call("what is sensitive asks the database", "ada", "POST /revoke-other-sessions"),
    call("and so does who asks for it", "ada", "GET /get-session?disableCookieCache=true"),
    session("gone"),
    signIn("ada"),
    call("sign-out", "ada", "POST /sign-out", {}),
    session("out"),
  ],
});

export const options: Scenario[] = [
  cached("compact"),
  cached("jwt"),
  {
    name: "short sessions",
    vars: { SESSION_EXPIRES_IN: "7200", SESSION_UPDATE_AGE: "1800", SESSION_FRESH_AGE: "600" },
    steps: [
      signUp("ada"),
      session("new"),
      age("ada", "expiresAt", "-1200 seconds"),
      session("not due"),
      age("ada", "expiresAt", "-1200 seconds"),
      session("due"),
      age("ada", "createdAt", "-1200 seconds"),
      call("not fresh", "ada", "GET /list-sessions"),
      call("not remembered", "kiosk", "POST /sign-in/email", { email: address("ada"), password: PASSWORD, rememberMe: false }),
      session("the kiosk", "kiosk"),
    ],
  },
  {
    name: "sessions renewed always",
    vars: { SESSION_UPDATE_AGE: "0", SESSION_FRESH_AGE: "0" },
    steps: [
      signUp("ada"),
      session("renewed at once"),
      age("ada", "createdAt", "-20 days"),
      call("always fresh", "ada", "GET /list-sessions"),
    ],
  },
  {
    name: "few organizations",
    vars: { ORGANIZATION_LIMIT: "2", DISABLE_ORGANIZATION_DELETION: "true", MEMBERSHIP_LIMIT: "3" },
    steps: [
      signUp("ada"),
      signUp("bob"),
      signUp("carol"),
      signUp("dora"),
      ...organization("ada", "one"),
      ...organization("ada", "two"),
      call("a third", "ada", "POST /organization/create", { name: "three", slug: "three" }),
      call("a third with a slug that is taken", "ada", "POST /organization/create", { name: "three", slug: "one" }),
      call("delete is off", "ada", "POST /organization/delete", { organizationId: "{one}" }, { status: 404 }),
      call("delete is off for no one", "nobody", "POST /organization/delete", { organizationId: "{one}" }, { status: 404 }),
      joins("bob", "two"),
      joins("carol", "two"),
      joins("dora", "two"),
      call("list-members gives a page", "ada", "GET /organization/list-members"),
      call("list-members gives more if asked", "ada", "GET /organization/list-members?limit=10"),
      call("get-full-organization gives a page", "ada", "GET /organization/get-full-organization", undefined, { status: 500 }),
    ],
  },
  {
    name: "no new organizations",
    vars: { ALLOW_USER_TO_CREATE_ORGANIZATION: "false" },
    steps: [
      signUp("ada"),
      call("create", "ada", "POST /organization/create", { name: "one", slug: "one" }),
      call("create of no one", "nobody", "POST /organization/create", { name: "one", slug: "one" }),
    ],
  },
  {
    name: "new organizations for verified users",
    vars: { ALLOW_USER_TO_CREATE_ORGANIZATION: "verified" },
    steps: [
      signUp("ada"),
      call("create", "ada", "POST /organization/create", { name: "one", slug: "one" }),
      sql("ada is verified", `update user set "emailVerified" = 1`),
      call("create when verified", "ada", "POST /organization/create", { name: "one", slug: "one" }),
    ],
  },
  {
    name: "rate limits",
    vars: { RATE_LIMIT: "true" },
    steps: [
      ...[1, 2, 3, 4].map((n) => call(`sign-in ${n}`, "nobody", "POST /sign-in/email", { email: "no address", password: "x" })),
      ...[1, 2, 3, 4].map((n) => call(`reset ${n}`, "nobody", "POST /request-password-reset", { email: "no address" })),
      ...[1, 2, 3, 4].map((n) => call(`send ${n}`, "nobody", "POST /send-verification-email", { email: "no address" })),
      ...[1, 2, 3, 4].map((n) => call(`sign-up ${n}`, "nobody", "POST /sign-up/email", {})),
      ...[1, 2, 3, 4].map((n) => call(`change ${n}`, "nobody", "POST /change-password", {})),
      call("other paths have more room", "nobody", "GET /get-session"),
      call("another address is not meant", "nobody", "POST /sign-in/email", { email: "no address", password: "x" }, { headers: { "cf-connecting-ip": "203.0.113.8" } }),
      call("addresses of a network are one: first", "nobody", "POST /sign-in/email", {}, { headers: { "cf-connecting-ip": "2001:db8:1:2::1" } }),
      call("addresses of a network are one: second", "nobody", "POST /sign-in/email", {}, { headers: { "cf-connecting-ip": "2001:db8:1:2::2" } }),
      call("addresses of a network are one: third", "nobody", "POST /sign-in/email", {}, { headers: { "cf-connecting-ip": "2001:DB8:1:2:3::3" } }),
      call("addresses of a network are one: fourth", "nobody", "POST /sign-in/email", {}, { headers: { "cf-connecting-ip": "2001:db8:1:2:ffff::" } }),
    ],
  },
];
