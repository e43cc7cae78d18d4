// An answer that is data: taken out of whatever a model wraps it in, checked, and asked for once more where it is wrong.

import {z} from "zod";
import {ModelError} from "./errors.js";
import type {Listener, Model, ModelRequest, Usage} from "./types.js";

/** Returns an answer in a form, and its usage through onUsage; throws a ModelError where the second try is wrong too. */
export async function askInForm<T>(
  model: Model,
  request: Omit<ModelRequest, "tools" | "form"> & {form: {name: string; schema: z.ZodType<T>}},
  listener: Listener,
  onUsage: (usage: Usage) => void
): Promise<T> {
  let {messages} = request;
  for (const isLast of [false, true]) {
    const reply = await model({...request, messages, tools: []}, {...listener, onText: () => {}});
    onUsage(reply.usage);
    const found = jsonIn(reply.text);
    const read = request.form.schema.safeParse(found);
    if (read.success) return read.data;
    const wrong = found === undefined ? "It was not JSON." : z.prettifyError(read.error);
    if (isLast) throw new ModelError("bad_output", `no ${request.form.name} in the form asked for`);
    messages = [
      ...request.messages,
      {role: "assistant", content: reply.text || "(nothing)", calls: []},
      {role: "user", content: `That did not fit the form. ${wrong}\nAnswer again with the JSON object alone.`}
    ];
  }
  throw new ModelError("bad_output");
}

/** Returns the JSON in a text: the whole, what stands in a fence, or from the first brace to the last; undefined where none is. */
export function jsonIn(text: string): unknown {
  const fenced = /```(?:json)?\s*([\s\S]*?)```/.exec(text)?.[1];
  for (const candidate of [text, fenced, text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1)]) {
    try {
      if (candidate?.trim()) return JSON.parse(candidate);
    } catch {
      // The next candidate may be it.
    }
  }
  return undefined;
}
