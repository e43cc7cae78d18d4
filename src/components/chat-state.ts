// A conversation as the page keeps it: each turn is what its events have told so far.

import type {Action, ChatEvent, NumberUse, PageContext, Usage} from "../../agents/types.js";

export type Step = {
  id: string;
  name: string;
  arguments: unknown;
  isOk: boolean | null;
  said: string;
  value: unknown;
  href: string | null;
  ms: number;
};

export type Turn = {
  question: string;
  page: PageContext;
  agent: string | null;
  thinking: string;
  text: string;
  steps: Step[];
  numbers: NumberUse[] | null;
  actions: Action[];
  usage: {turn: Usage; chat: Usage} | null;
  error: {error: string; hint: string | null} | null;
  /** What is being waited for. */
  note: string;
  finish: "answered" | "asked" | "stopped" | "failed" | null;
};

/** Returns a turn of which nothing is known but its question. */
export const newTurn = (question: string, page: PageContext): Turn => ({
  question,
  page,
  agent: null,
  thinking: "",
  text: "",
  steps: [],
  numbers: null,
  actions: [],
  usage: null,
  error: null,
  note: "working",
  finish: null
});

/** Returns a turn after an event. */
export function after(turn: Turn, event: ChatEvent): Turn {
  switch (event.type) {
    case "route":
      return {...turn, agent: event.title, note: event.isFallback ? "falling back" : "working"};
    case "text":
      return {...turn, text: turn.text + event.text};
    case "thinking":
      return {...turn, thinking: turn.thinking + event.text};
    case "reset":
      return {...turn, text: ""};
    case "call": {
      const {id, name} = event;
      const step: Step = {
        id,
        name,
        arguments: event.arguments,
        isOk: null,
        said: "",
        value: null,
        href: null,
        ms: 0
      };
      return {...turn, steps: [...turn.steps, step]};
    }
    case "result": {
      const {isOk, said, value, href, ms} = event;
      const isIts = (step: Step) => step.id === event.id && step.isOk === null;
      const steps = turn.steps.map((step) => (isIts(step) ? {...step, isOk, said, value, href, ms} : step));
      return {...turn, steps};
    }
    case "numbers":
      return {...turn, numbers: event.numbers};
    case "action":
      return {...turn, actions: [...turn.actions, event.action]};
    case "retry":
      return {...turn, note: `${event.reason}, asking again in ${Math.ceil(event.waitMs / 1000)} s`};
    case "usage":
      return {...turn, usage: {turn: event.turn, chat: event.chat}};
    case "error":
      return {...turn, error: {error: event.error, hint: event.hint}};
    case "done":
      return {...turn, finish: event.finish};
  }
}

export type Conversation = {chat: string; turns: Turn[]};

const key = "expanto-chat";
const mostTurns = 30;
const longestValue = 40_000;

/** Returns the conversation of this tab; one that was cut off by leaving the page is stopped. */
export function conversationKept(): Conversation {
  const kept = sessionStorage.getItem(key);
  const {chat, turns}: Conversation = kept ? JSON.parse(kept) : {chat: crypto.randomUUID(), turns: []};
  return {chat, turns: turns.map((turn) => ({...turn, finish: turn.finish ?? "stopped"}))};
}

/** Keeps the conversation for the pages to come; long results are left out. */
export function keepConversation({chat, turns}: Conversation): void {
  const short = turns.slice(-mostTurns).map((turn) => ({
    ...turn,
    steps: turn.steps.map((step) =>
      JSON.stringify(step.value).length > longestValue ? {...step, value: null} : step
    )
  }));
  try {
    sessionStorage.setItem(key, JSON.stringify({chat, turns: short}));
  } catch {
    // The tab's store is full: the conversation goes on, but not to the next page.
    sessionStorage.removeItem(key);
  }
}

/** Returns a turn as Markdown. */
export const asMarkdown = ({question, text}: Turn) =>
  `**${question.replaceAll("\n", " ")}**\n\n${text.trim()}\n`;
