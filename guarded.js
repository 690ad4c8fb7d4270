// Sees to it that each request gets an answer, whatever becomes of it, and that nothing runs for ever.

// A long body may take its client as long as this; how long it may pause, src/dataset/upload.rs says.
const LONG_BODY_BYTES = 1 << 20;
const LONG_BODY_MS = 600_000;

// A batch of messages takes its automations one after the other; Cloudflare gives a consumer 15 minutes.
const BATCH_MS = 600_000;

/** A Worker that answers by `answer`, or with a 500 once it has failed or `deadlineMs` have passed; that runs `run`, and `receive`s. */
export const guarded = (answer, deadlineMs, run, receive) => ({
  async fetch(request, env, ctx) {
    try {
      return await inTime(() => answer(request, env, ctx), hasLongBody(request) ? LONG_BODY_MS : deadlineMs);
    } catch (error) {
      // A panic (it unwinds and costs this request only), a trap of the WebAssembly instance, or a hung call.
      console.error("The request failed:", error);
      return Response.json(
        { code: "INTERNAL_SERVER_ERROR", message: "The request could not be completed." },
        { status: 500 },
      );
    }
  },

  /** What fails or hangs is a failed run in Cloudflare's books; the next one begins anew. */
  async scheduled(event, env, ctx) {
    await inTime(() => run(event, env, ctx), deadlineMs);
  },

  /** The messages of a batch that fails or hangs are delivered again, but for those that were dealt with. */
  async queue(batch, env, ctx) {
    await inTime(() => receive(batch, env, ctx), BATCH_MS);
  },
});

/** Whether the body is long, or does not say that it is not. */
const hasLongBody = ({ body, headers }) => body !== null && !(Number(headers.get("content-length") ?? NaN) <= LONG_BODY_BYTES);

/** `call`'s result, or an error once the deadline has passed: a call that never settles must not hold its client. */
async function inTime(call, deadlineMs) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${deadlineMs} ms`)), deadlineMs);
  });
  try {
    return await Promise.race([call(), late]);
  } finally {
    clearTimeout(timer);
  }
}
