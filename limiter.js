// The class of the Durable Object that counts one client's requests: src/edge/rate_limiter.rs does the rest.
import { DurableObject } from "cloudflare:workers";
import { takeRequest } from "./build/index.js";

export class RateLimiter extends DurableObject {
  #counts = new Map();

  /** Counts a request: the seconds to wait if it is one too many, else 0. Nothing comes between the check and the count. */
  take(bucket, windowS, max) {
    return takeRequest(this.#counts, this.ctx.storage, bucket, windowS, max);
  }

  /** All that was stored has lapsed. */
  alarm() {
    return this.ctx.storage.deleteAll();
  }
}
