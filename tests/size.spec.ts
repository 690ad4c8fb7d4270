// Organizations with many members, and users with many organizations: right to the last one, at the usual price.
import { beforeAll, expect, test } from "vitest";
import { db, member, owner, person, send, world, type Owner, type Person } from "./world.ts";

const MEMBERS = 1000;
const ORGANIZATIONS = 300;
/** What any request may cost. */
const MOST_D1_CALLS = 2;

world({ MEMBERSHIP_LIMIT: String(MEMBERS), ORGANIZATION_LIMIT: String(ORGANIZATIONS) });

/** The owner of an organization of 1,000: himself, an admin, and 998 members. */
let ada: Owner;
let admin: Person;
/** A member of it, and of 299 more organizations, of which he owns none. */
let bob: Person;

beforeAll(async () => {
  ada = await owner();
  admin = await member(ada, "admin", "Admin");
  bob = await person("Bob");
  const numbers = "with recursive n(i) as (select 1 union all select i + 1 from n where i < ?1)";
  const now = new Date().toISOString();
  const run = async (sql: string, ...values: unknown[]) => (await db()).prepare(sql).bind(...values).run();
  await run(`${numbers} insert into user select 'u' || i, 'User ' || i, 'u' || i || '@size.example', 0, null, ?2, ?2 from n`, MEMBERS - 3, now);
  await run(`${numbers} insert into member select 'm' || i, ?2, 'u' || i, 'member', ?3 from n`, MEMBERS - 3, ada.orgId, now);
  await run("insert into member values ('m-bob', ?1, ?2, 'member', ?3)", ada.orgId, bob.id, "2020-01-01T00:00:00.000Z");
  // Sign-up gave him one, and the other is ada's.
  await run(`${numbers} insert into organization (id, name, slug, createdAt) select 'o' || i, 'Org ' || i, 'org-' || i, ?2 from n`, ORGANIZATIONS - 2, now);
  await run(`${numbers} insert into member select 'o-m' || i, 'o' || i, ?2, 'member', ?3 from n`, ORGANIZATIONS - 2, bob.id, now);
});

/** Asks as `who`; no request costs more than any other may. */
async function ask(who: Person, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await who.send(method, path, { body, headers });
  expect(answer.d1Calls, `${method} ${path}`).toBeLessThanOrEqual(MOST_D1_CALLS);
  return answer;
}

test("every member is listed once, in pages", async () => {
  const seen = new Set<string>();
  for (let offset = 0; offset < MEMBERS; offset += 300) {
    const { status, body } = await ask(bob, "GET", `/api/auth/organization/list-members?organizationId=${ada.orgId}&limit=300&offset=${offset}`);
    expect([status, body.total, body.members.length]).toEqual([200, MEMBERS, Math.min(300, MEMBERS - offset)]);
    for (const { id } of body.members) seen.add(id);
  }
  expect(seen.size).toBe(MEMBERS);
});

test("the first and the last are found by sorting and by filters", async () => {
  const list = async (query: string) => (await ask(ada, "GET", `/api/auth/organization/list-members?${query}`)).body;
  expect((await list("sortBy=createdAt&sortDirection=asc&limit=1")).members[0].userId).toBe(bob.id);
  expect(await list("filterField=role&filterOperator=ne&filterValue=member")).toMatchObject({ total: 2 });
  expect(await list("filterField=userId&filterOperator=eq&filterValue=u997")).toMatchObject({ total: 1, members: [{ user: { email: "u997@size.example" } }] });
});

test("the whole organization shows all of its members", async () => {
  const { status, body } = await ask(ada, "GET", "/api/auth/organization/get-full-organization");
  expect(status).toBe(200);
  expect(new Set(body.members.map(({ userId }: { userId: string }) => userId)).size).toBe(MEMBERS);
});

test("a full organization takes no one more, until one has left", async () => {
  const { body: invitation } = await ask(admin, "POST", "/api/auth/organization/invite-member", { email: "new@size.example", role: "member", organizationId: ada.orgId });
  const body = { name: "New", email: "new@size.example", password: "correct horse battery" };
  const signedUp = await send("POST", "/api/auth/sign-up/email", { body });
  const cookies = signedUp.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ");
  const accept = () => send("POST", "/api/auth/organization/accept-invitation", { cookies, body: { invitationId: invitation.id } });
  const refused = await accept();
  expect([refused.status, refused.body.code, refused.d1Calls]).toEqual([403, "ORGANIZATION_MEMBERSHIP_LIMIT_REACHED", 1]);
  expect((await ask(ada, "POST", "/api/auth/organization/remove-member", { memberIdOrEmail: "u1@size.example" })).status).toBe(200);
  const accepted = await accept();
  expect([accepted.status, accepted.d1Calls]).toEqual([200, 2]);
});

test("the last member's role is changed, and counts at once", async () => {
  const update = { permissions: { organization: ["update"] }, organizationId: ada.orgId };
  const may = async () => (await ask(bob, "POST", "/api/auth/organization/has-permission", update)).body.success;
  expect(await may()).toBe(false);
  expect((await ask(ada, "POST", "/api/auth/organization/update-member-role", { memberId: "m-bob", role: "admin" })).status).toBe(200);
  expect(await may()).toBe(true);
});

test("all of a user's organizations are listed, and each is entered", async () => {
  const { status, body } = await ask(bob, "GET", "/api/auth/organization/list");
  expect([status, new Set(body.map(({ id }: { id: string }) => id)).size]).toEqual([200, ORGANIZATIONS]);
  for (const organizationId of ["o1", "o298", ada.orgId]) {
    expect((await ask(bob, "POST", "/api/auth/organization/set-active", { organizationId })).status).toBe(200);
    expect((await ask(bob, "GET", "/api/me")).body).toMatchObject({ organizationId });
  }
  expect((await ask(bob, "GET", "/api/me", undefined, { "x-organization-id": "org-150" })).body).toMatchObject({ organizationId: "o150" });
});

test("who has as many organizations as he may have makes no more", async () => {
  const { status, body } = await ask(bob, "POST", "/api/auth/organization/create", { name: "One more", slug: "one-more" });
  expect([status, body.code]).toEqual([403, "YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_ORGANIZATIONS"]);
});
