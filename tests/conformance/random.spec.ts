// Both servers in lockstep through random sequences of calls. Another sequence, or a longer one:
//
//   ORGSCOPE_SEED=7 ORGSCOPE_STEPS=20000 npx vitest run random
//
// A difference is printed with its seed, and with the fewest calls that still lead to it.
import { createHmac } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isOnPurpose } from "./compatibility.ts";
import { differences, type Difference } from "./normalise.ts";
import { calls, PEOPLE } from "./random.ts";
import { run } from "./run.ts";
import type { Call } from "./script.ts";
import { newId, orgscope, reference, type Server } from "./server.ts";

const SEED = Number(process.env.ORGSCOPE_SEED ?? 1);
const STEPS = Number(process.env.ORGSCOPE_STEPS ?? 2000);
const EPISODE_STEPS = 200;
const SHRINK_MS = 60_000;

let theirs: Server;
let ours: Server;
beforeAll(async () => {
  [theirs, ours] = await Promise.all([reference({}), orgscope({})]);
  theirs.placeholder = ours.placeholder = "nothing";
});
afterAll(() => Promise.all([theirs?.close(), ours?.close()]));

const episodes = Array.from({ length: Math.ceil(STEPS / EPISODE_STEPS) }, (_, episode) => SEED * 1000 + episode);

test.each(episodes)("sequence %i", async (seed) => {
  const steps = calls(seed, Math.min(STEPS, EPISODE_STEPS));
  const failure = await play(steps);
  if (!failure) return;
  const [fewest, found] = await shrink(steps.slice(0, failure.at + 1), failure.found);
  const script = fewest.map(({ name, as, request, body, headers, cookies, keep }) => JSON.stringify({ name, as, request, body, headers, cookies, keep }));
  expect.fail(`after\n${script.join("\n")}\nthey differ:\n${found.map((difference) => JSON.stringify(difference)).join("\n")}`);
}, 10 * 60_000);

/** Plays the calls on fresh databases up to the first difference. */
async function play(steps: Call[]): Promise<{ at: number; found: Difference[] } | undefined> {
  await Promise.all([theirs, ours].map(furnish));
  for (const [at, step] of steps.entries()) {
    const before = await snapshot(theirs);
    const [expected, actual] = await Promise.all([run(step, theirs), run(step, ours)]);
    const found = differences(expected.seen, actual.seen);
    if (actual.d1Calls! > 2) found.push({ at: "round trips to D1", reference: 2, orgscope: actual.d1Calls });
    if (found.length && !isOnPurpose(step, expected.seen, actual.seen)) return { at, found };
    // What one of them refuses on purpose has not happened on the other, either.
    if (found.length) await restore(theirs, before);
    await align(step, expected.seen.status, before.session!);
  }
  return undefined;
}

/** Does to the reference's sessions what we do to ours, on purpose (docs/compatibility.md). */
async function align(step: Call, status: number, sessions: Row[]) {
  if (status !== 200 && /set-active$|get-(full-)?organization/.test(step.request)) {
    // Naming an organization of others leaves the active one, unless it is that.
    for (const { token, activeOrganizationId: org } of sessions) {
      const named = org && theirs.fill(JSON.stringify([step.request, step.body])).includes(String(org));
      if (org && !named) await theirs.rows(`update session set "activeOrganizationId" = '${org}' where token = '${token}'`);
    }
  }
  // A deleted organization is no one's active one, and a team of another organization, or that one is not in, is none.
  await theirs.rows(`update session set "activeOrganizationId" = null where "activeOrganizationId" not in (select id from organization)`);
  await theirs.rows(
    `update session set "activeTeamId" = null
     where not exists (
       select 1 from team join "teamMember" on "teamMember"."teamId" = team.id
       where team.id = "activeTeamId" and "organizationId" = session."activeOrganizationId" and "teamMember"."userId" = session."userId"
     )`,
  );
}

/** The fewest calls that a while of trying finds, which still lead to a difference in the same place. */
async function shrink(steps: Call[], found: Difference[]): Promise<[Call[], Difference[]]> {
  const until = Date.now() + SHRINK_MS;
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < steps.length - 1 && Date.now() < until; ) {
      const fewer = [...steps.slice(0, from), ...steps.slice(Math.min(from + size, steps.length - 1))];
      const failure = await play(fewer);
      if (failure?.at === fewer.length - 1 && failure.found[0]!.at === found[0]!.at) [steps, found] = [fewer, failure.found];
      else from += size;
    }
  }
  return [steps, found];
}

const TABLES = ["session", "account", "verification", "invitation", "teamMember", "team", "organizationRole", "member", "organization", "user"];
/** What the databases have from the start has the same ids in both. */
const ids = new Map<string, string>();
const id = (name: string) => ids.get(name) ?? (ids.set(name, newId()), ids.get(name)!);

type Row = Record<string, string | number | null>;

/** All rows, in their order. */
async function snapshot(server: Server): Promise<Record<string, Row[]>> {
  const tables = TABLES.map(async (table) => [table, await server.rows(`select * from "${table}" order by rowid`)]);
  return Object.fromEntries(await Promise.all(tables));
}

async function restore(server: Server, rows: Record<string, Row[]>) {
  for (const table of TABLES) await server.rows(`delete from "${table}"`);
  for (const table of TABLES.toReversed()) for (const row of rows[table]!) await insert(server, table, row);
}

function insert(server: Server, table: string, row: Row) {
  const columns = Object.keys(row).map((column) => `"${column}"`);
  const values = Object.values(row).map((value) => (typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value)));
  return server.rows(`insert into "${table}" (${columns.join()}) values (${values.join()})`);
}

/** Empties the database, and puts in four people and two organizations. */
async function furnish(server: Server) {
  server.forget();
  for (const table of TABLES) await server.rows(`delete from "${table}"`);
  const now = new Date().toISOString();
  const week = new Date(Date.now() + 604_800_000).toISOString();
  const put = (table: string, row: Row) => insert(server, table, row);
  for (const who of PEOPLE) {
    const user = { id: id(who), name: who, email: `${who}@example.com`, emailVerified: who === "carol" ? 0 : 1, createdAt: now, updatedAt: now };
    await put("user", user);
    const token = id(`${who}.token`);
    await put("account", { id: id(`${who}.account`), accountId: user.id, providerId: "credential", userId: user.id, password: "none", createdAt: now, updatedAt: now });
    await put("session", { id: id(`${who}.session`), expiresAt: week, token, createdAt: now, updatedAt: now, ipAddress: "", userAgent: "", userId: user.id });
    const signature = createHmac("sha256", server.secret).update(token).digest("base64");
    server.jar(who).set("better-auth.session_token", encodeURIComponent(`${token}.${signature}`));
    server.values.set(who, user.id);
    server.values.set(`${who}.token`, token);
  }
  const found = async (slug: string, members: Record<string, string>) => {
    await put("organization", { id: id(slug), name: slug, slug, createdAt: now });
    await put("team", { id: id(`${slug}.team`), name: slug, memberCount: 1, organizationId: id(slug), createdAt: now });
    for (const [who, role] of Object.entries(members)) {
      await put("member", { id: id(`${slug}.${who}`), organizationId: id(slug), userId: id(who), role, createdAt: now });
      server.values.set(`${slug}.${who}`, id(`${slug}.${who}`));
    }
    const first = Object.keys(members)[0]!;
    await put("teamMember", { id: id(`${slug}.team.${first}`), teamId: id(`${slug}.team`), userId: id(first), createdAt: now });
    server.values.set(slug, id(slug));
    server.values.set(`${slug}.team`, id(`${slug}.team`));
  };
  await found("acme", { ada: "owner", bob: "admin", carol: "member" });
  await found("other", { dora: "owner" });
  for (const [name, value] of ids) server.names.learn(value, name);
}
