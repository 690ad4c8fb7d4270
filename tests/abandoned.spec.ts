// A run whose client goes away, in the runtime as users have it: the harness of the other tests makes the Worker's outbound
// requests by Node, which hides what becomes of them.
import { once } from "node:events";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Deployment, START_MS } from "./deployment.ts";

const worker = new Deployment();
/** A model that says a word, and is asked either for one more each 100 ms, for ever, or for silence; and how to know that its request has ended. */
let model: Server;
let closed = () => {};

beforeAll(async () => {
  model = createServer(async (request, response) => {
    const isSilent = JSON.stringify(await json(request)).includes("Be silent");
    response.on("close", () => closed());
    response.writeHead(200, { "content-type": "text/event-stream" });
    do {
      response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: "word " } }] })}\n\n`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    } while (!response.closed && !isSilent);
  }).listen(0, "127.0.0.1");
  await once(model, "listening");
  const { port } = model.address() as AddressInfo;
  await worker.migrate();
  await worker.start({ LLM_BASE_URL: `http://127.0.0.1:${port}/v1`, LLM_MODEL: "slow" });
}, 2 * START_MS);
afterAll(async () => {
  await worker.stop();
  model.closeAllConnections();
  model.close();
});

test.each(["Speak", "Be silent"])("the request to the model ends with the client's, and what was said is kept: %s", async (content) => {
  const isClosed = new Promise<void>((resolve) => (closed = resolve));
  const ada = { name: "Ada", email: `${content.length}@example.com`, password: "correct horse battery" };
  const { cookie } = await worker.send("POST", "/api/auth/sign-up/email", ada);
  const client = new AbortController();
  const body = JSON.stringify({ threadId: "t", runId: "r", messages: [{ id: "1", role: "user", content }] });
  const headers = { "content-type": "application/json", origin: worker.url, cookie };
  const run = await fetch(`${worker.url}/api/copilotkit/agent/default/run`, { method: "POST", headers, body, signal: client.signal });
  const reader = run.body!.pipeThrough(new TextDecoderStream()).getReader();
  for (let read = ""; !read.includes("word"); ) read += (await reader.read()).value;
  client.abort();

  // Well within the half minute after which the platform would end the run itself.
  const start = Date.now();
  await isClosed;
  expect(Date.now() - start).toBeLessThan(10_000);
  const [{ id }] = (await worker.send("GET", "/api/agent-threads", undefined, cookie)).body.items;
  const kept = async () => (await worker.send("GET", `/api/agent-threads/${id}`, undefined, cookie)).body.messages.map(({ role }: { role: string }) => role);
  await expect.poll(kept, { timeout: 10_000 }).toEqual(["user", "assistant"]);
}, 60_000);
