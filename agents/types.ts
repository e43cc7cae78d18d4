// The nouns of the assistant, named once.

import type {z} from "zod";
import type {Written} from "../lib/types.js";
import type {Workspace} from "../lib/workspace.js";

/** A call of a tool as a model wrote it; arguments are JSON text that may be malformed. */
export type ToolCall = {id: string; name: string; arguments: string};

export type Message =
  | {role: "system" | "user"; content: string}
  | {role: "assistant"; content: string; calls: ToolCall[]}
  | {role: "tool"; call: string; content: string};

/** Tokens; estimated where an endpoint does not tell. */
export type Usage = {
  requests: number;
  input: number;
  output: number;
  reasoning: number;
  isEstimated: boolean;
};

/** What a model says at once: text, or calls of tools whose results it wants to see. */
export type Reply = {text: string; thinking: string; calls: ToolCall[]; usage: Usage};

export type ModelRequest = {
  /** Who asks; a model behind an endpoint need not know. */
  agent: AgentId | "router";
  messages: Message[];
  tools: Tool[];
  /** The form of an answer that is data, not prose. */
  form?: {name: string; schema: z.ZodType} | null;
};

export type Listener = {
  signal: AbortSignal;
  onText: (text: string) => void;
  onThinking: (text: string) => void;
  onRetry: (retry: {reason: string; waitMs: number}) => void;
};

/** A language model, or the rules that stand in for one; throws a ModelError. */
export type Model = (request: ModelRequest, listener: Listener) => Promise<Reply>;

/** fast: routes; agentic: uses tools; thinker: reasons about results. One model may serve all. */
export type Duty = "fast" | "agentic" | "thinker";
export type Models = Record<Duty, Model>;

export const agentIds = [
  "experiment_creator",
  "analyst",
  "sql_expert",
  "docs_assistant",
  "internet_search",
  "universal"
] as const;
export type AgentId = (typeof agentIds)[number];

export type Agent = {
  id: AgentId;
  title: string;
  /** What the router is told of it. */
  purpose: string;
  duty: Duty;
  tools: Tool[];
  /** A file in prompts/. */
  prompt: string;
};

/** A page as its reader sees it; every choice made on a page is in its address. */
export type PageContext = {path: string; search: string; title: string; selection: string};

/** Something the reader may click; never done by a model. */
export type Action =
  {kind: "open"; label: string; href: string} | {kind: "draft"; label: string; fields: Written};

/** What tools may reach. */
export type ToolContext = {
  workspace: Workspace;
  page: PageContext;
  library: Library;
  /** Runs one SELECT on the metadata, or refuses. */
  query: (sql: string, signal: AbortSignal) => Promise<QueryRows>;
  /** Null without a key. */
  searchWeb: ((query: string, signal: AbortSignal) => Promise<WebPage[]>) | null;
  signal: AbortSignal;
  now: Date;
};

export type ToolResult = {
  /** What the model and the check of numbers see. */
  value: unknown;
  /** The step in a few words. */
  said: string;
  /** The page that shows the same, where there is one. */
  href?: string | null;
  actions?: Action[];
};

export type Tool = {
  name: string;
  description: string;
  schema: z.ZodType;
  /** Milliseconds; 20,000 unless said. */
  limitMs?: number;
  run: (args: never, context: ToolContext) => Promise<ToolResult> | ToolResult;
};

/** Returns a tool whose run takes what its schema lets pass. */
export const tool = <S extends z.ZodType>(
  made: Omit<Tool, "run" | "schema"> & {
    schema: S;
    run: (args: z.output<S>, context: ToolContext) => Promise<ToolResult> | ToolResult;
  }
): Tool => made as Tool;

export type QueryRows = {columns: string[]; rows: unknown[][]; isCut: boolean; ms: number};
export type WebPage = {title: string; url: string; text: string};

export const shelves = ["docs", "metrics", "code", "experiments"] as const;
export type Shelf = (typeof shelves)[number];

/** A piece of text that can be found: a section, a metric, an experiment. */
export type Passage = {id: string; title: string; text: string; href: string | null};

/** What can be looked up, shelf by shelf. */
export type Library = {
  search: (shelf: Shelf, queries: string[], most: number) => Promise<Passage[]>;
  read: (shelf: Shelf, id: string) => Passage | null;
  outline: (shelf: Shelf) => {id: string; title: string}[];
};

/** What the page is told while an answer is made. */
export type ChatEvent =
  | {type: "route"; agent: AgentId | "router"; title: string; confidence: number; isFallback: boolean}
  | {type: "thinking" | "text"; text: string}
  /** What was said so far was not the answer. */
  | {type: "reset"; reason: string}
  | {type: "call"; id: string; name: string; arguments: unknown}
  | {
      type: "result";
      id: string;
      name: string;
      isOk: boolean;
      said: string;
      value: unknown;
      href: string | null;
      ms: number;
    }
  | {type: "numbers"; numbers: NumberUse[]}
  | {type: "action"; action: Action}
  | {type: "retry"; reason: string; waitMs: number}
  | {type: "usage"; turn: Usage; chat: Usage}
  | {type: "error"; code: string; error: string; hint: string | null}
  | {type: "done"; finish: "answered" | "asked" | "stopped" | "failed"};

/** A number of an answer: where it stands in the text, and which result it is a rounding of. */
export type NumberUse = {
  at: number;
  text: string;
  source: {call: string; path: string; value: number} | null;
  why: string | null;
};
