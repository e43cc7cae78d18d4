// What can go wrong with a model, and what a person can do about it.

import {redacted} from "../lib/config/secrets.js";

export const modelTroubles = [
  "aborted",
  "auth",
  "rate_limit",
  "timeout",
  "network",
  "server",
  "refused",
  "too_long",
  "bad_output"
] as const;
export type ModelTrouble = (typeof modelTroubles)[number];

const advice: Record<ModelTrouble, {error: string; hint: string | null}> = {
  aborted: {error: "stopped", hint: null},
  auth: {
    error: "the model's endpoint refused the key",
    hint: "set EXPANTO_ASSISTANT_API_KEY to a key of the endpoint in assistant.base_url, and start again"
  },
  rate_limit: {error: "the model's endpoint has too many requests", hint: "ask again in a minute"},
  timeout: {
    error: "the model stopped answering",
    hint: "ask again; assistant.time_limit_seconds waits longer"
  },
  network: {
    error: "the model's endpoint cannot be reached, or cut the answer off",
    hint: "ask again; if it happens each time, look at assistant.base_url"
  },
  server: {error: "the model's endpoint had an error of its own", hint: "ask again in a minute"},
  refused: {
    error: "the model's endpoint refused the request",
    hint: "assistant.models must name models that the endpoint has and that can call tools"
  },
  too_long: {error: "the conversation is too long for the model", hint: "clear it, and ask again"},
  bad_output: {
    error: "the model gave no usable answer",
    hint: "ask again in other words, or name another model in assistant.models"
  }
};

/** A model's failure; detail is the endpoint's own words without keys. */
export class ModelError extends Error {
  readonly retryAfterMs: number | null;
  constructor(
    readonly trouble: ModelTrouble,
    readonly detail: string = "",
    retryAfterMs: number | null = null
  ) {
    super(advice[trouble].error + (detail ? `: ${detail}` : ""));
    this.name = "ModelError";
    this.retryAfterMs = retryAfterMs;
  }
  get hint(): string | null {
    return advice[this.trouble].hint;
  }
}

/** Returns a text in which nothing that looks like a key is left. */
export const masked = (text: string) =>
  redacted(text)
    .replace(/\b(sk|pk|tvly|key|tok|bearer)([-_ ])[\w-]{6,}/gi, "$1$2…")
    .replace(/(api[-_ ]?key\w*["':= ]+)\S{6,}/gi, "$1…")
    .slice(0, 300);

/** Tells standard error of a failure that is our bug, without any secret. */
export const tellBug = (error: unknown): void =>
  console.error(redacted(error instanceof Error ? (error.stack ?? error.message) : String(error)));
