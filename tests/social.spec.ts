// Sign-in through a real OpenID provider, with the Worker in workerd between it and a browser.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Browser, openIdProvider, people, type Client } from "./provider.ts";
import { baseUrl, db, world } from "./world.ts";

const CLIENTS: Client[] = [
  { client_id: "acme", client_secret: "hush & hush", token_endpoint_auth_method: "client_secret_basic", id_token_signed_response_alg: "RS256" },
  { client_id: "curve", client_secret: "hush & hush", token_endpoint_auth_method: "client_secret_post", id_token_signed_response_alg: "ES256" },
];
const provider = await openIdProvider(CLIENTS);

world({
  OIDC_PROVIDERS: JSON.stringify(CLIENTS.map(({ client_id }) => ({ id: client_id, issuer: provider.issuer, clientId: client_id }))),
  OIDC_ACME_CLIENT_SECRET: "hush & hush",
  OIDC_CURVE_CLIENT_SECRET: "hush & hush",
});
beforeAll(() => provider.open(({ client_id }) => `${baseUrl()}/api/auth/callback/${client_id}`));
afterAll(() => provider.close());

const someone = () => `${randomUUID()}@example.com`;
const places = { callbackURL: "/home", newUserCallbackURL: "/welcome", errorCallbackURL: "/sorry" };

/** Asks to sign in, or to link: where the provider is. */
async function leave(browser: Browser, email: string, id = "acme", path = "/sign-in/social"): Promise<string> {
  const answer = await browser.send("POST", `/api/auth${path}`, { provider: id, loginHint: email, ...places });
  expect(answer).toMatchObject({ status: 200, body: { redirect: true } });
  expect(answer.headers.get("location")).toBe(answer.body.url);
  return answer.body.url;
}

const signIn = async (browser: Browser, email: string, id?: string) => browser.arrives(await leave(browser, email, id));
const session = async (browser: Browser) => (await browser.send("GET", "/api/auth/get-session")).body;
const count = async (sql: string, ...values: unknown[]) => (await (await db()).prepare(sql).bind(...values).first<{ n: number }>())!.n;

test.each(CLIENTS)("a new user comes in through $client_id, and is the same one the next time", async ({ client_id }) => {
  const [email, browser] = [someone(), new Browser(baseUrl())];
  expect(await signIn(browser, email, client_id)).toBe("/welcome");
  const first = await session(browser);
  expect(first.user).toMatchObject({ email, name: "Ada", emailVerified: true });
  expect(first.session.activeOrganizationId).toEqual(expect.any(String));
  const elsewhere = new Browser(baseUrl());
  expect(await signIn(elsewhere, email, client_id)).toBe("/home");
  const second = await session(elsewhere);
  expect(second.user.id).toBe(first.user.id);
  expect(second.session.token).not.toBe(first.session.token);
  expect(await count("select count(*) as n from account where accountId = ?", email)).toBe(1);
});

test("to leave costs one round trip to D1, to come back two", async () => {
  const [email, browser] = [someone(), new Browser(baseUrl())];
  const left = await browser.send("POST", "/api/auth/sign-in/social", { provider: "acme", loginHint: email });
  const back = await browser.comesBack(left.body.url);
  const callback = await browser.send("GET", back);
  expect([left, callback].map(({ headers }) => headers.get("x-test-d1-calls"))).toEqual(["1", "2"]);
  expect(callback).toMatchObject({ status: 302, body: "" });
});

test("ten who come back at once as the same new user are one user", async () => {
  const email = someone();
  const browsers = Array.from({ length: 10 }, () => new Browser(baseUrl()));
  const backs = await Promise.all(browsers.map(async (browser) => browser.comesBack(await leave(browser, email))));
  const answers = await Promise.all(browsers.map((browser, at) => browser.send("GET", backs[at])));
  const where = answers.map(({ headers }) => headers.get("location")).sort();
  expect(where).toEqual([...Array(9).fill("/home"), "/welcome"]);
  const ids = await Promise.all(browsers.map(async (browser) => (await session(browser)).user.id));
  expect(new Set(ids).size).toBe(1);
  expect(await count("select count(*) as n from member where userId = ?", ids[0])).toBe(1);
});

async function signedUp(email: string): Promise<Browser> {
  const browser = new Browser(baseUrl());
  const answer = await browser.send("POST", "/api/auth/sign-up/email", { name: "Ada", email, password: "correct horse battery" });
  expect(answer.status).toBe(200);
  return browser;
}

test("who signed up with a password links the account and gives it up again", async () => {
  const email = someone();
  const browser = await signedUp(email);
  expect(await browser.arrives(await leave(browser, email, "acme", "/link-social"))).toBe("/home");
  const accounts = (await browser.send("GET", "/api/auth/list-accounts")).body;
  expect(accounts.map(({ providerId }: { providerId: string }) => providerId)).toEqual(["credential", "acme"]);
  const elsewhere = new Browser(baseUrl());
  expect(await signIn(elsewhere, email)).toBe("/home");
  expect((await session(elsewhere)).user.id).toBe((await session(browser)).user.id);
  expect(await browser.send("POST", "/api/auth/unlink-account", { accountId: accounts[1].id })).toMatchObject({ status: 200 });
  const left = (await browser.send("GET", "/api/auth/list-accounts")).body;
  expect(left.map(({ providerId }: { providerId: string }) => providerId)).toEqual(["credential"]);
});

test("an address takes no one over, whoever has verified it", async () => {
  const email = someone();
  await signedUp(email);
  expect(await signIn(new Browser(baseUrl()), email)).toBe("/sorry?error=account_not_linked");
  await (await db()).prepare("update user set emailVerified = 1 where email = ?").bind(email).run();
  people.set(email, { verified: false });
  expect(await signIn(new Browser(baseUrl()), email)).toBe("/sorry?error=account_not_linked");
  people.set(email, { verified: true });
  expect(await signIn(new Browser(baseUrl()), email)).toBe("/home");
});

test("an account of another address, or of another user, is not linked", async () => {
  const [email, other] = [someone(), someone()];
  const browser = await signedUp(email);
  expect(await browser.arrives(await leave(browser, other, "acme", "/link-social"))).toBe("/sorry?error=email_does_not_match");
  browser.forget(provider.issuer);
  expect(await signIn(new Browser(baseUrl()), other)).toBe("/welcome");
  await (await db()).prepare("update user set email = ? where email = ?").bind(`x${email}`, other).run();
  await (await db()).prepare("update user set email = ? where email = ?").bind(other, email).run();
  expect(await browser.arrives(await leave(browser, other, "acme", "/link-social"))).toBe("/sorry?error=account_already_linked_to_different_user");
});

test("a state is this browser's, for one use, and its code for this browser's secret", async () => {
  const [ada, eve] = [new Browser(baseUrl()), new Browser(baseUrl())];
  const trap = await eve.comesBack(await leave(eve, someone()));
  expect(await ada.arrives(trap)).toBe("/sorry?error=state_mismatch");
  const own = new URL(await ada.comesBack(await leave(ada, someone())));
  const injected = new URL(own);
  injected.searchParams.set("code", new URL(trap).searchParams.get("code")!);
  expect(await ada.arrives(injected.href)).toBe("/sorry?error=invalid_code");
  expect(await ada.arrives(own.href)).toBe("/api/auth/error?error=state_mismatch");
  expect(await session(ada)).toBeNull();
  const forged = new URL(await ada.comesBack(await leave(ada, someone())));
  forged.searchParams.set("iss", "https://id.evil.co");
  expect(await ada.arrives(forged.href)).toBe("/sorry?error=issuer_mismatch");
});

test("who says no at his provider is told so", async () => {
  const email = someone();
  people.set(email, { verified: true, denies: true });
  expect(await signIn(new Browser(baseUrl()), email)).toBe("/sorry?error=access_denied&error_description=He+said+no.");
});

test("an account's tokens are given, refreshed, and good at the provider", async () => {
  const [email, browser] = [someone(), new Browser(baseUrl())];
  await signIn(browser, email);
  const [{ id }] = (await browser.send("GET", "/api/auth/list-accounts")).body;
  const given = await browser.send("POST", "/api/auth/get-access-token", { accountId: id });
  expect(given).toMatchObject({ status: 200, body: { accessToken: expect.any(String), scopes: ["openid", "email", "profile"] } });
  const refreshed = await browser.send("POST", "/api/auth/refresh-token", { accountId: id });
  expect(refreshed).toMatchObject({ status: 200, body: { refreshToken: expect.any(String), providerId: "acme", accountId: id } });
  expect(refreshed.body.accessToken).not.toBe(given.body.accessToken);
  const info = await browser.send("GET", `/api/auth/account-info?accountId=${id}`);
  expect(info).toMatchObject({
    status: 200,
    body: { user: { name: "Ada", email, emailVerified: true }, data: { sub: email }, account: { id, providerId: "acme", accountId: email } },
  });
  expect(refreshed.headers.get("x-test-d1-calls")).toBe("2");
  expect(info.headers.get("x-test-d1-calls")).toBe("1");
});
