// A conversation that goes on: what is asked, what comes back event by event, and what stops it.

import type {PageContext} from "../../agents/types.js";
import {Failure} from "./api.js";
import {after, asMarkdown, conversationKept, keepConversation, newTurn, type Turn} from "./chat-state.js";
import {ask, forget} from "./chat-stream.js";

/** The conversation of this tab. */
export type Session = {
  turns: () => Turn[];
  isRunning: () => boolean;
  /** Asks unless an answer is under way, or nothing is asked. */
  send: (question: string) => void;
  retry: () => void;
  stop: () => void;
  clear: () => void;
  keep: () => void;
  asMarkdown: () => string;
};

/** Returns the conversation of this tab, from which `changed` hears of every change. */
export function openSession(page: () => PageContext, changed: () => void): Session {
  const conversation = conversationKept();
  const {turns} = conversation;
  let running: AbortController | null = null;

  const answer = async (question: string, isRetry: boolean) => {
    const {signal} = (running = new AbortController());
    let turn = newTurn(question, page());
    // A turn that was cleared meanwhile is told to nobody.
    const become = (next: Turn) => {
      const at = turns.indexOf(turn);
      if (at < 0) return;
      turns[at] = turn = next;
      changed();
    };
    turns.push(turn);
    changed();
    try {
      const asked = {chat: conversation.chat, question, page: turn.page, isRetry};
      await ask(asked, (event) => become(after(turn, event)), signal);
      if (!turn.finish) become({...turn, finish: "stopped"});
    } catch (error) {
      become({...turn, ...(signal.aborted ? {finish: "stopped"} : failedBy(error))});
    }
    running = null;
    keepConversation(conversation);
    changed();
  };

  return {
    turns: () => turns,
    isRunning: () => running !== null,
    send(question) {
      if (!running && question.trim()) void answer(question, false);
    },
    retry() {
      if (!running) void answer(turns.pop()!.question, true);
    },
    stop: () => running?.abort(),
    clear() {
      running?.abort();
      void forget(conversation.chat);
      conversation.chat = crypto.randomUUID();
      turns.length = 0;
      keepConversation(conversation);
      changed();
    },
    keep: () => keepConversation(conversation),
    asMarkdown: () => turns.map(asMarkdown).join("\n")
  };
}

function failedBy(error: unknown): Pick<Turn, "finish" | "error"> {
  const {message, hint} =
    error instanceof Failure ? error : {message: "the answer was cut off", hint: "ask again"};
  return {finish: "failed", error: {error: message, hint}};
}
