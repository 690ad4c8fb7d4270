// One database, two servers: ours in workerd, and the reference in Node, on the same SQLite file.
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Deployment, SECRET, START_MS } from "./deployment.ts";
import { missing, ORIGIN, sender, server } from "./reference.ts";

describe("better-auth 1.7.25", () => {
  const worker = new Deployment();
  beforeAll(async () => {
    await worker.migrate();
    await worker.start();
  }, 3 * START_MS);
  afterAll(() => worker.stop());

  test("the reference finds nothing to migrate", async () => {
    expect(await missing(worker.copy(), SECRET)).toEqual({
      toBeCreated: [],
      toBeAdded: [],
      toBeAddedIndexes: [],
      unsafeChanges: [],
      schemaProblems: [],
      sql: ";",
    });
  });

  test("the reference signs in whom we signed up, and knows our sessions and organizations", async () => {
    const ada = { name: "Ada", email: "ada@example.com", password: "correct horse" };
    const signedUp = await worker.send("POST", "/api/auth/sign-up/email", ada);
    expect(signedUp.status).toBe(200);
    await worker.stop();

    const reference = server(worker.copy(), SECRET);
    expect(await reference.send("POST", "/sign-in/email", { ...ada, password: "wrong horse" })).toMatchObject({ status: 401 });
    const signedIn = await reference.send("POST", "/sign-in/email", ada);
    expect(signedIn).toMatchObject({ status: 200, body: { user: { id: signedUp.body.user.id } } });
    const session = await reference.send("GET", "/get-session", undefined, signedUp.cookie);
    expect(session.body.user.email).toBe(ada.email);
    const organization = await reference.send("GET", "/organization/get-full-organization", undefined, signedUp.cookie);
    expect(organization.body).toMatchObject({ members: [{ role: "owner", userId: signedUp.body.user.id }], teams: [{ memberCount: 1 }] });

    await worker.start();
  }, 2 * START_MS);

  test("we sign in whom the reference signed up, and know its sessions and organizations", async () => {
    await worker.stop();
    const bob = { name: "Bob", email: "bob@example.com", password: "battery staple" };
    const reference = server(worker.file(), SECRET);
    const signedUp = await reference.send("POST", "/sign-up/email", bob);
    expect(signedUp.status).toBe(200);
    const made = await reference.send("POST", "/organization/create", { name: "Bob's", slug: "bobs" }, signedUp.cookie);
    expect(made.status).toBe(200);

    await worker.start();
    expect(await worker.send("POST", "/api/auth/sign-in/email", { ...bob, password: "battery stapler" })).toMatchObject({ status: 401 });
    expect(await worker.send("POST", "/api/auth/sign-in/email", bob)).toMatchObject({ status: 200, body: { user: { id: signedUp.body.user.id } } });
    const me = await worker.send("GET", "/api/me", undefined, signedUp.cookie);
    expect(me.body).toMatchObject({ email: bob.email, organizationId: made.body.id, roles: ["owner"] });
  }, 2 * START_MS);
});

/** `npm run takeover`. */
const takeover = (worker: Deployment, ...options: string[]) => worker.run("scripts/takeover.mjs", ...options);

// What the versions in tests/older/ make differs from what 1.7.25 makes: columns that are missing, or one too many.
describe.each([
  { version: "1.4", teams: true, needs: ["memberCount", "membershipKey"], mayGoBack: true },
  { version: "1.6", teams: true, needs: ["memberCount", "membershipKey"], mayGoBack: true },
  { version: "1.6", teams: false, needs: ["activeTeamId", "teamId"], mayGoBack: true },
  { version: "1.7.0", teams: true, needs: ["issuer"], mayGoBack: false },
])("better-auth $version, teams: $teams", ({ version, teams, needs, mayGoBack }) => {
  const worker = new Deployment();
  const ada = { name: "Ada", email: "ada@example.com", password: "correct horse" };
  const bob = { name: "Bob", email: "bob@example.com", password: "battery staple" };
  /** What the old server has made: cookies and ids. */
  const made: Record<string, string> = {};
  let older: Awaited<ReturnType<typeof olderServer>>;
  afterAll(() => worker.stop());

  beforeAll(async () => {
    older = await olderServer(version, teams, await worker.create());
    const post = async (path: string, body: unknown, cookie?: string) => {
      const answer = await older("POST", path, body, cookie);
      expect(answer.status, `${path}: ${JSON.stringify(answer.body)}`).toBe(200);
      return answer;
    };
    made.ada = (await post("/sign-up/email", ada)).cookie;
    made.bob = (await post("/sign-up/email", bob)).cookie;
    made.acme = (await post("/organization/create", { name: "Acme", slug: "acme" }, made.ada)).body.id;
    if (teams) {
      made.team = (await post("/organization/create-team", { name: "Core", organizationId: made.acme }, made.ada)).body.id;
      const { members } = (await older("GET", "/organization/get-full-organization", undefined, made.ada)).body;
      await post("/organization/add-team-member", { teamId: made.team, userId: members[0].userId }, made.ada);
    }
    const invitation = { email: bob.email, role: "admin", organizationId: made.acme, ...(teams && { teamId: made.team }) };
    made.invitation = (await post("/organization/invite-member", invitation, made.ada)).body.id;
  }, 2 * START_MS);

  test("takeover says what is missing, does it once, and then our migrations go on", async () => {
    const told = await takeover(worker);
    expect(told).toMatchObject({ code: 0, said: expect.stringContaining("again with --apply") });
    for (const column of needs) expect(told.said).toContain(`"${column}"`);
    expect(await takeover(worker, "--apply")).toMatchObject({ code: 0, said: expect.stringContaining("are applied") });
    expect(await takeover(worker, "--apply")).toMatchObject({ code: 0, said: expect.stringContaining("Nothing is missing") });
    await worker.migrate();
    await worker.start();
  }, 3 * START_MS);

  test("users, sessions, organizations and invitations are as they were", async () => {
    expect(await worker.send("POST", "/api/auth/sign-in/email", { ...ada, password: "wrong horse" })).toMatchObject({ status: 401 });
    expect(await worker.send("POST", "/api/auth/sign-in/email", ada)).toMatchObject({ status: 200, body: { user: { email: ada.email } } });
    expect((await worker.send("GET", "/api/me", undefined, made.ada)).body).toMatchObject({ organizationId: made.acme, roles: ["owner"] });
    const full = await worker.send("GET", `/api/auth/organization/get-full-organization?organizationId=${made.acme}`, undefined, made.ada);
    expect(full.body).toMatchObject({ slug: "acme", members: [{ role: "owner" }], invitations: [{ email: bob.email, status: "pending" }] });
    if (teams) expect(full.body.teams).toContainEqual(expect.objectContaining({ id: made.team, name: "Core", memberCount: 1 }));
  });

  test("an invitation of the old server is accepted, and its teams go on", async () => {
    const accepted = await worker.send("POST", "/api/auth/organization/accept-invitation", { invitationId: made.invitation }, made.bob);
    expect(accepted).toMatchObject({ status: 200, body: { member: { role: "admin" } } });
    expect((await worker.send("GET", "/api/me", undefined, made.bob)).body).toMatchObject({ organizationId: made.acme, roles: ["admin"] });
    const team = teams ? made.team : (await worker.send("POST", "/api/auth/organization/create-team", { name: "New" }, made.ada)).body.id;
    const userId = accepted.body.member.userId;
    const added = await worker.send("POST", "/api/auth/organization/add-team-member", { teamId: team, userId }, made.ada);
    expect(added).toMatchObject({ status: 200, body: { teamId: team, userId } });
    const members = await worker.send("GET", `/api/auth/organization/list-team-members?teamId=${team}`, undefined, made.bob);
    expect(members.body.map((member: { userId: string }) => member.userId)).toContain(userId);
  });

  test.runIf(mayGoBack)("the old server goes on, with what has happened since", async () => {
    const eve = { name: "Eve", email: "eve@example.com", password: "staple correct" };
    expect(await worker.send("POST", "/api/auth/sign-up/email", eve)).toMatchObject({ status: 200 });
    await worker.stop();
    expect(await older("POST", "/sign-in/email", eve)).toMatchObject({ status: 200 });
    const full = await older("GET", `/organization/get-full-organization?organizationId=${made.acme}`, undefined, made.bob);
    expect(full.body.members.map(({ role }: { role: string }) => role).toSorted()).toEqual(["admin", "owner"]);
    if (teams) expect(await older("POST", "/organization/create-team", { name: "Late", organizationId: made.acme }, made.ada)).toMatchObject({ status: 200 });
  });
});

describe("what cannot be taken over", () => {
  const worker = new Deployment();
  let file: string;
  beforeAll(async () => {
    file = await worker.create();
  }, START_MS);
  /** Changes the database, and tells what takeover says of it. */
  const after = async (sql: string) => {
    const database = new DatabaseSync(file);
    database.exec(sql);
    database.close();
    const { code, said } = await takeover(worker, "--apply");
    expect(code).toBe(1);
    return said;
  };

  test("is said, with the way out", async () => {
    expect(await after("")).toContain('There is no table "user"');
    await olderServer("1.6", true, file);
    const now = "2026-01-01T00:00:00.000Z";
    const users = ["a", "b"].map((id) => `insert into user (id, name, email, emailVerified, createdAt, updatedAt) values ('${id}', '', '${id}@x.co', 0, '${now}', '${now}');`);
    const members = ["m1", "m2"].map((id) => `insert into member values ('${id}', 'o', 'a', 'owner', '${now}');`);
    const organization = `insert into organization (id, name, slug, createdAt) values ('o', 'O', 'o', '${now}');`;
    expect(await after([...users, organization, ...members].join(""))).toContain("keep one of the ids m1,m2, and delete the others");
    expect(await after("update user set createdAt = 1767225600 where id = 'b'")).toContain('1 users have a "createdAt" that is no text');
    expect(await after(`alter table team add column plan text not null default 'free'; update user set createdAt = '${now}'; delete from member where id = 'm2'; create table t (a); drop table organizationRole; create table organizationRole (id text primary key, plan text not null)`))
      .toMatch(/"organizationRole" has no column "organizationId"[^]*"plan" of "organizationRole" must have a value/);
    const columns = new DatabaseSync(file).prepare("select count(*) as count from pragma_table_info('teamMember') where name = 'membershipKey'").get();
    expect(columns, "nothing is applied").toEqual({ count: 0 });
  }, 2 * START_MS);
});

/** A server of an older version on a database file, which it lays out: sends a request, and gives status, body and cookies. */
async function olderServer(version: string, teams: boolean, file: string) {
  const { adminAc, betterAuth, createAccessControl, defaultStatements, getMigrations, memberAc, organization, ownerAc } = await import(`./older/${version}/index.mjs`);
  const ac = createAccessControl(defaultStatements);
  const roles = { owner: ac.newRole(ownerAc.statements), admin: ac.newRole(adminAc.statements), member: ac.newRole(memberAc.statements) };
  const plugin = teams ? { teams: { enabled: true }, dynamicAccessControl: { enabled: true }, ac, roles } : {};
  const open = () => ({
    database: new DatabaseSync(file),
    baseURL: ORIGIN,
    secret: SECRET,
    emailAndPassword: { enabled: true },
    rateLimit: { enabled: false, storage: "database" },
    plugins: [organization(plugin)],
    logger: { disabled: true },
    telemetry: { enabled: false },
  });
  await (await getMigrations(open())).runMigrations();
  return sender((request) => betterAuth(open()).handler(request));
}
