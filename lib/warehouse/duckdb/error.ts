import {command} from "../../command.js";
import {WarehouseError, withLine, type WarehouseErrorKind} from "../error.js";

/** Returns the error of a query that was given up. */
export const cancelled = () => new WarehouseError("cancelled", "the query was cancelled");

/** Returns the error of a query that took longer than it may, in milliseconds. */
export const late = (limitMs: number) =>
  new WarehouseError(
    "timeout",
    `the query was stopped after ${limitMs / 1000} s`,
    "narrow the windows or choose fewer metrics, or raise warehouse.time_limit_seconds in expanto.config.yaml"
  );

const kinds: [RegExp, WarehouseErrorKind, string | null][] = [
  [
    /^Catalog Error/,
    "missing",
    "check the names in the template's sources.sql, the dimensions and the audience tables"
  ],
  [
    /^Binder Error.*(not found|does not have)/s,
    "missing",
    "check the columns named by metrics, filters, dimensions and sources.sql, and that texts stand in single quotes: country = 'DE'"
  ],
  [/^(Parser|Binder|Syntax) Error/, "syntax", `${command} validate checks templates and formulas`],
  [/^Out of Memory/i, "busy", "raise warehouse.memory_limit in expanto.config.yaml"]
];

/** Returns an error of the engine with its kind, in its own words, with the line of the query it points to. */
export function errorOf(error: unknown, sql: string): WarehouseError {
  const message = error instanceof Error ? error.message : String(error);
  const found = kinds.find(([pattern]) => pattern.test(message));
  const line = /\nLINE (\d+):/.exec(message)?.[1];
  const at = line ? {line: Number(line), column: 1} : null;
  const own = message.replace(/\n\s*\nLINE \d+:[^]*$|\nLINE \d+:[^]*$/, "").trim();
  return new WarehouseError(found?.[1] ?? "other", withLine(own, sql, at), found?.[2] ?? null, at);
}
