// How what a person's SQL may not hold is said: what, where, and what to do.

import {UserError} from "./errors.js";

/** lead: how many characters stand before the text in what is parsed. */
export type Checked = {text: string; lead: number; what: "filter" | "query"};

type Tree = Record<string, unknown>;

/** Throws a UserError that says what a text may not hold, where, and what to write instead. */
export function refuse(check: Checked, what: string, near: unknown, hint: string | null = null): never {
  const start = firstStart(near);
  const where = start === null ? "" : placeIn(check, Math.max(0, start - check.lead));
  const advice =
    check.what === "filter" ? "write a plain condition on columns" : "write one plain SELECT over tables";
  throw new UserError(`a ${check.what} may not hold ${what}${where}: ${shown(check.text)}`, hint ?? advice);
}

function firstStart(node: unknown): number | null {
  if (!node || typeof node !== "object") return null;
  const {span} = node as {span?: {start: number} | null};
  if (typeof span?.start === "number") return span.start;
  for (const value of Object.values(node)) {
    const found = firstStart(value);
    if (found !== null) return found;
  }
  return null;
}

/** Returns a text as one line that is not too long. */
export const shown = (text: string) =>
  (text.length > 80 ? `${text.slice(0, 80)}…` : text).replace(/\s+/g, " ");

/** Returns how a person would call a kind of node. */
export function spoken(kind: string, body: Tree): string {
  if (["select", "exists", "subquery", "union"].includes(kind)) return "a subquery";
  if (["parameter", "placeholder"].includes(kind)) return "a placeholder";
  if (["insert", "update", "delete", "create_table", "drop_table", "merge"].includes(kind))
    return `a write (${kind})`;
  return typeof body.name === "string" ? `the function ${body.name}` : kind.replaceAll("_", " ");
}

export const spokenField = (field: string, kind: string) =>
  field === "query" ? "a subquery" : `${field.replaceAll("_", " ")} in ${kind.replaceAll("_", " ")}`;

/** Returns where in a text something stands, for a sentence. A mistake past the text, where only our own closing parenthesis stands, is one at its end. */
export function placeIn({text}: Checked, offset: number): string {
  if (offset >= text.length) return " at its end";
  const lines = text.slice(0, offset).split("\n");
  return ` at line ${lines.length}, column ${(lines.at(-1) ?? "").length + 1}`;
}

/** Returns what a parser says of a mistake, without its own place and quotations. */
export const shortReason = (error: string) =>
  error
    .replace(/^Parse error at line \d+, column \d+: /, "")
    .replace(/ near \[[^]*$/, "")
    .toLowerCase();
