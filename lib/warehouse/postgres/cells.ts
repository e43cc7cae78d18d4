import {UserError} from "../../errors.js";
import type {Cell, ColumnType, ResultColumn} from "../connector.js";

// The numbers by which PostgreSQL names its own types.
const types: Record<number, ColumnType> = {
  16: "boolean",
  20: "integer",
  21: "integer",
  23: "integer",
  26: "integer",
  700: "double",
  701: "double",
  1700: "decimal",
  1082: "date",
  1114: "timestamp",
  1184: "timestamp"
};

/** Returns how values of a PostgreSQL type arrive. */
export const columnTypeOf = (oid: number): ColumnType => types[oid] ?? "text";

/** Returns a value of its text as the server wrote it in UTC; throws a UserError for a time without end. */
export function cellOf(text: string | null, {name, type}: ResultColumn): Cell {
  if (text === null) return null;
  if (type === "boolean") return text === "t";
  if (type === "integer") return BigInt(text);
  if (type === "double") return Number(text);
  if (type === "timestamp") return microsecondsOf(text, name);
  return text;
}

function microsecondsOf(text: string, name: string): bigint {
  const found = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:\+00)?$/.exec(text);
  if (!found)
    throw new UserError(
      `the column ${name} holds a time that is no instant: ${text}`,
      "leave it out in the template's sources.sql"
    );
  const [, day, time, fraction = ""] = found;
  return BigInt(Date.parse(`${day}T${time}Z`)) * 1000n + BigInt(fraction.padEnd(6, "0"));
}
