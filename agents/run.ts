// One agent at work: it asks its model, runs the tools the model calls, shows it their results, until it answers.

import {z} from "zod";
import {explain} from "../lib/errors.js";
import {traced} from "../lib/trace.js";
import {ModelError} from "./errors.js";
import type {
  Agent,
  ChatEvent,
  Listener,
  Message,
  Model,
  Tool,
  ToolCall,
  ToolContext,
  ToolResult,
  Usage
} from "./types.js";

export type Run = {
  model: Model;
  messages: Message[];
  context: ToolContext;
  emit: (event: ChatEvent) => void;
  onUsage: (usage: Usage) => void;
};

/** What an agent said, what it found on the way, and the messages that are new. */
export type Answered = {
  text: string;
  results: {call: string; name: string; value: unknown}[];
  fresh: Message[];
};

const mostSteps = 8;

/** Returns an agent's answer; a tool that fails is a result like another. Throws a ModelError where the model does. */
export async function runAgent(agent: Agent, run: Run): Promise<Answered> {
  const {model, messages, context, emit, onUsage} = run;
  const fresh: Message[] = [];
  const results: Answered["results"] = [];
  const calls = new Map<string, number>();
  for (let step = 1; ; step++) {
    const isLast = step === mostSteps;
    const asked = isLast ? [...messages, ...fresh, enough] : [...messages, ...fresh];
    const tools = isLast ? [] : agent.tools;
    const reply = await model({agent: agent.id, messages: asked, tools}, listenerOf(run));
    onUsage(reply.usage);
    if (!reply.calls.length || isLast) {
      if (!reply.text.trim()) throw new ModelError("bad_output", "the answer is empty");
      fresh.push({role: "assistant", content: reply.text, calls: []});
      return {text: reply.text, results, fresh};
    }
    if (reply.text) emit({type: "reset", reason: "a remark before looking something up"});
    fresh.push({role: "assistant", content: reply.text, calls: reply.calls});
    const done = await Promise.all(
      reply.calls.map((call) => perform(call, {tools: agent.tools, calls, context, emit}))
    );
    for (const {call, name, content, value} of done) {
      fresh.push({role: "tool", call, content});
      if (value !== undefined) results.push({call, name, value});
    }
    if (context.signal.aborted) throw new ModelError("aborted");
  }
}

const enough: Message = {
  role: "system",
  content: "No more tools may be called. Answer with what you have, and say what is missing."
};

const listenerOf = ({context, emit}: Run): Listener => ({
  signal: context.signal,
  onText: (text) => emit({type: "text", text}),
  onThinking: (text) => emit({type: "thinking", text}),
  onRetry: (retry) => emit({type: "retry", ...retry})
});

type Performing = {
  tools: Tool[];
  calls: Map<string, number>;
  context: ToolContext;
  emit: Run["emit"];
};
type Performed = {call: string; name: string; content: string; value?: unknown};

async function perform(call: ToolCall, {tools, calls, context, emit}: Performing): Promise<Performed> {
  const {id, name} = call;
  const started = performance.now();
  const args = argumentsOf(call);
  emit({type: "call", id, name, arguments: args ?? call.arguments});
  const end = (
    isOk: boolean,
    said: string,
    {value, href = null}: {value?: unknown; href?: string | null}
  ) => {
    const ms = Math.round(performance.now() - started);
    emit({type: "result", id, name, isOk, said, value: value ?? null, href, ms});
  };
  try {
    const found = tools.find((each) => each.name === name);
    if (!found) throw new Error(`there is no tool ${name}; there are ${tools.map((t) => t.name).join(", ")}`);
    const result = await callTool(found, args, {calls, context});
    end(true, result.said, result);
    for (const action of result.actions ?? []) emit({type: "action", action});
    return {call: id, name, content: JSON.stringify(result.value), value: result.value};
  } catch (error) {
    const {message, hint} = explain(error);
    end(false, message, {});
    return {call: id, name, content: JSON.stringify({error: message, hint})};
  }
}

function argumentsOf({arguments: text}: ToolCall): unknown {
  try {
    return text.trim() ? JSON.parse(text) : {};
  } catch {
    return undefined;
  }
}

/** Returns what a tool makes of arguments; throws for those that do not fit, a third like call, and what takes too long. */
export async function callTool(
  tool: Tool,
  args: unknown,
  {calls = new Map(), context}: {calls?: Map<string, number>; context: ToolContext}
): Promise<ToolResult> {
  if (args === undefined)
    throw new Error("the arguments are not JSON; call the tool again with a JSON object");
  const read = tool.schema.safeParse(args);
  if (!read.success) throw new Error(`the arguments do not fit: ${z.prettifyError(read.error)}`);
  const key = `${tool.name} ${JSON.stringify(read.data)}`;
  calls.set(key, (calls.get(key) ?? 0) + 1);
  if (calls.get(key)! > 2) throw new Error("this call was made twice already; use its result");
  const work = () => within(tool, read.data as never, context);
  return await traced("tool", {name: tool.name}, work, () => ({arguments: JSON.stringify(read.data)}));
}

async function within(tool: Tool, args: never, context: ToolContext): Promise<ToolResult> {
  const {limitMs = 20_000} = tool;
  const limit = AbortSignal.timeout(limitMs);
  const signal = AbortSignal.any([context.signal, limit]);
  const stopped = new Promise<never>((_, reject) => {
    const stop = () =>
      reject(
        limit.aborted ? new Error(`the tool took longer than ${limitMs / 1000} s`) : new ModelError("aborted")
      );
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, {once: true});
  });
  return await Promise.race([Promise.resolve(tool.run(args, {...context, signal})), stopped]);
}
