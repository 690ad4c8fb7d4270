// The Worker's entry: hands each request to the Rust code, and sees to it that each gets an answer.
import { fetch as answer } from "./build/index.js";

// Longer than any healthy request takes, shorter than people or proxies wait.
const DEADLINE_MS = 30_000;

export default {
  async fetch(request, env, ctx) {
    try {
      return await inTime(() => answer(request, env, ctx));
    } catch (error) {
      // A panic (it unwinds and costs this request only), a trap of the WebAssembly instance, or a hung call.
      console.error("The request failed:", error);
      return Response.json(
        { code: "INTERNAL_SERVER_ERROR", message: "The request could not be completed." },
        { status: 500 },
      );
    }
  },
};

/** `call`'s result, or an error once the deadline has passed: a call that never settles must not hold its client. */
async function inTime(call) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${DEADLINE_MS} ms`)), DEADLINE_MS);
  });
  try {
    return await Promise.race([call(), late]);
  } finally {
    clearTimeout(timer);
  }
}
