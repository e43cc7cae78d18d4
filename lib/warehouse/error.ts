import {UserError} from "../errors.js";

/** What kind of trouble a warehouse had, so that callers can decide what to do. */
export type WarehouseErrorKind =
  | "credentials"
  | "network"
  | "missing"
  | "syntax"
  | "timeout"
  | "byte-limit"
  | "cancelled"
  | "busy"
  | "other";

type Position = {line: number; column: number};

/** A UserError with the engine's own message, its kind, and the place in the SQL it points to where it names one. */
export class WarehouseError extends UserError {
  readonly kind: WarehouseErrorKind;
  /** The line and column in the SQL that was sent, from 1. */
  readonly at: Position | null;
  constructor(
    kind: WarehouseErrorKind,
    message: string,
    hint: string | null = null,
    at: Position | null = null
  ) {
    super(message, hint);
    this.name = "WarehouseError";
    this.kind = kind;
    this.at = at;
  }
}

/** Returns the line and column, from 1, of a character's offset in a text. */
export function positionOf(text: string, offset: number): Position {
  const lines = text.slice(0, offset).split("\n");
  return {line: lines.length, column: lines[lines.length - 1].length + 1};
}

/** Returns an engine's message with the line of SQL it points to below it. */
export function withLine(message: string, sql: string, at: Position | null): string {
  const line = at ? sql.split("\n")[at.line - 1] : undefined;
  return line === undefined ? message : `${message}\n  line ${at!.line}: ${line.trim().slice(0, longest)}`;
}

const longest = 160;

/** Returns the line of a text, from 1, that a message of withLine quotes; null where it quotes none of its lines. */
// What is sent may be a part of the text: the nearest line that reads the same is meant.
export function lineOf(text: string, message: string): number | null {
  const quoted = /\n {2}line (\d+): (.*)$/.exec(message);
  if (!quoted) return null;
  const [said, words] = [Number(quoted[1]), quoted[2]];
  const bare = (line: string) => line.trim().replace(/;$/, "").slice(0, longest);
  const same = text.split("\n").flatMap((line, i) => (bare(line) === bare(words) ? [i + 1] : []));
  return same.sort((a, b) => Math.abs(a - said) - Math.abs(b - said)).at(0) ?? null;
}
