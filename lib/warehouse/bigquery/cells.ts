import type {Cell, ColumnType, ResultColumn} from "../connector.js";

export type Field = {name: string; type: string; mode?: string};

const types: Record<string, ColumnType> = {
  BOOLEAN: "boolean",
  BOOL: "boolean",
  INTEGER: "integer",
  INT64: "integer",
  FLOAT: "double",
  FLOAT64: "double",
  NUMERIC: "decimal",
  BIGNUMERIC: "decimal",
  DATE: "date",
  TIMESTAMP: "timestamp",
  DATETIME: "timestamp"
};

/** Returns a column of a result's schema. */
export const columnOf = ({name, type, mode}: Field): ResultColumn => ({
  name,
  type: mode === "REPEATED" ? "text" : (types[type] ?? "text")
});

/** Returns a value as the REST API writes it: everything is text there. */
export function cellOf(value: unknown, {type}: ResultColumn): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === "object") return JSON.stringify(unwrapped(value));
  const text = String(value);
  if (type === "boolean") return text === "true";
  if (type === "integer") return BigInt(text);
  if (type === "double") return Number(text.replace(/^-?Inf$/, (sign) => `${sign}inity`));
  if (type === "timestamp") return microsecondsOf(text);
  return text;
}

// Every value of a list or of a record stands in an object of its own.
function unwrapped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(({v}: {v: unknown}) => unwrapped(v));
  if (value !== null && typeof value === "object") return unwrapped((value as {f: unknown}).f);
  return value;
}

// A TIMESTAMP is whole microseconds, as we ask for it; a DATETIME has no zone, and is read as UTC.
function microsecondsOf(text: string): bigint {
  if (/^-?\d+$/.test(text)) return BigInt(text);
  const [, seconds, fraction = ""] = /^([^.]*)(?:\.(\d{1,6}))?/.exec(text)!;
  return BigInt(Date.parse(`${seconds}Z`)) * 1000n + BigInt(fraction.padEnd(6, "0"));
}
