import {UserError} from "../errors.js";
import {fileName} from "../sql-shapes.js";
import type {DialectName} from "../warehouse/connector.js";

/** Everything in which the engines differ for us; another engine is another row. */
export type Dialect = {
  name: DialectName;
  literal: (text: string) => string;
  quote: (name: string) => string;
  /** A literal of "YYYY-MM-DD HH:MM:SS" in UTC. */
  timestamp: (text: string) => string;
  text: (sql: string) => string;
  double: (sql: string) => string;
  /** A timestamp some whole days later, or earlier. */
  plusDays: (sql: string, days: number) => string;
  /** The day of a timestamp in UTC, as a date. */
  day: (sql: string) => string;
  /** An aggregate: the value where another is least, which is not NULL there. */
  firstBy: (sql: string, order: string) => string;
  /** Whether a double is neither infinite nor not a number. */
  isFinite: (sql: string) => string;
};

const doubled = (text: string) => text.replaceAll("'", "''");
const escaped = (text: string) => text.replaceAll("\\", "\\\\");

export const dialects: Record<DialectName, Dialect> = {
  duckdb: {
    name: "duckdb",
    literal: (text) => `'${doubled(text)}'`,
    quote: (name) => `"${name}"`,
    timestamp: (text) => `TIMESTAMP '${text}'`,
    text: (sql) => `cast(${sql} as varchar)`,
    double: (sql) => `cast(${sql} as double)`,
    plusDays: (sql, days) => `${sql} + interval '${days} days'`,
    day: (sql) => `cast(${sql} as date)`,
    firstBy: (sql, order) => `arg_min(${sql}, ${order})`,
    isFinite: (sql) => `isfinite(${sql})`
  },
  postgres: {
    name: "postgres",
    literal: (text) => `'${doubled(text)}'`,
    quote: (name) => `"${name}"`,
    timestamp: (text) => `TIMESTAMP '${text}'`,
    text: (sql) => `cast(${sql} as varchar)`,
    double: (sql) => `cast(${sql} as double precision)`,
    plusDays: (sql, days) => `${sql} + interval '${days} days'`,
    day: (sql) => `cast(${sql} as date)`,
    firstBy: (sql, order) => `(array_agg(${sql} order by ${order}))[1]`,
    isFinite: (sql) => `(${sql}) - (${sql}) = 0`
  },
  bigquery: {
    name: "bigquery",
    literal: (text) =>
      `'${escaped(text).replaceAll("'", "\\'").replaceAll("\n", "\\n").replaceAll("\r", "\\r")}'`,
    quote: (name) => `\`${name}\``,
    timestamp: (text) => `TIMESTAMP '${text}+00'`,
    text: (sql) => `cast(${sql} as string)`,
    double: (sql) => `cast(${sql} as float64)`,
    plusDays: (sql, days) => `timestamp_${days < 0 ? "sub" : "add"}(${sql}, interval ${Math.abs(days)} day)`,
    day: (sql) => `date(${sql})`,
    firstBy: (sql, order) => `any_value(${sql} having min ${order})`,
    isFinite: (sql) => `not (is_nan(${sql}) or is_inf(${sql}))`
  },
  snowflake: {
    name: "snowflake",
    literal: (text) => `'${doubled(escaped(text))}'`,
    // Unquoted names are upper case there; a quoted one must be so too.
    quote: (name) => `"${name.toUpperCase()}"`,
    timestamp: (text) => `to_timestamp_ntz('${text}')`,
    text: (sql) => `cast(${sql} as varchar)`,
    double: (sql) => `cast(${sql} as float)`,
    plusDays: (sql, days) => `dateadd(day, ${days}, ${sql})`,
    day: (sql) => `cast(${sql} as date)`,
    firstBy: (sql, order) => `min_by(${sql}, ${order})`,
    isFinite: (sql) => `(${sql}) - (${sql}) = 0`
  }
};
/** Returns a string literal of the dialect; throws UserError for a missing value or a NUL character. */
export function stringLiteral(value: unknown, dialect: Dialect): string {
  const text = present(value, "str");
  if (text.includes("\0")) throw new UserError("a text holds a NUL character", "remove the character");
  return dialect.literal(text);
}

/** Returns a name as the dialect writes it, quoted where it is a reserved word; throws UserError for any other text. */
export function identifier(value: unknown, dialect: Dialect): string {
  const name = checkName(present(value, "ident"), "identifier");
  return reserved.has(name.toLowerCase()) ? dialect.quote(name) : name;
}

/** Returns a table's name of at most three parts with dots; parts that are no plain names are quoted. */
export function tableName(value: unknown, dialect: Dialect): string {
  const text = present(value, "table");
  const parts = text.split(".");
  if (parts.length > 3 || !parts.every((part) => /^[\w-]+$/.test(part)))
    throw new UserError(
      `not a table's name: ${shown(text)}`,
      "write at most three parts of letters, digits, _ and - with dots between, such as analytics.events"
    );
  if (dialect.name === "duckdb" && fileName.test(text))
    throw new UserError(`the name of a file, not of a table: ${text}`, "give the table another name");
  return parts.map((part) => tablePart(part, dialect)).join(".");
}

function tablePart(part: string, {name, quote}: Dialect): string {
  if (name === "bigquery") return quote(part);
  if (isPlain(part)) return part;
  // What is no plain name was made in quotes, and keeps its case.
  return /^\w+$/.test(part) ? quote(part) : `"${part}"`;
}

/** Returns a typed timestamp literal in UTC of an instant or of "YYYY-MM-DD HH:MM:SS"; throws UserError otherwise. */
export function timestampLiteral(value: unknown, dialect: Dialect): string {
  return dialect.timestamp(plainTime(present(value, "ts")));
}

/** Returns an instant as "YYYY-MM-DD HH:MM:SS" in UTC, with milliseconds only where there are any. */
export function plainTime(text: string): string {
  const time = new Date(/([zZ]|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text.replace(" ", "T")}Z`);
  if (!/^\d{4}-\d\d-\d\dT?/.test(text) || Number.isNaN(time.getTime()))
    throw new UserError(`not a time: ${shown(text)}`, "write it as 2025-10-01T00:00:00Z");
  return time
    .toISOString()
    .replace("T", " ")
    .replace(/(\.000)?Z$/, "");
}

/** Returns the name itself where it is one (letters, digits, _); throws UserError that says what the name is for. */
export function checkName(name: string, what: string): string {
  if (!/^[A-Za-z_]\w{0,127}$/.test(name))
    throw new UserError(
      `not a valid ${what}: ${shown(name)}`,
      "use letters, digits and _, not a digit first"
    );
  return name;
}

const isPlain = (part: string) => /^[A-Za-z_]\w*$/.test(part) && !reserved.has(part.toLowerCase());

const shown = (text: string) => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);

function present(value: unknown, filter: string): string {
  if (value === null || value === undefined || value === "")
    throw new UserError(`the filter ${filter} was given no value`, "ask for it first, by {% if … %}");
  return String(value);
}

const reserved = new Set(
  (
    "all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create " +
    "default deferrable desc describe distinct do else end except false fetch for foreign from grant group having " +
    "in initially intersect into lambda lateral leading limit not null offset on only or order pivot pivot_longer " +
    "pivot_wider placing primary qualify references returning select show some summarize symmetric table then to " +
    "trailing true union unique unpivot using variadic when where window with"
  ).split(" ")
);
