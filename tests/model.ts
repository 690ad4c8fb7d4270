// A model that follows a script: a server on loopback that speaks OpenAI's chat completions. It stands for a model, and is none.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What a model is sent of a conversation. */
export interface ModelMessage {
  role: string;
  content: string | null;
  tool_calls?: unknown[];
}

/** What the model says: a text, or which tools it calls, with arguments. */
export type Reply = string | { tool: string; arguments: object }[];

export interface Model {
  /** For `LLM_BASE_URL`. */
  url: string;
  /** What it was sent, in order. */
  requests: { headers: Record<string, unknown>; messages: ModelMessage[]; tools: string[] }[];
  close(): Promise<void>;
}

/** Starts one, which replies to each conversation as `script` says. */
export async function model(script: (messages: ModelMessage[]) => Reply): Promise<Model> {
  const requests: Model["requests"] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const piece of request) text += piece;
    const { messages, tools = [], stream } = JSON.parse(text);
    requests.push({ headers: request.headers, messages, tools: tools.map((tool: any) => tool.function.name) });
    const reply = script(messages);
    const calls = typeof reply === "string" ? [] : reply.map((call, index) => ({
      index,
      id: `call_${requests.length}_${index}`,
      type: "function",
      function: { name: call.tool, arguments: JSON.stringify(call.arguments) },
    }));
    const message = { role: "assistant", content: typeof reply === "string" ? reply : null, ...(calls.length && { tool_calls: calls }) };
    const finish_reason = calls.length ? "tool_calls" : "stop";
    const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
    const answer = { id: "chatcmpl-1", created: 1, model: "scripted" };
    if (!stream) {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ ...answer, object: "chat.completion", choices: [{ index: 0, message, finish_reason }], usage }));
      return;
    }
    response.setHeader("content-type", "text/event-stream");
    const chunk = (delta: object, finish_reason: string | null) => ({ ...answer, object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason }] });
    for (const part of [chunk(message, null), { ...chunk({}, finish_reason), usage }]) response.write(`data: ${JSON.stringify(part)}\n\n`);
    response.end("data: [DONE]\n\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/v1`, requests, close: () => new Promise((resolve) => server.close(() => resolve())) };
}
