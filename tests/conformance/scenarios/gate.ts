// What a request meets before its endpoint: paths, bodies, origins, callbacks; and bearer tokens.
import { address, call, PASSWORD, signUp, type Options, type Scenario } from "../script.ts";

const ada = { email: address("ada"), password: PASSWORD };
const to = (name: string, headers: Options["headers"], options: Options = {}) =>
  call(`origin: ${name}`, "ada", "POST /update-user", { name: "ada" }, { headers, ...options });
const sign = (name: string, headers: Options["headers"], options: Options = {}) =>
  call(`sign-in: ${name}`, "nobody", "POST /sign-in/email", ada, { headers: { origin: null, ...headers }, cookies: "", ...options });
const callback = (url: unknown) => call(`callback ${JSON.stringify(url)}`, "nobody", "POST /sign-in/email", { email: "no address", password: PASSWORD, callbackURL: url });
const bearer = (name: string, authorization: string, options: Options = {}) =>
  call(`bearer: ${name}`, "nobody", "GET /get-session", undefined, { headers: { authorization, origin: null }, cookies: "", ...options });
const body = (name: string, text: string | undefined, type: string | null) =>
  call(`body: ${name}`, "ada", "POST /update-user", text, { raw: true, headers: { "content-type": type } });

export const gate: Scenario = {
  name: "gate",
  vars: { BETTER_AUTH_TRUSTED_ORIGINS: "https://app.example.com,https://*.wild.example.com,*.any.example.com,myapp://" },
  steps: [
    signUp("ada", { keep: { ada: "body.user.id", token: "body.token", cookie: "cookie better-auth.session_token", auth: "headers.set-auth-token" } }),

    call("an unknown path", "ada", "GET /nothing", undefined, { status: 404 }),
    call("an unknown path by POST", "ada", "POST /nothing", {}, { status: 404 }),
    call("the base path", "ada", "GET /", undefined, { status: 404 }),
    call("a slash behind", "ada", "GET /ok/", undefined, { status: 404 }),
    call("a wrong method", "ada", "POST /ok", {}, { status: 404 }),
    call("PUT", "ada", "PUT /update-user", { name: "x" }, { status: 404 }),
    call("OPTIONS", "ada", "OPTIONS /ok", undefined, { status: 404 }),
    call("HEAD", "ada", "HEAD /ok", undefined, { status: 404 }),
    call("capitals in the path", "ada", "GET /OK", undefined, { status: 404 }),

    body("no JSON", "{", "application/json"),
    body("nothing, said to be JSON", "", "application/json"),
    body("text", "hello", "text/plain"),
    body("no type", '{"name":"ada"}', null),
    body("a form", "name=ada", "application/x-www-form-urlencoded"),
    body("JSON with a charset", '{"name":"ada"}', "application/json; charset=utf-8"),
    body("JSON in capitals", '{"name":"ada"}', "APPLICATION/JSON"),
    body("JSON's cousin", '{"name":"ada"}', "application/problem+json"),
    body("a number", "5", "application/json"),
    body("null", "null", "application/json"),
    body("a prototype", '{"__proto__":{"name":"x"},"constructor":1}', "application/json"),
    call("body: no JSON, from elsewhere", "ada", "POST /update-user", "{", { raw: true, headers: { origin: "https://evil.example" } }),
    call("body: wrong, without a session", "nobody", "POST /change-password", {}),
    call("body: wrong, from elsewhere", "ada", "POST /change-password", {}, { headers: { origin: "https://evil.example" } }),

    to("own", {}),
    to("none", { origin: null }),
    to("null", { origin: "null" }),
    to("empty", { origin: "" }),
    to("evil", { origin: "https://evil.example" }),
    to("own with another port", { origin: "http://127.0.0.1:1" }),
    to("referer", { origin: null, referer: "{origin}/page" }),
    to("evil referer", { origin: null, referer: "https://evil.example/page" }),
    to("null, said to be the same", { origin: "null", "sec-fetch-site": "same-origin" }),
    to("null, said to be elsewhere", { origin: "null", "sec-fetch-site": "cross-site" }),
    to("trusted", { origin: "https://app.example.com" }),
    to("trusted, with a suffix", { origin: "https://app.example.com.evil.example" }),
    to("trusted, over http", { origin: "http://app.example.com" }),
    to("trusted by wildcard", { origin: "https://a.b.wild.example.com" }),
    to("wildcard's apex", { origin: "https://wild.example.com" }),
    to("wildcard over http", { origin: "http://a.wild.example.com" }),
    to("wildcard for any protocol", { origin: "http://a.any.example.com" }),
    to("an app", { origin: "myapp://" }),
    to("another app", { origin: "otherapp://x" }),
    to("none, and no cookie", { origin: null }, { cookies: "" }),
    to("evil, and no cookie", { origin: "https://evil.example" }, { cookies: "" }),
    to("evil, and a cookie of no meaning", { origin: "https://evil.example" }, { cookies: "theme=dark" }),
    call("origin: evil, but GET", "ada", "GET /get-session", undefined, { headers: { origin: "https://evil.example" } }),
    call("origin: evil sign-out", "ada", "POST /sign-out", {}, { headers: { origin: "https://evil.example" } }),

    sign("bare", {}),
    sign("own origin", { origin: "{origin}" }),
    sign("evil origin", { origin: "https://evil.example" }),
    sign("trusted origin", { origin: "https://app.example.com" }),
    sign("evil referer", { referer: "https://evil.example/x" }),
    sign("a navigation from elsewhere", { origin: "https://app.example.com", "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" }),
    sign("a navigation of its own", { origin: "{origin}", "sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate" }),
    sign("metadata and no origin", { "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" }),
    sign("metadata and a trusted origin", { origin: "https://app.example.com", "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors" }),
    sign("blank metadata", { "sec-fetch-site": " " }),
    sign("a cookie and no origin", {}, { cookies: "theme=dark" }),

    ...["/ok", "/a/b?x=1&y=http://z", "/a?x=%2f", "/..//evil.com", "/a/../../b", "", null].map(callback),
    ...["//evil.com", "/\\evil.com", "/%5cevil.com", "/%2fevil.com", "/a%2fb", "/a\tb", " /ok", "foo", "?a=1", "#a"].map(callback),
    ...["javascript:alert(1)", "data:text/html,x", "{origin}/x", "\t{origin}", "{origin}.evil.com", "http://app.example.com", "https://app.example.com@evil.com"].map(callback),
    ...["https://app.example.com/any", "HTTPS://APP.EXAMPLE.COM/any", "https://q.wild.example.com/a", "https://evil.com/.wild.example.com", "https://wild.example.com/", "myapp://cb", "myapp:cb", "otherapp://cb", 5, true, ["/ok"], {}].map(callback),
    call("callback in the query", "nobody", "POST /sign-in/email?callbackURL=https%3A%2F%2Fevil.example", ada),
    call("other callbacks: error", "nobody", "POST /sign-in/email", { ...ada, errorCallbackURL: "https://evil.example" }),
    call("other callbacks: new user", "nobody", "POST /sign-in/email", { ...ada, newUserCallbackURL: "https://evil.example" }),
    call("other callbacks: redirect", "nobody", "POST /sign-in/email", { ...ada, redirectTo: "https://evil.example" }),
    call("other callbacks: numbers", "nobody", "POST /sign-in/email", { ...ada, errorCallbackURL: 5 }),
    call("other callbacks: numbers for a new user", "nobody", "POST /sign-in/email", { ...ada, newUserCallbackURL: 5 }),

    bearer("signed", "Bearer {auth}"),
    bearer("signed, encoded", "Bearer {cookie}"),
    bearer("raw", "Bearer {token}"),
    bearer("lower case", "bearer {auth}"),
    bearer("blanks", "Bearer    {auth}  "),
    bearer("no scheme", "{auth}"),
    bearer("another scheme", "Basic {auth}"),
    bearer("unknown", "Bearer nothing"),
    bearer("a wrong signature", "Bearer {token}.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
    bearer("empty", "Bearer "),
    bearer("unknown, with a good cookie", "Bearer nothing", { cookies: "better-auth.session_token={cookie}" }),
    bearer("a wrong signature, with a good cookie", "Bearer {token}.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", { cookies: "better-auth.session_token={cookie}" }),
    call("bearer: from an evil origin without cookies", "nobody", "POST /update-user", { name: "by bearer" }, { headers: { authorization: "Bearer {auth}", origin: "https://evil.example" }, cookies: "" }),
    call("bearer: list-sessions", "nobody", "GET /list-sessions", undefined, { headers: { authorization: "Bearer {token}" }, cookies: "", unordered: "body" }),
    call("bearer: organization", "nobody", "POST /organization/create", { name: "By bearer", slug: "by-bearer" }, { headers: { authorization: "Bearer {token}", origin: null }, cookies: "" }),

    call("cookie: quoted", "nobody", "GET /get-session", undefined, { cookies: 'better-auth.session_token="{cookie}"' }),
    call("cookie: raw", "nobody", "GET /get-session", undefined, { cookies: "better-auth.session_token={auth}" }),
    call("cookie: first of two, junk", "nobody", "GET /get-session", undefined, { cookies: "better-auth.session_token=junk; better-auth.session_token={cookie}" }),
    call("cookie: first of two, good", "nobody", "GET /get-session", undefined, { cookies: "better-auth.session_token={cookie};better-auth.session_token=junk" }),
    call("cookie: with the secure prefix", "nobody", "GET /get-session", undefined, { cookies: "__Secure-better-auth.session_token={cookie}" }),
    call("cookie: a cache that is off", "nobody", "GET /get-session", undefined, { cookies: "better-auth.session_token={cookie}; better-auth.session_data=abc" }),
    call("bearer: sign-out", "nobody", "POST /sign-out", {}, { headers: { authorization: "Bearer {token}", origin: null }, cookies: "" }),
    call("it is over", "ada", "GET /get-session"),
  ],
};
