import type {Place} from "./types.js";

/** An error people can fix: what is wrong, what to do about it, and where. Shown without a stack. */
export class UserError extends Error {
  readonly hint: string | null;
  readonly place: Place | null;
  constructor(message: string, hint: string | null = null, place: Place | null = null) {
    super(message);
    this.name = "UserError";
    this.hint = hint;
    this.place = place;
  }
}

/** A UserError for a thing that was named but is not there. */
export class NotFoundError extends UserError {}

/** A UserError for what somebody else has changed or taken meanwhile. */
export class ConflictError extends UserError {}

/** Something wrong, or only odd, at a place in a file. */
export type Problem = Place & {severity: "error" | "warning"; message: string; hint: string | null};

/** Returns "file:line:column message; hint", one line for one problem. */
export function describeProblem({file, line, column, severity, message, hint}: Problem): string {
  const kind = severity === "warning" ? "warning: " : "";
  return `${file}:${line}:${column}  ${kind}${message}${hint ? `; ${hint}` : ""}`;
}

/** Returns what a person should read of anything thrown: message and hint, never a stack. */
export function explain(error: unknown): {message: string; hint: string | null} {
  if (error instanceof UserError) return {message: place(error) + error.message, hint: error.hint};
  return {message: error instanceof Error ? error.message : String(error), hint: null};
}

function place({place}: UserError): string {
  return place ? `${place.file}:${place.line}:${place.column}  ` : "";
}

/** Returns the candidate nearest to a word by edit distance, or null where none is near. */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  let best: {candidate: string; distance: number} | null = null;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (!best || distance < best.distance) best = {candidate, distance};
  }
  return best && best.distance <= Math.max(2, word.length / 3) ? best.candidate : null;
}

// Levenshtein by one row of the table.
function editDistance(a: string, b: string): number {
  let row = Array.from({length: b.length + 1}, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}
