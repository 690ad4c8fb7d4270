// The Worker as the tests enter it: the real entry, with a D1 that counts its calls and fails on request.
//
// Request header `x-test-d1-fault`: `fail` (each call rejects), `fail-after:N` (each call after the Nth rejects),
// `lost-once` (the first call takes effect, but its answer is lost), `lost-once:N` (the first after the Nth), `hang` (no
// call ever settles), `stuck` (the same, with a Worker that is too patient with D1 and has 0.3 s for its answer), `panic`
// (`prepare` throws, which the `worker` crate unwraps: a panic in the very WebAssembly that is deployed), `panic:N` (the
// same after the Nth call). Response header
// `x-test-d1-calls`: the number of round trips. Request header `x-test-unbound`: bindings that the Worker is to lack.
//
// Request header `x-test-store-fault`: `fail:N` (the Nth call to the organization's store rejects), `lost:N` (it takes effect,
// but its answer is lost), `restart:N` (the store is stopped just before it), `stop:N` (just after it was sent).
//
// Variable `QUEUE_RESTS`: messages are taken and nothing is done, so that nothing changes behind a test that compares databases.
import { fetch } from "../build/index.js";
import entry, { RateLimiter } from "../entry.js";
import { guarded } from "../guarded.js";
import { OrgStore as RealOrgStore } from "../store.js";

export { RateLimiter };

/** The store, which a test can stop as Cloudflare may. */
export class OrgStore extends RealOrgStore {
  stop() {
    this.ctx.abort("a restart that a test asked for");
  }
}

const hurried = guarded(fetch, 300);

export default {
  async fetch(request, env, ctx) {
    const fault = request.headers.get("x-test-d1-fault") ?? "";
    const meter = new Meter(fault);
    const watched = { ...env, DB: meter.watch(env.DB), ORG_STORE: faultyStores(env.ORG_STORE, request.headers.get("x-test-store-fault")) };
    for (const binding of request.headers.get("x-test-unbound")?.split(",") ?? []) delete watched[binding];
    const stuck = fault === "stuck";
    const answer = await (stuck ? hurried.fetch(request, { ...watched, D1_TIMEOUT_MS: "30000" }, ctx) : entry.fetch(request, watched, ctx));
    const response = new Response(answer.body, answer);
    response.headers.set("x-test-d1-calls", String(meter.calls));
    return response;
  },
  scheduled: (event, env, ctx) => entry.scheduled(event, env, ctx),
  queue: (batch, env, ctx) => (env.QUEUE_RESTS ? undefined : entry.queue(batch, env, ctx)),
};

class Meter {
  calls = 0;
  #fault;
  #after;
  #statements = new WeakMap();

  constructor(header) {
    const [fault, after = "0"] = header.split(":");
    this.#fault = fault === "fail-after" ? "fail" : fault;
    this.#after = Number(after);
  }

  /** `db`, watched. Its constructor stays D1Database: the `worker` crate looks at that name. */
  watch(db) {
    return replace(db, {
      prepare: (sql) => {
        if (this.#fault === "panic" && this.calls >= this.#after) throw new Error("a fault that a test asked for");
        return this.#statement(db.prepare(sql));
      },
      batch: (statements) => this.#call(() => db.batch(statements.map((watched) => this.#statements.get(watched)))),
      exec: (sql) => this.#call(() => db.exec(sql)),
    });
  }

  #statement(statement) {
    const call = (method) => (...args) => this.#call(() => statement[method](...args));
    const watched = replace(statement, {
      bind: (...values) => this.#statement(statement.bind(...values)),
      first: call("first"),
      run: call("run"),
      all: call("all"),
      raw: call("raw"),
    });
    this.#statements.set(watched, statement);
    return watched;
  }

  /** One round trip. */
  async #call(send) {
    this.calls += 1;
    const faulty = this.calls > this.#after;
    if (faulty && this.#fault === "fail") throw failure("a fault that a test asked for");
    if (faulty && (this.#fault === "hang" || this.#fault === "stuck")) await new Promise(() => {});
    const answer = await send();
    if (this.#fault === "lost-once" && this.calls === this.#after + 1) throw failure("Network connection lost.");
    return answer;
  }
}

/** The organizations' stores, which fail at the Nth call of the request. */
function faultyStores(stores, header) {
  if (!header) return stores;
  const [fault, at] = header.split(":");
  let calls = 0;
  const ask = async (name, request) => {
    calls += 1;
    const store = stores.getByName(name);
    if (calls !== Number(at)) return store.ask(request);
    if (fault === "fail") throw new Error("a fault that a test asked for");
    if (fault === "restart") {
      await store.stop().catch(() => {});
      return stores.getByName(name).ask(request);
    }
    const answer = store.ask(request);
    if (fault === "stop") await store.stop().catch(() => {});
    await answer;
    throw new Error("Network connection lost.");
  };
  return replace(stores, { getByName: (name) => ({ ask: (request) => ask(name, request) }) });
}

/** An error as workerd's D1 throws it. */
const failure = (cause) => new Error(`D1_ERROR: ${cause}`, { cause: new Error(cause) });

/** `target` with some of its methods replaced. */
const replace = (target, methods) => new Proxy(target, { get: (_, key) => (Object.hasOwn(methods, key) ? methods : target)[key] });
