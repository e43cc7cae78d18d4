// A model behind an OpenAI-compatible endpoint. The client only carries; retries, time limits and forms are ours.

import OpenAI from "openai";
import {traced, type TracedFacts} from "../../lib/trace.js";
import {ModelError} from "../errors.js";
import type {Listener, Message, Model, ModelRequest, Reply, Tool} from "../types.js";
import {jsonSchema} from "./json-schema.js";
import {collector} from "./pieces.js";
import {troubleOf} from "./trouble.js";

export type Endpoint = {
  baseUrl: string;
  apiKey: string | null;
  /** How long it may be silent, before the first word and between two. */
  timeLimitMs: number;
  retries?: number;
};

type Params = OpenAI.Chat.Completions.ChatCompletionCreateParamsStreaming;

/** Returns the model of that name at an endpoint. */
export function openaiModel(endpoint: Endpoint, name: string): Model {
  const {baseUrl: baseURL, apiKey, retries = 2} = endpoint;
  const client = new OpenAI({
    baseURL,
    apiKey: apiKey ?? "none",
    maxRetries: 0,
    timeout: endpoint.timeLimitMs
  });
  // An endpoint that refuses a schema is asked for JSON alone from then on.
  let knowsSchemas = true;
  const once = async (request: ModelRequest, listener: Listener): Promise<Reply> => {
    const params = paramsOf(name, request, knowsSchemas);
    try {
      return await streamed(client, params, {listener, timeLimitMs: endpoint.timeLimitMs});
    } catch (error) {
      const {trouble, detail} = troubleOf(error);
      const isAboutForm = trouble === "refused" && /response_format|json_schema|schema|guided/i.test(detail);
      if (!request.form || !knowsSchemas || !isAboutForm) throw error;
      knowsSchemas = false;
      return await streamed(client, paramsOf(name, request, false), {
        listener,
        timeLimitMs: endpoint.timeLimitMs
      });
    }
  };
  return (request, listener) => {
    const facts: TracedFacts = {name, agent: request.agent};
    let answer = "";
    const work = async () => {
      const reply = await retried((heard) => once(request, heard), listener, retries);
      Object.assign(facts, {input_tokens: reply.usage.input, output_tokens: reply.usage.output});
      answer = JSON.stringify({text: reply.text, calls: reply.calls});
      return reply;
    };
    return traced("model", facts, work, () => ({prompt: JSON.stringify(request.messages), answer}));
  };
}

// Nothing is asked again once a word of it was shown.
async function retried(
  ask: (listener: Listener) => Promise<Reply>,
  listener: Listener,
  most: number
): Promise<Reply> {
  for (let attempt = 0; ; attempt++) {
    let isShown = false;
    const heard =
      <T>(tell: (value: T) => void) =>
      (value: T) => {
        isShown = true;
        tell(value);
      };
    try {
      return await ask({...listener, onText: heard(listener.onText), onThinking: heard(listener.onThinking)});
    } catch (thrown) {
      const error = listener.signal.aborted ? new ModelError("aborted") : troubleOf(thrown);
      const mayPass = ["rate_limit", "timeout", "network", "server"].includes(error.trouble);
      if (!mayPass || isShown || attempt >= most) throw error;
      const waitMs = error.retryAfterMs ?? 500 * 2 ** attempt;
      listener.onRetry({reason: error.trouble.replace("_", " "), waitMs});
      await pause(waitMs, listener.signal);
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      reject(new ModelError("aborted"));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", end);
      resolve();
    }, ms);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, {once: true});
  });
}

type Streaming = {listener: Listener; timeLimitMs: number};

// The client's own limit ends with the headers, and its loop ends without a word when it is aborted.
async function streamed(client: OpenAI, params: Params, {listener, timeLimitMs}: Streaming): Promise<Reply> {
  const silence = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const beat = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), timeLimitMs);
  };
  const ended = () => {
    if (listener.signal.aborted) throw new ModelError("aborted");
    if (silence.signal.aborted) throw new ModelError("timeout");
  };
  const pieces = collector(listener.onText, listener.onThinking);
  try {
    beat();
    const signal = AbortSignal.any([listener.signal, silence.signal]);
    const stream = await client.chat.completions.create(params, {signal});
    if (typeof stream?.[Symbol.asyncIterator] !== "function")
      throw new ModelError("bad_output", "the endpoint does not stream");
    for await (const chunk of stream) {
      beat();
      pieces.push(chunk);
    }
    ended();
  } catch (error) {
    ended();
    throw error;
  } finally {
    clearTimeout(timer);
  }
  const {isWhole, isEmpty, ...reply} = pieces.end(JSON.stringify(params.messages));
  if (isEmpty) throw new ModelError("bad_output", "the endpoint sent nothing");
  if (!isWhole) throw new ModelError("network", "the answer was cut off");
  return reply;
}

function paramsOf(model: string, {messages, tools, form}: ModelRequest, knowsSchemas: boolean): Params {
  const told = messages.map(messageOf);
  const schema = form ? jsonSchema(form.schema) : null;
  return {
    model,
    stream: true,
    stream_options: {include_usage: true},
    messages:
      form && !knowsSchemas
        ? [
            ...told,
            {
              role: "system",
              content: `Answer with one JSON object of this schema alone:\n${JSON.stringify(schema)}`
            }
          ]
        : told,
    ...(tools.length ? {tools: tools.map(toolOf), tool_choice: "auto"} : {}),
    ...(form
      ? {
          response_format: knowsSchemas
            ? {type: "json_schema", json_schema: {name: form.name, strict: true, schema: schema!}}
            : {type: "json_object"}
        }
      : {})
  };
}

/** Characters of a result that a model is shown; the reader sees all. */
const longestResult = 16_000;

function messageOf(message: Message): OpenAI.Chat.Completions.ChatCompletionMessageParam {
  if (message.role === "tool") {
    const {call, content} = message;
    const rest = content.length - longestResult;
    const shown = rest > 0 ? `${content.slice(0, longestResult)}\n… ${rest} more characters` : content;
    return {role: "tool", tool_call_id: call, content: shown};
  }
  if (message.role !== "assistant") return message;
  const {content, calls} = message;
  if (!calls.length) return {role: "assistant", content};
  return {
    role: "assistant",
    content: content || null,
    tool_calls: calls.map(({id, name, arguments: args}) => ({
      id,
      type: "function",
      function: {name, arguments: args || "{}"}
    }))
  };
}

const toolOf = ({name, description, schema}: Tool): OpenAI.Chat.Completions.ChatCompletionTool => ({
  type: "function",
  function: {name, description, parameters: jsonSchema(schema)}
});
