// A question to the server, and its answer event by event.

import {EventSourceParserStream} from "eventsource-parser/stream";
import type {ChatEvent, PageContext, QueryRows} from "../../agents/types.js";
import {Failure} from "./api.js";

export type Question = {chat: string; question: string; page: PageContext; isRetry: boolean};

/** Asks, and tells every event; ends when the answer does. Throws a Failure, or an AbortError where it is stopped. */
export async function ask(
  question: Question,
  tell: (event: ChatEvent) => void,
  signal: AbortSignal
): Promise<void> {
  const response = await post("/api/chat", question, signal);
  const events = response
    .body!.pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  for (let read = await events.read(); !read.done; read = await events.read())
    tell(JSON.parse(read.value.data) as ChatEvent);
}

/** Runs one SELECT on the metadata. */
export async function runQuery(sql: string): Promise<QueryRows> {
  return (await (await post("/api/chat/sql", {sql})).json()) as QueryRows;
}

/** Forgets a conversation on the server. */
export const forget = (chat: string) => fetch(`/api/chat/${chat}`, {method: "DELETE"});

/** Returns the model that answers, or null where rules do. */
export async function modelName(): Promise<string | null> {
  const response = await fetch("/api/chat");
  return response.ok ? ((await response.json()) as {model: string | null}).model : null;
}

async function post(path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  const headers = {"Content-Type": "application/json"};
  const response = await fetch(path, {method: "POST", headers, body: JSON.stringify(body), signal}).catch(
    (error) => {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw new Failure(
        "the server does not answer",
        "start it again, or tell whoever runs it; then ask again"
      );
    }
  );
  if (response.ok) return response;
  const {error, hint} = await response.json().catch(() => ({error: response.statusText, hint: null}));
  throw new Failure(error, hint);
}
