// The official better-auth client, unmodified, tells its story against the Worker.
import { createAuthClient } from "better-auth/client";
import { organizationClient } from "better-auth/client/plugins";
import { beforeAll, expect, test } from "vitest";
import { browserFetch } from "./browser.ts";
import { baseUrl, db, world } from "./world.ts";

world();

/** A client in a browser of its own: cookies are kept, and sent back with the page's origin. */
function browser() {
  const jar = new Map<string, string>();
  const client = createAuthClient({
    baseURL: baseUrl(),
    plugins: [organizationClient({ teams: { enabled: true } })],
    fetchOptions: { customFetchImpl: browserFetch(baseUrl, jar) },
  });
  return { client, jar };
}

let ada: ReturnType<typeof browser>;
const account = { name: "Ada", email: "ada@client.example", password: "correct horse battery" };
beforeAll(() => {
  ada = browser();
});

test("signs up, and has an organization of one's own at once", async () => {
  const { data, error } = await ada.client.signUp.email(account);
  expect(error).toBeNull();
  expect(data).toMatchObject({ token: expect.stringMatching(/^\w{32}$/), user: { email: account.email, emailVerified: false } });
  expect(data!.user.createdAt).toBeInstanceOf(Date);
  const session = await ada.client.getSession();
  expect(session.data!.user.id).toBe(data!.user.id);
  const full = await ada.client.organization.getFullOrganization();
  expect(full.data).toMatchObject({ members: [{ role: "owner", user: { email: account.email } }], invitations: [], teams: [{}] });
  expect((session.data!.session as any).activeOrganizationId).toBe(full.data!.id);
});

test("refuses the same address a second time", async () => {
  const { error } = await browser().client.signUp.email({ ...account, email: "ADA@client.example" });
  expect(error).toMatchObject({ status: 422, code: "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL" });
});

test("creates a second organization and moves between the two", async () => {
  const { organization } = ada.client;
  const first = (await organization.getFullOrganization()).data!;
  expect((await organization.checkSlug({ slug: "acme" })).data).toEqual({ status: true });
  const made = await organization.create({ name: "Acme", slug: "acme", metadata: { plan: "pro" } });
  expect(made.data).toMatchObject({ name: "Acme", slug: "acme", metadata: { plan: "pro" }, members: [{ role: "owner" }] });
  expect((await organization.checkSlug({ slug: "acme" })).error).toMatchObject({ code: "ORGANIZATION_SLUG_ALREADY_TAKEN" });
  expect((await organization.getFullOrganization()).data!.id).toBe(made.data!.id);
  expect((await organization.list()).data!.map(({ id }) => id).sort()).toEqual([first.id, made.data!.id].sort());
  const active = await organization.setActive({ organizationId: first.id });
  expect(active.data!.id).toBe(first.id);
  expect((await organization.getActiveMember()).data).toMatchObject({ organizationId: first.id, role: "owner" });
  const renamed = await organization.update({ organizationId: made.data!.id, data: { name: "Acme Inc." } });
  expect(renamed.data).toMatchObject({ name: "Acme Inc.", slug: "acme" });
});

test("changes the profile and the password, and ends the other sessions", async () => {
  const phone = browser();
  expect((await phone.client.signIn.email(account)).error).toBeNull();
  expect((await ada.client.listSessions()).data).toHaveLength(2);
  expect((await ada.client.updateUser({ name: "Ada L." })).data).toEqual({ status: true });
  const wrong = await ada.client.changePassword({ currentPassword: "wrong horse", newPassword: "a new password" });
  expect(wrong.error).toMatchObject({ status: 400, code: "INVALID_PASSWORD" });
  const change = { currentPassword: account.password, newPassword: "a new password", revokeOtherSessions: true };
  const changed = await ada.client.changePassword(change);
  expect(changed.data).toMatchObject({ token: expect.any(String), user: { name: "Ada L." } });
  account.password = change.newPassword;
  expect((await phone.client.getSession()).data).toBeNull();
  expect((await ada.client.getSession()).data!.session.token).toBe(changed.data!.token);
});

test("revokes another session by its token", async () => {
  const phone = browser();
  const { data } = await phone.client.signIn.email(account);
  expect((await ada.client.revokeSession({ token: data!.token })).data).toEqual({ status: true });
  expect((await phone.client.getSession()).data).toBeNull();
  expect((await ada.client.getSession()).data).not.toBeNull();
});

test("signs out and in again", async () => {
  expect((await ada.client.signOut()).data).toEqual({ success: true });
  expect(ada.jar.size).toBe(0);
  expect((await ada.client.getSession()).data).toBeNull();
  expect((await ada.client.organization.list()).error).toMatchObject({ status: 401 });
  const wrong = await ada.client.signIn.email({ ...account, password: "wrong horse" });
  expect(wrong.error).toMatchObject({ status: 401, code: "INVALID_EMAIL_OR_PASSWORD" });
  expect((await ada.client.signIn.email(account)).data).toMatchObject({ redirect: false, user: { name: "Ada L." } });
  expect((await ada.client.getSession()).data!.user.email).toBe(account.email);
});

test("deletes an organization, which is then nobody's active one", async () => {
  const acme = (await ada.client.organization.list()).data!.find(({ slug }) => slug === "acme")!;
  await ada.client.organization.setActive({ organizationId: acme.id });
  expect((await ada.client.organization.delete({ organizationId: acme.id })).error).toBeNull();
  expect((await ada.client.organization.getFullOrganization()).data).toBeNull();
  const left = await (await db()).prepare("select count(*) as n from session where activeOrganizationId = ?").bind(acme.id).first();
  expect(left).toEqual({ n: 0 });
});

test("works with a bearer token in place of cookies", async () => {
  const { data } = await browser().client.signIn.email(account);
  const bearer = createAuthClient({ baseURL: baseUrl(), fetchOptions: { auth: { type: "Bearer", token: data!.token } } });
  expect((await bearer.getSession()).data!.user.email).toBe(account.email);
});
