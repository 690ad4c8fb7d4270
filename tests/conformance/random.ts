// Random sequences of calls: data, made from a seed, so that one can be run again, whole or in parts.
import { call, type Call, type Options } from "./script.ts";

/** Numbers from a seed: mulberry32. */
export function generator(seed: number) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const one = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!;
  return { next, one, chance: (probability: number) => next() < probability };
}
type Random = ReturnType<typeof generator>;

export const PEOPLE = ["ada", "bob", "carol", "dora"] as const;
const ROLES = ["owner", "admin", "member", "editor", "reader", "boss", "admin,member", "", ["member", "editor"], ["admin"], "owner,member"];
const NAMES = ["editor", "reader", "Clerk", "admin"];
const PERMISSIONS = [
  { member: ["create", "update"] },
  { organization: ["update"] },
  { organization: ["delete"] },
  { ac: ["read"], team: ["create", "update", "delete"] },
  { invitation: ["create", "cancel"] },
  { member: ["sell"] },
  { invoice: ["read"] },
  {},
];
/** What no field takes. */
const WRONG = [null, 5, "", [], {}, true, "nothing"];

/** What the calls so far may have made: names of values, of which some were never kept. */
class Pool {
  readonly #names: Record<string, string[]> = {
    org: ["{acme}", "{other}"],
    member: ["{acme.ada}", "{acme.bob}", "{acme.carol}", "{other.dora}"],
    team: ["{acme.team}", "{other.team}"],
    invitation: [],
    role: [],
    token: PEOPLE.map((who) => `{${who}.token}`),
    user: PEOPLE.map((who) => `{${who}}`),
  };
  readonly #random: Random;
  #count = 0;
  constructor(random: Random) {
    this.#random = random;
  }
  /** A new name. */
  add(kind: string): string {
    const name = `${kind}${++this.#count}`;
    this.#names[kind]!.push(`{${name}}`);
    return name;
  }
  /** One that there is, rather one of the first or the last; sometimes one that never was. */
  one(kind: string): string {
    const { one, chance } = this.#random;
    const names = this.#names[kind]!;
    if (names.length === 0 || chance(0.04)) return "nothing";
    return one(chance(0.4) ? names.slice(0, 4) : names.slice(-4));
  }
}

type Body = Record<string, unknown>;
type Make = (random: Random, pool: Pool) => [request: string, body?: Body, options?: Options];

const query = (path: string, fields: Record<string, string | undefined>) => {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return `GET ${path}${given.length ? "?" : ""}${given.map(([name, value]) => `${name}=${value}`).join("&")}`;
};
const email = ({ one }: Random) => `${one([...PEOPLE, "eve", "ADA"])}@example.com`;
/** Names an organization, or leaves it to the active one. */
const maybe = <T>({ chance }: Random, value: T): T | undefined => (chance(0.4) ? value : undefined);
const slug = ({ one }: Random) => one(["one", "two", "three", "acme", "other", "ONE"]);

/** Each endpoint with the calls that it gets; how often it is listed is how often it is called. */
const CALLS: Make[] = [
  () => ["GET /get-session"],
  () => ["GET /get-session"],
  () => ["GET /list-sessions", undefined, { unordered: "body" }],
  () => ["GET /list-accounts"],
  (_, pool) => ["POST /unlink-account", { accountId: pool.one("user") }],
  (r) => ["POST /update-user", { name: r.one(["A", "B", ""]), image: maybe(r, r.one([null, "https://example.com/i.png"])) }],
  (r) => ["POST /update-session", { activeOrganizationId: maybe(r, "x"), theme: "dark" }],
  (_, pool) => ["POST /revoke-session", { token: r16(pool.one("token")) }],
  (r) => ["POST /organization/check-slug", { slug: slug(r) }],
  create,
  create,
  (r, pool) => ["POST /organization/update", { organizationId: maybe(r, pool.one("org")), data: { name: r.one(["New", "Newer"]), slug: maybe(r, slug(r)), metadata: maybe(r, { a: 1 }), logo: maybe(r, "l") } }],
  (_, pool) => ["POST /organization/delete", { organizationId: pool.one("org") }],
  (r, pool) => ["POST /organization/set-active", r.chance(0.7) ? { organizationId: r.chance(0.15) ? null : pool.one("org") } : { organizationSlug: slug(r) }],
  (r, pool) => ["POST /organization/set-active", r.chance(0.7) ? { organizationId: pool.one("org") } : {}],
  (r, pool) => [query("/organization/get-organization", { organizationId: maybe(r, pool.one("org")), organizationSlug: maybe(r, slug(r)) })],
  (r, pool) => [query("/organization/get-full-organization", { organizationId: maybe(r, pool.one("org")), organizationSlug: maybe(r, slug(r)) })],
  () => ["GET /organization/list"],
  () => ["GET /organization/get-active-member"],
  (r, pool) => [query("/organization/get-active-member-role", { organizationId: maybe(r, pool.one("org")), userId: maybe(r, pool.one("user")) })],
  (r, pool) => ["POST /organization/has-permission", { permissions: r.one(PERMISSIONS), organizationId: maybe(r, pool.one("org")) }],
  invite,
  invite,
  (_, pool) => ["POST /organization/accept-invitation", { invitationId: pool.one("invitation") }],
  (_, pool) => ["POST /organization/accept-invitation", { invitationId: pool.one("invitation") }, { keep: { [pool.add("member")]: "body.member.id" } }],
  (_, pool) => ["POST /organization/reject-invitation", { invitationId: pool.one("invitation") }],
  (_, pool) => ["POST /organization/cancel-invitation", { invitationId: pool.one("invitation") }],
  (_, pool) => [query("/organization/get-invitation", { id: pool.one("invitation") })],
  (r, pool) => [query("/organization/list-invitations", { organizationId: maybe(r, pool.one("org")) })],
  () => ["GET /organization/list-user-invitations"],
  (r, pool) => [
    query("/organization/list-members", {
      organizationId: maybe(r, pool.one("org")),
      limit: maybe(r, r.one(["1", "2", "x", "0"])),
      offset: maybe(r, r.one(["0", "1", "9"])),
      sortBy: maybe(r, r.one(["role", "createdAt"])),
      sortDirection: maybe(r, r.one(["asc", "desc"])),
      ...(r.chance(0.2) && { filterField: "role", filterValue: r.one(["admin", "m"]), filterOperator: r.one(["eq", "ne", "contains", "starts_with"]) }),
    }),
  ],
  (r, pool) => ["POST /organization/remove-member", { memberIdOrEmail: r.chance(0.7) ? pool.one("member") : email(r), organizationId: maybe(r, pool.one("org")) }],
  (r, pool) => ["POST /organization/update-member-role", { memberId: pool.one("member"), role: r.one(ROLES), organizationId: maybe(r, pool.one("org")) }],
  (r, pool) => ["POST /organization/update-member-role", { memberId: pool.one("member"), role: r.one(ROLES) }],
  (_, pool) => ["POST /organization/leave", { organizationId: pool.one("org") }],
  (r, pool) => ["POST /organization/create-team", { name: r.one(["Red", "Blue"]), organizationId: maybe(r, pool.one("org")) }, { keep: { [pool.add("team")]: "body.id" } }],
  (r, pool) => [query("/organization/list-teams", { organizationId: maybe(r, pool.one("org")) })],
  (r, pool) => ["POST /organization/update-team", { teamId: pool.one("team"), data: { name: maybe(r, "Green"), organizationId: maybe(r, pool.one("org")) } }],
  (r, pool) => ["POST /organization/remove-team", { teamId: pool.one("team"), organizationId: maybe(r, pool.one("org")) }],
  (r, pool) => ["POST /organization/set-active-team", { teamId: r.chance(0.15) ? null : pool.one("team") }],
  (r, pool) => [query("/organization/list-user-teams", { organizationId: maybe(r, pool.one("org")), userId: maybe(r, pool.one("user")) })],
  (r, pool) => [query("/organization/list-team-members", { teamId: maybe(r, pool.one("team")) })],
  (r, pool) => ["POST /organization/add-team-member", { teamId: pool.one("team"), userId: pool.one("user"), organizationId: maybe(r, pool.one("org")) }],
  (r, pool) => ["POST /organization/add-team-member", { teamId: pool.one("team"), userId: pool.one("user") }],
  (r, pool) => ["POST /organization/remove-team-member", { teamId: pool.one("team"), userId: pool.one("user"), organizationId: maybe(r, pool.one("org")) }],
  (r, pool) => ["POST /organization/create-role", { role: r.one(NAMES), permission: r.one(PERMISSIONS), organizationId: maybe(r, pool.one("org")) }, { keep: { [pool.add("role")]: "body.roleData.id" } }],
  (r, pool) => ["POST /organization/update-role", { ...selector(r, pool), data: { permission: maybe(r, r.one(PERMISSIONS)), roleName: maybe(r, r.one(NAMES)) }, organizationId: maybe(r, pool.one("org")) }],
  (r, pool) => ["POST /organization/delete-role", { ...selector(r, pool), organizationId: maybe(r, pool.one("org")) }],
  (r, pool) => [query("/organization/list-roles", { organizationId: maybe(r, pool.one("org")) })],
  (r, pool) => [query("/organization/get-role", { ...selector(r, pool), organizationId: maybe(r, pool.one("org")) })],
];

/** Of one's own token only a name that is none: with the sessions the run would end. */
const r16 = (token: string) => (token === "nothing" ? token : `${token.slice(0, -1)}.old}`);

function create(r: Random, pool: Pool): ReturnType<Make> {
  const [org, member] = [pool.add("org"), pool.add("member")];
  return [
    "POST /organization/create",
    { name: r.one(["One", "Two"]), slug: slug(r), metadata: maybe(r, { plan: "pro" }), keepCurrentActiveOrganization: maybe(r, true) },
    { keep: { [org]: "body.id", [member]: "body.members.0.id" } },
  ];
}

function invite(r: Random, pool: Pool): ReturnType<Make> {
  const body = { email: email(r), role: r.one(ROLES), organizationId: maybe(r, pool.one("org")), teamId: r.chance(0.2) ? pool.one("team") : undefined, resend: r.chance(0.2) ? true : undefined };
  return ["POST /organization/invite-member", body, { keep: { [pool.add("invitation")]: "body.id" } }];
}

const selector = (r: Random, pool: Pool): Record<string, string> => (r.chance(0.5) ? { roleName: r.one(NAMES).toLowerCase() } : { roleId: pool.one("role") });

/** The calls that `seed` means. */
export function calls(seed: number, count: number): Call[] {
  const random = generator(seed);
  const pool = new Pool(random);
  const made: Call[] = [];
  while (made.length < count) {
    const [request, body, options] = random.one(CALLS)(random, pool);
    const who = random.one(PEOPLE);
    const step = call(`${made.length}`, who, request, body && spoilt(random, body), options);
    if (random.chance(0.03)) step.cookies = "";
    if (random.chance(0.02)) step.headers = { origin: "https://evil.example" };
    made.push(step);
  }
  return made;
}

/** `body`, now and then with a field that is wrong or not there. */
function spoilt({ chance, one }: Random, body: Body): Body {
  if (!chance(0.08)) return body;
  const field = one(Object.keys(body));
  return { ...body, [field]: chance(0.3) ? undefined : one(WRONG) };
}
