// What stands between a database that Better Auth made and our migrations. docs/operations.md tells the story.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./run.mjs";

/** Every table with its columns: `{table, name, isRequired, hasDefault}`. */
export const COLUMNS = `select t.name as "table", c.name, c."notnull" as isRequired, c.dflt_value is not null as hasDefault
  from sqlite_schema t join pragma_table_info(t.name) c where t.type = 'table'`;

/** Columns that another version, or one without teams, did not make, and how they are added. */
const ADDITIONS = {
  session: {
    activeOrganizationId: ['alter table "session" add column "activeOrganizationId" text'],
    activeTeamId: ['alter table "session" add column "activeTeamId" text'],
  },
  invitation: {
    teamId: ['alter table "invitation" add column "teamId" text'],
    createdAt: [`alter table "invitation" add column "createdAt" date not null default '1970-01-01T00:00:00.000Z'`],
  },
  team: {
    memberCount: [
      'alter table "team" add column "memberCount" integer not null default 0',
      'update "team" set "memberCount" = (select count(*) from "teamMember" where "teamId" = "team"."id")',
    ],
  },
  teamMember: {
    membershipKey: [
      'alter table "teamMember" add column "membershipKey" text',
      'create unique index "teamMember_membershipKey_uidx" on "teamMember" ("membershipKey")',
    ],
  },
};

/** Columns of 1.7.0 to 1.7.2, which neither later versions nor Orgscope write. */
const REMOVALS = {
  account: {
    issuer: ['drop index if exists "account_issuer_accountId_uidx"', 'alter table "account" drop column "issuer"'],
  },
};

/** Rows of which our unique indexes allow one: Better Auth lets there be more. */
const KEYS = { member: ["organizationId", "userId"], organizationRole: ["organizationId", "role"], account: ["providerId", "accountId"] };

/** The tables of `migrations/0001_create_identity.sql`, each with the names of its columns. */
function ours() {
  const sql = readFileSync(join(ROOT, "migrations/0001_create_identity.sql"), "utf8");
  const tables = [...sql.matchAll(/^create table if not exists "(\w+)" \((.*)\);$/gm)];
  return new Map(tables.map(([, name, columns]) => [name, [...columns.matchAll(/"(\w+)" (?:text|integer|date)\b/g)].map(([, column]) => column)]));
}

/**
 * The statements that make the database one that our migrations can go on from, and what is in the way of that: `columns`
 * are the rows of `COLUMNS`.
 */
export function plan(columns) {
  const found = Map.groupBy(columns, ({ table }) => table);
  if (!found.has("user")) {
    return { statements: [], obstacles: ['There is no table "user": this is no database of Better Auth. A new one needs the migrations alone.'] };
  }
  const statements = [];
  const obstacles = [];
  for (const [table, expected] of ours()) {
    if (!found.has(table)) continue; // the migrations make it
    const there = new Set(found.get(table).map(({ name }) => name));
    for (const column of expected.filter((name) => !there.has(name))) {
      const addition = ADDITIONS[table]?.[column];
      if (addition) statements.push(...addition);
      else obstacles.push(`The table "${table}" has no column "${column}": Better Auth's own migrations did not lay it out, and Orgscope can take over no other layout.`);
    }
    for (const { name, isRequired, hasDefault } of found.get(table).filter(({ name }) => !expected.includes(name))) {
      const removal = REMOVALS[table]?.[name];
      if (removal) statements.push(...removal);
      else if (isRequired && !hasDefault) obstacles.push(`The column "${name}" of "${table}" must have a value, and Orgscope gives it none: let it be null, or give it a default.`);
    }
  }
  return { statements, obstacles };
}

/**
 * Queries for what the rows themselves have that cannot be taken over: `sql`, and `says`, which makes a sentence of each
 * row. `columns` as above.
 */
export function rowChecks(columns) {
  const tables = new Set(columns.map(({ table }) => table));
  const duplicates = Object.entries(KEYS).filter(([table]) => tables.has(table)).map(([table, key]) => {
    const names = key.map((name) => `"${name}"`).join(", ");
    return {
      sql: `select ${names}, group_concat("id") as ids from "${table}" group by ${names} having count(*) > 1 limit 10`,
      says: (row) => `The table "${table}" has more than one row for ${key.map((name) => `${name} ${row[name]}`).join(" and ")}: keep one of the ids ${row.ids}, and delete the others.`,
    };
  });
  const numbers = {
    sql: `select count(*) as count from "user" where typeof("createdAt") <> 'text' having count(*) > 0`,
    says: ({ count }) => `${count} users have a "createdAt" that is no text: Better Auth's own migrations did not lay this database out, and Orgscope can take over no other layout.`,
  };
  return [numbers, ...duplicates];
}
