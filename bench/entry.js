// The Worker, and beside it what it is measured against, over HTTP too, so that both are asked in the same way: the runtime's
// own scrypt, and a store into which each row goes by a statement of its own.
//
// With `STORE_URLS` (a JSON list), each organization's store is in another process: of those, the next in turn.
import { randomBytes, scryptSync } from "node:crypto";
import entry, { OrgStore as RealOrgStore } from "../entry.js";

// Better Auth's parameters; by default node refuses the 32 MiB that they need.
const PARAMETERS = { N: 16384, r: 16, p: 1, maxmem: 64 * 1024 * 1024 };
/** Rows of a call to the store. */
const BATCH = 10_000;
/** How many calls to D1 ticks have made. */
let tickCalls = 0;

export { RateLimiter } from "../entry.js";

export class OrgStore extends RealOrgStore {
  /** Inserts the rows in one transaction, each by a statement of its own. */
  insertSingly(rows) {
    const { sql } = this.ctx.storage;
    sql.exec("create table if not exists singly (n integer not null, day text, text text) strict");
    this.ctx.storage.transactionSync(() => {
      for (const row of rows) sql.exec("insert into singly (n, day, text) values (?, ?, ?)", ...row);
    });
  }
}

/** Which process an organization's store is in: as on Cloudflare, where its object was first asked for. */
const placed = new Map();

/** The organizations' stores, over HTTP. */
const storesAt = (urls) => ({
  getByName: (name) => ({
    async ask(request) {
      if (!placed.has(name)) placed.set(name, urls[placed.size % urls.length]);
      const answer = await fetch(`${placed.get(name)}/__bench/store/${name}`, { method: "POST", body: request });
      return answer.text();
    },
  }),
});

export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/__bench/store/")) {
      return new Response(await env.ORG_STORE.getByName(pathname.split("/").at(-1)).ask(await request.text()));
    }
    switch (pathname) {
      case "/__bench/native-scrypt":
        scryptSync("correct horse battery", randomBytes(16).toString("hex"), 64, PARAMETERS);
        return new Response("done");
      case "/__bench/single-inserts": {
        const rows = await request.json();
        const store = env.ORG_STORE.getByName("bench");
        for (let from = 0; from < rows.length; from += BATCH) await store.insertSingly(rows.slice(from, from + BATCH));
        return new Response("done");
      }
      case "/__bench/tick-calls":
        return new Response(String(tickCalls));
      default:
        return entry.fetch(request, env.STORE_URLS ? { ...env, ORG_STORE: storesAt(JSON.parse(env.STORE_URLS)) } : env, ctx);
    }
  },
  scheduled: (event, env, ctx) => entry.scheduled(event, { ...env, DB: counted(env.DB) }, ctx),
  queue: (batch, env, ctx) => entry.queue(batch, env, ctx),
};

/** `db`, whose batches are counted: the Worker makes no other calls. Its constructor stays D1Database, as the `worker` crate looks. */
function counted(db) {
  const batch = (statements) => {
    tickCalls += 1;
    return db.batch(statements);
  };
  const methods = { batch, prepare: (sql) => db.prepare(sql) };
  return new Proxy(db, { get: (_, key) => (Object.hasOwn(methods, key) ? methods : db)[key] });
}
