import type {Cell, ColumnType, ResultColumn} from "../connector.js";

export type DriverColumn = {getName(): string; getType(): string; getScale(): number};

type DriverTime = Date & {getEpochSeconds(): number; getNanoSeconds(): number};

/** Returns a column of a result: names that were not quoted come in capitals, and are lower case here. */
export function columnOf(column: DriverColumn): ResultColumn {
  const name = column.getName();
  return {name: name === name.toUpperCase() ? name.toLowerCase() : name, type: typeOf(column)};
}

function typeOf(column: DriverColumn): ColumnType {
  const type = column.getType().toLowerCase();
  if (type === "fixed") return column.getScale() > 0 ? "decimal" : "integer";
  if (type.startsWith("timestamp")) return "timestamp";
  const plain: Record<string, ColumnType> = {real: "double", boolean: "boolean", date: "date"};
  return plain[type] ?? "text";
}

/** Returns a value of the driver's, which writes numbers as text, and no number as the text NULL. */
export function cellOf(value: unknown, {type}: ResultColumn): Cell {
  if (value === null || value === undefined) return null;
  if (type === "text") return typeof value === "object" ? JSON.stringify(value) : String(value);
  if (type === "boolean") return Boolean(value);
  if (type === "date") return (value as Date).toISOString().slice(0, 10);
  if (type === "timestamp") {
    const time = value as DriverTime;
    return BigInt(time.getEpochSeconds()) * 1_000_000n + BigInt(Math.floor(time.getNanoSeconds() / 1000));
  }
  const text = String(value);
  if (text === "NULL") return null;
  if (type === "integer") return BigInt(text);
  return type === "decimal" ? text : Number(text.replace(/^(-?)inf$/i, "$1Infinity"));
}
