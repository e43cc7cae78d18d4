// One turn of a conversation: route, answer by one agent, fall back once, check every number.

import {agentsOf} from "./agents.js";
import {ModelError, tellBug} from "./errors.js";
import {recent, withoutLast, type ChatMemory} from "./memory.js";
import {checkNumbers, sourcesOf} from "./numbers.js";
import {askedOn} from "./page-data.js";
import {prompt} from "./prompts.js";
import {route, type Route} from "./router.js";
import {runAgent, type Answered} from "./run.js";
import type {
  Agent,
  AgentId,
  ChatEvent,
  Listener,
  Message,
  Models,
  NumberUse,
  PageContext,
  ToolContext,
  Usage
} from "./types.js";
import {addUsage, noUsage} from "./usage.js";

export type Assistant = {
  models: Models;
  memory: ChatMemory;
  /** Everything tools reach, but what a turn brings. */
  parts: Omit<ToolContext, "page" | "signal" | "now">;
  now?: () => Date;
};

export type Asked = {chat: string; question: string; page: PageContext; isRetry?: boolean};

export type Emit = (event: ChatEvent) => void;

/** Answers a question, telling each step on the way; everything that goes wrong is told too, and nothing is thrown. */
export async function answer(
  assistant: Assistant,
  asked: Asked,
  emit: Emit,
  signal: AbortSignal
): Promise<void> {
  const chat = assistant.memory.of(asked.chat);
  if (chat.isBusy) {
    const error = "this conversation is still being answered";
    emit({type: "error", code: "busy", error, hint: "wait, or stop it"});
    return emit({type: "done", finish: "failed"});
  }
  chat.isBusy = true;
  if (asked.isRetry) chat.messages = withoutLast(chat.messages);
  let usage = noUsage();
  const count = (more: Usage) => void (usage = addUsage(usage, more));
  try {
    const turn = turnOf(assistant, asked, {history: recent(chat.messages), emit, signal, count});
    const {finish, fresh} = await take(turn);
    chat.messages.push(...fresh);
    emit({type: "done", finish});
  } catch (error) {
    tellFailure(signal.aborted ? new ModelError("aborted") : error, emit);
  } finally {
    chat.isBusy = false;
    chat.usage = addUsage(chat.usage, usage);
    emit({type: "usage", turn: usage, chat: chat.usage});
  }
}

function tellFailure(error: unknown, emit: Emit): void {
  if (!(error instanceof ModelError)) {
    tellBug(error);
    const words = {error: "something went wrong in the assistant", hint: "the server's log says what"};
    emit({type: "error", code: "internal", ...words});
    return emit({type: "done", finish: "failed"});
  }
  if (error.trouble === "aborted") return emit({type: "done", finish: "stopped"});
  emit({type: "error", code: error.trouble, error: error.message, hint: error.hint});
  emit({type: "done", finish: "failed"});
}

/** What a turn is made of. */
type Turn = {
  models: Models;
  agents: Agent[];
  context: ToolContext;
  question: string;
  /** The question with its page, after those before it. */
  user: Message;
  history: Message[];
  emit: Emit;
  count: (usage: Usage) => void;
};

type Way = Pick<Turn, "history" | "emit" | "count"> & {signal: AbortSignal};

function turnOf({models, parts, now = () => new Date()}: Assistant, asked: Asked, way: Way): Turn {
  const {question, page} = asked;
  const {signal, ...told} = way;
  const context: ToolContext = {...parts, page, signal, now: now()};
  const user: Message = {role: "user", content: askedOn(question, page)};
  return {models, agents: agentsOf(context), context, question, user, ...told};
}

async function take(turn: Turn): Promise<{finish: "answered" | "asked"; fresh: Message[]}> {
  const {emit, user} = turn;
  const found = await routed(turn);
  const {question, confidence} = found;
  if (question) {
    emit({type: "route", agent: "router", title: "Router", confidence, isFallback: false});
    emit({type: "text", text: question});
    return {finish: "asked", fresh: [user, {role: "assistant", content: question, calls: []}]};
  }
  const answered = await askOrFallBack(turn, found);
  emit({type: "numbers", numbers: numbersOf(turn, answered)});
  return {finish: "answered", fresh: [user, ...answered.fresh]};
}

function routed({models, agents, context, history, user, emit, count}: Turn): Promise<Route> {
  const listener: Listener = {
    signal: context.signal,
    onText: () => {},
    onThinking: (text) => emit({type: "thinking", text}),
    onRetry: (retry) => emit({type: "retry", ...retry})
  };
  return route([...history, user], agents, {model: models.fast, listener, onUsage: count});
}

const hopeless = ["aborted", "auth", "rate_limit", "network"];

// Once, and not where every agent would meet the same trouble.
async function askOrFallBack(turn: Turn, found: Route): Promise<Answered> {
  try {
    return await ask(turn, found.agent, found);
  } catch (error) {
    const isHopeless = error instanceof ModelError && hopeless.includes(error.trouble);
    if (turn.context.signal.aborted || isHopeless || found.agent === "universal") throw error;
    if (!(error instanceof ModelError)) tellBug(error);
    turn.emit({type: "reset", reason: `the ${found.agent} failed`});
    return await ask(turn, "universal", {...found, isFallback: true});
  }
}

function ask(turn: Turn, id: AgentId, {confidence, isFallback}: Route): Promise<Answered> {
  const {models, agents, context, history, user, emit, count} = turn;
  const agent = agents.find((each) => each.id === id)!;
  emit({type: "route", agent: id, title: agent.title, confidence, isFallback});
  const system: Message = {role: "system", content: `${prompt("every-agent")}\n\n${prompt(agent.prompt)}`};
  const messages = [system, ...history, user];
  return runAgent(agent, {model: models[agent.duty], messages, context, emit, onUsage: count});
}

function numbersOf({context, question}: Turn, {text, results}: Answered): NumberUse[] {
  const {metrics} = context.workspace.registry;
  const titles = Object.fromEntries(metrics.map(({alias, title}) => [alias, title]));
  const {selection} = context.page;
  const found = results.flatMap(({call, name, value}) =>
    sourcesOf(value, call, {isPercent: name === "query_database", titles})
  );
  return checkNumbers(text, [...found, ...sourcesOf({question, selection}, "question", {titles})], titles);
}
