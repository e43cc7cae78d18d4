// The assistant over HTTP: a question by POST, its answer as a stream of events.

import {Hono} from "hono";
import type {Context} from "hono";
import {streamSSE} from "hono/streaming";
import {z} from "zod";
import type {Chat} from "../agents/assistant.js";
import {redacted} from "../lib/config/secrets.js";
import {atMost} from "./access/limits.js";
import {bodyOf} from "./body.js";

const id = z.string().regex(/^[\w-]{8,64}$/, "is not the id of a conversation");

const question = z.strictObject({
  chat: id,
  question: z.string().trim().min(1).max(8000),
  page: z.strictObject({
    path: z.string().max(500),
    search: z.string().max(4000),
    title: z.string().max(500),
    selection: z.string().max(2000)
  }),
  isRetry: z.boolean().default(false)
});

const query = z.strictObject({sql: z.string().min(6).max(8000)});

/** Returns the addresses of the assistant. */
export function chatRoutes(chat: Chat): Hono {
  const routes = new Hono();
  routes.get("/", (c) => c.json(chat.about));
  routes.post("/", atMost({most: 20, seconds: 60, what: "questions"}), async (c) => {
    const asked = await bodyOf(c, question, "send {chat, question, page}");
    return stream(c, (emit, signal) => chat.answer(asked, emit, signal));
  });
  routes.post("/sql", atMost({most: 60, seconds: 60, what: "queries"}), async (c) => {
    const {sql} = await bodyOf(c, query, "send {sql}");
    return c.json(await chat.query(sql, c.req.raw.signal));
  });
  routes.delete("/:id", (c) => {
    chat.clear(c.req.param("id"));
    return c.body(null, 204);
  });
  return routes;
}

type Answering = (emit: Parameters<Chat["answer"]>[1], signal: AbortSignal) => Promise<void>;

// Events are written in order; a page that goes away stops the model at once.
const stream = (c: Context, answering: Answering) =>
  streamSSE(c, async (stream) => {
    const gone = new AbortController();
    stream.onAbort(() => gone.abort());
    let written = Promise.resolve();
    const emit: Parameters<Answering>[0] = (event) => {
      written = written.then(() => stream.writeSSE({data: redacted(JSON.stringify(event))}));
    };
    await answering(emit, gone.signal);
    await written;
  });
