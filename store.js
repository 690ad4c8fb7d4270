// The class of the Durable Object that holds one organization's rows: src/edge/org_store.rs does the rest.
import { DurableObject } from "cloudflare:workers";
import { StoreCache, answerStore } from "./build/index.js";

export class OrgStore extends DurableObject {
  #cache = new StoreCache();

  /** Answers a request, all of it or nothing: what throws is rolled back, and what was refused is told as JSON. */
  ask(request) {
    const { storage } = this.ctx;
    try {
      return storage.transactionSync(() => answerStore(storage, this.#cache, request));
    } catch (refused) {
      if (typeof refused === "string") return refused;
      throw refused;
    }
  }
}
