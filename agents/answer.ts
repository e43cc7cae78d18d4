// One turn of a conversation: route, answer by one agent, fall back once, check every number.

import {agentsOf} from "./agents.js";
import {ModelError} from "./errors.js";
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
    emit({
      type: "error",
      code: "busy",
      error: "this conversation is still being answered",
      hint: "wait, or stop it"
    });
    return emit({type: "done", finish: "failed"});
  }
  chat.isBusy = true;
  if (asked.isRetry) chat.messages = withoutLast(chat.messages);
  const turn = new Turn(assistant, {asked, emit, signal, history: recent(chat.messages)});
  try {
    const {finish, fresh} = await turn.run();
    chat.messages.push(...fresh);
    emit({type: "done", finish});
  } catch (error) {
    tellFailure(signal.aborted ? new ModelError("aborted") : error, emit);
  } finally {
    chat.isBusy = false;
    chat.usage = addUsage(chat.usage, turn.usage);
    emit({type: "usage", turn: turn.usage, chat: chat.usage});
  }
}

function tellFailure(error: unknown, emit: Emit): void {
  if (!(error instanceof ModelError)) {
    console.error(error);
    emit({
      type: "error",
      code: "internal",
      error: "something went wrong in the assistant",
      hint: "the server's log says what"
    });
    return emit({type: "done", finish: "failed"});
  }
  if (error.trouble === "aborted") return emit({type: "done", finish: "stopped"});
  emit({type: "error", code: error.trouble, error: error.message, hint: error.hint});
  emit({type: "done", finish: "failed"});
}

type Situation = {asked: Asked; emit: Emit; signal: AbortSignal; history: Message[]};

class Turn {
  usage: Usage = noUsage();
  private readonly agents: Agent[];
  private readonly context: ToolContext;
  private readonly user: Message;
  constructor(
    private readonly assistant: Assistant,
    private readonly situation: Situation
  ) {
    const {asked, signal} = situation;
    const {parts, now = () => new Date()} = assistant;
    this.context = {...parts, page: asked.page, signal, now: now()};
    this.agents = agentsOf(this.context);
    this.user = {role: "user", content: askedOn(asked.question, asked.page)};
  }

  async run(): Promise<{finish: "answered" | "asked"; fresh: Message[]}> {
    const {emit} = this.situation;
    const found = await this.route();
    if (found.question) {
      emit({
        type: "route",
        agent: "router",
        title: "Router",
        confidence: found.confidence,
        isFallback: false
      });
      emit({type: "text", text: found.question});
      return {finish: "asked", fresh: [this.user, {role: "assistant", content: found.question, calls: []}]};
    }
    const answered = await this.answerOrFallBack(found);
    emit({type: "numbers", numbers: this.check(answered)});
    return {finish: "answered", fresh: [this.user, ...answered.fresh]};
  }

  private route(): Promise<Route> {
    const {history, emit, signal} = this.situation;
    const listener: Listener = {
      signal,
      onText: () => {},
      onThinking: (text) => emit({type: "thinking", text}),
      onRetry: (retry) => emit({type: "retry", ...retry})
    };
    const model = this.assistant.models.fast;
    return route([...history, this.user], this.agents, {model, listener, onUsage: this.count});
  }

  // Once, and not where every agent would meet the same trouble.
  private async answerOrFallBack(found: Route): Promise<Answered> {
    try {
      return await this.ask(found.agent, found);
    } catch (error) {
      if (this.situation.signal.aborted) throw new ModelError("aborted");
      const isHopeless =
        error instanceof ModelError && ["aborted", "auth", "rate_limit", "network"].includes(error.trouble);
      if (isHopeless || found.agent === "universal") throw error;
      if (!(error instanceof ModelError)) console.error(error);
      this.situation.emit({type: "reset", reason: `the ${found.agent} failed`});
      return await this.ask("universal", {...found, isFallback: true});
    }
  }

  private ask(id: AgentId, {confidence, isFallback}: Route): Promise<Answered> {
    const {history, emit} = this.situation;
    const agent = this.agents.find((each) => each.id === id)!;
    emit({type: "route", agent: id, title: agent.title, confidence, isFallback});
    const system: Message = {role: "system", content: `${prompt("every-agent")}\n\n${prompt(agent.prompt)}`};
    return runAgent(agent, {
      model: this.assistant.models[agent.duty],
      messages: [system, ...history, this.user],
      context: this.context,
      emit,
      onUsage: this.count
    });
  }

  private readonly count = (usage: Usage) => {
    this.usage = addUsage(this.usage, usage);
  };

  private check({text, results}: Answered) {
    const {question, page} = this.situation.asked;
    const {metrics} = this.context.workspace.registry;
    const titles = Object.fromEntries(metrics.map(({alias, title}) => [alias, title]));
    const sources = [
      ...results.flatMap(({call, name, value}) =>
        sourcesOf(value, call, {isPercent: name === "query_database", titles})
      ),
      ...sourcesOf({question, selection: page.selection}, "question", {titles})
    ];
    return checkNumbers(text, sources, titles);
  }
}
