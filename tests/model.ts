// A model that follows a script: a server on loopback that speaks OpenAI's chat completions. It stands for a model, and is none.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What a model is sent of a conversation. */
export interface ModelMessage {
  role: string;
  content: string | null;
  tool_calls?: { id: string; function: { name: string; arguments: string } }[];
}

/** A tool that the model calls. Arguments that are a text go out as they are, well-formed or not. */
export interface Call {
  tool: string;
  arguments: object | string;
}

/** What the model says: a text, or which tools it calls; or both, in pieces, ending as it should not. */
export type Reply = string | Call[] | { text?: string | AsyncIterable<string>; refusal?: string; calls?: Call[]; ends?: "error" | "cut"; status?: number };

export interface Model {
  /** For `LLM_BASE_URL`. */
  url: string;
  /** What it was sent, in order. */
  requests: { headers: Record<string, unknown>; messages: ModelMessage[]; tools: string[] }[];
  close(): Promise<void>;
}

/** Starts one, which replies to each conversation as `script` says. */
export async function model(script: (messages: ModelMessage[]) => Reply | Promise<Reply>): Promise<Model> {
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const piece of request) text += piece;
    const { messages, tools = [], stream } = JSON.parse(text);
    started.requests.push({ headers: request.headers, messages, tools: tools.map((tool: any) => tool.function.name) });
    const said = await script(messages);
    const reply = typeof said === "string" ? { text: said } : Array.isArray(said) ? { calls: said } : said;
    if (reply.status) {
      response.writeHead(reply.status, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { message: "key sk-of-the-deployment is over its quota" } }));
      return;
    }
    const written = (value: object | string) => (typeof value === "string" ? value : JSON.stringify(value));
    const calls = (reply.calls ?? []).map((call, index) => ({
      index,
      id: `call_${started.requests.length}_${index}`,
      type: "function",
      function: { name: call.tool, arguments: written(call.arguments) },
    }));
    const finish_reason = calls.length ? "tool_calls" : "stop";
    const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
    const answer = { id: "chatcmpl-1", created: 1, model: "scripted" };
    if (!stream) {
      const message = { role: "assistant", content: typeof reply.text === "string" ? reply.text : null, ...(calls.length && { tool_calls: calls }) };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ ...answer, object: "chat.completion", choices: [{ index: 0, message, finish_reason }], usage }));
      return;
    }
    response.setHeader("content-type", "text/event-stream");
    let isOver = false;
    response.on("close", () => (isOver = true));
    const say = (delta: object, finish_reason: string | null = null, more = {}) =>
      response.write(`data: ${JSON.stringify({ ...answer, object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason }], ...more })}\n\n`);
    const pieces = typeof reply.text === "string" ? (reply.text.match(/.{1,9}/gs) ?? []) : (reply.text ?? []);
    for await (const content of pieces) {
      if (isOver) return;
      say({ role: "assistant", content });
    }
    if (reply.refusal) say({ refusal: reply.refusal });
    // The arguments in two pieces, those of all calls interleaved.
    for (const call of calls) say({ tool_calls: [{ ...call, function: { ...call.function, arguments: call.function.arguments.slice(0, 5) } }] });
    for (const { index, function: { arguments: text } } of calls) say({ tool_calls: [{ index, function: { arguments: text.slice(5) } }] });
    if (reply.ends === "error") response.write(`data: ${JSON.stringify({ error: { message: "key sk-of-the-deployment is over its quota" } })}\n\n`);
    if (!reply.ends) say({}, finish_reason, { usage });
    isOver = true;
    if (reply.ends) response.end();
    else response.end("data: [DONE]\n\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  const started: Model = { url: `http://127.0.0.1:${port}/v1`, requests: [], close };
  return started;
}
