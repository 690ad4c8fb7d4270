// A receiver of webhooks: verifies each signature, takes each message once, and prints what came.
//
//   WEBHOOK_SECRET=whsec_… node receiver.mjs        until it is ended
//   WEBHOOK_SECRET=whsec_… node receiver.mjs 2      until so many messages have come
import { createServer } from "node:http";
import { Webhook, WebhookVerificationError } from "standardwebhooks";

const { WEBHOOK_SECRET, PORT = "8790" } = process.env;
if (!WEBHOOK_SECRET) throw new Error("Set WEBHOOK_SECRET: README.md says to what.");
const webhook = new Webhook(WEBHOOK_SECRET);
const last = Number(process.argv[2] ?? Infinity);
// More than any delivery of Orgscope has: a report is about 400 KB.
const MAX_BYTES = 4 << 20;
/** The ids of what has come. A receiver that matters keeps them in its database, for some days. */
const taken = new Set();

const server = createServer(async (request, response) => {
  const answer = (status) => response.writeHead(status, { connection: "close" }).end();
  const body = await read(request);
  if (body === undefined) return answer(413);
  let message;
  try {
    // Over the body as it came, byte for byte, before anything of it is believed.
    message = webhook.verify(body, request.headers);
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    console.log(`refused: ${error.message}`);
    return answer(401);
  }
  const id = request.headers["webhook-id"];
  const isNew = !taken.has(id);
  taken.add(id);
  answer(204);
  if (isNew) console.log(`${message.type}: ${message.title}: ${message.text}`);
  if (taken.size >= last) server.close();
});

/** The body; undefined if it is longer than any that Orgscope sends. */
async function read(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > MAX_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

server.listen(Number(PORT), "127.0.0.1");
