// The Worker, and beside it the runtime's own scrypt over HTTP, so that both are asked in the same way.
import { randomBytes, scryptSync } from "node:crypto";
import entry from "../entry.js";

// Better Auth's parameters; by default node refuses the 32 MiB that they need.
const PARAMETERS = { N: 16384, r: 16, p: 1, maxmem: 64 * 1024 * 1024 };

export { OrgStore, RateLimiter } from "../entry.js";

export default {
  fetch(request, env, ctx) {
    if (new URL(request.url).pathname !== "/__bench/native-scrypt") return entry.fetch(request, env, ctx);
    scryptSync("correct horse battery", randomBytes(16).toString("hex"), 64, PARAMETERS);
    return new Response("done");
  },
};
