import {UserError} from "../errors.js";

/** Everything in which the engines' literals and names differ; another engine is another row. */
export type Dialect = {
  name: string;
  literal: (text: string) => string;
  quote: (name: string) => string;
  timestamp: (text: string) => string;
};

export type DialectName = "duckdb";

export const dialects: Record<DialectName, Dialect> = {
  duckdb: {
    name: "duckdb",
    literal: (text) => `'${text.replaceAll("'", "''")}'`,
    quote: (name) => `"${name}"`,
    timestamp: (text) => `TIMESTAMP '${text}'`
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
  return parts.map((part) => (isPlain(part) ? part : dialect.quote(part))).join(".");
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
