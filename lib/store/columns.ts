// How values lie in SQLite, as SQLAlchemy wrote them: naive UTC text for times, JSON text for lists.

import {UserError} from "../errors.js";
import type {Instant} from "../types.js";

const storedTime = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?)?(?:Z|\+00:00)?$/;

/** Returns the instant of a stored "2025-10-01 00:00:00.000000", to the millisecond, or null for none. */
export function readTime(text: string | null): Instant | null {
  if (text === null) return null;
  const [match, day, time = "00:00:00", fraction = ""] = storedTime.exec(text) ?? [];
  if (!match) throw unreadable("a time", text, "write it as 2025-10-01 00:00:00.000000, in UTC");
  return `${day}T${time}.${fraction.padEnd(3, "0").slice(0, 3)}Z`;
}

/** Returns the stored form of an instant, "2025-10-01 00:00:00.000000", or null for none. */
export function writeTime(instant: Instant | null): string | null {
  if (instant === null) return null;
  return new Date(instant).toISOString().replace("T", " ").replace("Z", "000");
}

/** Returns stored free text, where blank means none: forms save an empty box as "". */
export function readText(text: string | null): string | null {
  return text?.trim() ? text : null;
}

/** Returns the list of texts in a JSON column; NULL and the text "null" are the empty list; blanks are left out. */
export function readList(json: string | null): string[] {
  const value = readJson(json) ?? [];
  const values: unknown = typeof value === "string" ? [value] : value;
  if (Array.isArray(values) && values.every((item) => typeof item === "string")) {
    return values.filter((item) => item.trim());
  }
  throw unreadable("a list of texts", String(json), 'write it as ["one", "two"]');
}

/** Returns what a JSON column holds; null for NULL and for the text "null". */
export function readJson(json: string | null): unknown {
  try {
    return json === null || json === "" ? null : JSON.parse(json);
  } catch {
    throw unreadable("JSON", String(json), "correct the value in the database");
  }
}

/** Returns the word if it is one of those allowed; throws a UserError that names them. */
export function oneOf<T extends string>(allowed: readonly T[], word: string, what: string): T {
  const found = allowed.find((candidate) => candidate === word);
  if (found === undefined)
    throw new UserError(`unknown ${what}: ${word}`, `use one of ${allowed.join(", ")}`);
  return found;
}

function unreadable(expected: string, text: string, hint: string): UserError {
  return new UserError(`the database holds a value that is not ${expected}: ${text.slice(0, 80)}`, hint);
}
