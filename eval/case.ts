// What a question must lead to, in terms that a program can check.

import type {AgentId, PageContext} from "../agents/types.js";
import type {Store} from "../lib/store.js";

export type Case = {
  id: string;
  /** One question, or several of one conversation; the last is judged. */
  ask: string | string[];
  page?: Partial<PageContext>;
  /** Agents that may answer; "router": it must ask back. */
  route: (AgentId | "router")[];
  /** Tools that must be called, with what their arguments must hold. */
  tools?: [name: string, args?: RegExp][];
  notTools?: string[];
  /** Numbers that must be said, by SQL or a formula of one's own on the seeded database; a share is said as a percentage. */
  truth?: (db: Store) => number[];
  say?: RegExp[];
  notSay?: RegExp[];
  /** A draft that must be offered, and what must hold of it. */
  draft?: (fields: Record<string, unknown>) => boolean;
  /** A button's address. */
  action?: RegExp;
  /** By the rules: the answer itself, or that a model is needed. */
  offline: "answers" | "needs a model";
};

/** Returns the address of a page on which an observation's results stand, with the choices made there. */
export const resultsOf = (observation: number, search = ""): Partial<PageContext> => ({
  path: `/results/${observation}`,
  search
});
