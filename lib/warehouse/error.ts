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

/** A UserError with the engine's own message, its kind, and the line of the SQL it points to where it names one. */
export class WarehouseError extends UserError {
  readonly kind: WarehouseErrorKind;
  /** The line and column in the SQL that was sent, from 1. */
  readonly at: {line: number; column: number} | null;
  constructor(
    kind: WarehouseErrorKind,
    message: string,
    hint: string | null = null,
    at: {line: number; column: number} | null = null
  ) {
    super(message, hint);
    this.name = "WarehouseError";
    this.kind = kind;
    this.at = at;
  }
}
