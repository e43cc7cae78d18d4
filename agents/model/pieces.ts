// A reply put together from the pieces an endpoint streams; dialects differ in what they leave out.

import type OpenAI from "openai";
import type {Reply, ToolCall, Usage} from "../types.js";
import {tokensIn} from "../usage.js";
import {thinkReader} from "./think.js";

type Chunk = OpenAI.Chat.Completions.ChatCompletionChunk;
type Delta = Chunk["choices"][number]["delta"] & {reasoning_content?: unknown; reasoning?: unknown};
type Piece = NonNullable<Delta["tool_calls"]>[number];
type Growing = ToolCall & {index: number | null};

/** Returns a collector: push takes pieces, end gives the reply; asked is the length of what was sent, where usage is missing. */
export function collector(onText: (text: string) => void, onThinking: (text: string) => void) {
  let text = "";
  let thinking = "";
  let usage: Chunk["usage"] = null;
  let isFinished = false;
  let chunks = 0;
  const calls: Growing[] = [];
  const think = (piece: string) => {
    thinking += piece;
    onThinking(piece);
  };
  const reader = thinkReader((piece) => {
    text += piece;
    onText(piece);
  }, think);
  return {
    push(chunk: Chunk) {
      chunks++;
      usage = chunk.usage ?? usage;
      const choice = chunk.choices?.[0];
      if (!choice) return;
      const delta: Delta = choice.delta ?? {};
      const reasoning = delta.reasoning_content ?? delta.reasoning;
      if (typeof reasoning === "string" && reasoning) think(reasoning);
      if (delta.content) reader.push(delta.content);
      for (const piece of delta.tool_calls ?? []) grow(calls, piece);
      isFinished ||= Boolean(choice.finish_reason);
    },
    end(asked: string): Reply & {isWhole: boolean; isEmpty: boolean} {
      reader.end();
      const whole = calls.map(({id, name, arguments: args}, i) => ({
        id: id || `call-${i + 1}-${name}`,
        name,
        arguments: args
      }));
      return {
        text: text.trim() ? text : "",
        thinking,
        calls: whole,
        usage: usageOf(usage, {asked, said: text + thinking}),
        isWhole: isFinished,
        isEmpty: chunks === 0
      };
    }
  };
}

// Without an index, a new id or a new name begins a new call.
function grow(calls: Growing[], piece: Piece): void {
  const last = calls.at(-1);
  const {id, function: part} = piece;
  const index = (piece.index as number | undefined) ?? null;
  const begins = index === null && ((id && id !== last?.id) || (part?.name && last?.arguments));
  let call = index === null ? (begins ? undefined : last) : calls.find((each) => each.index === index);
  if (!call) calls.push((call = {index, id: "", name: "", arguments: ""}));
  if (id) call.id = id;
  if (part?.name) call.name = part.name;
  if (part?.arguments) call.arguments += part.arguments;
}

function usageOf(usage: Chunk["usage"], {asked, said}: {asked: string; said: string}): Usage {
  if (!usage)
    return {requests: 1, input: tokensIn(asked), output: tokensIn(said), reasoning: 0, isEstimated: true};
  return {
    requests: 1,
    input: usage.prompt_tokens ?? 0,
    output: usage.completion_tokens ?? 0,
    reasoning: usage.completion_tokens_details?.reasoning_tokens ?? 0,
    isEstimated: false
  };
}
