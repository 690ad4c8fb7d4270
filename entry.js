// The Worker's entry: hands each event to the Rust code.
import { fetch, queue, scheduled } from "./build/index.js";
import { guarded } from "./guarded.js";

export { OrgStore } from "./store.js";
export { RateLimiter } from "./limiter.js";

// Longer than any healthy request takes, shorter than people or proxies wait.
const DEADLINE_MS = 30_000;

export default guarded(fetch, DEADLINE_MS, scheduled, queue);
