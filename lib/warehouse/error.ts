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
  return line === undefined ? message : `${message}\n  line ${at!.line}: ${line.trim().slice(0, 160)}`;
}
