// Days of events as they were when they were counted: a day that has changed since is noticed.

import type {Instant} from "../types.js";
import type {RunOptions} from "../warehouse/connector.js";
import type {DuckDB} from "../warehouse/duckdb.js";

/** One day of events (UTC): how many rows, and a number made of all of them. */
export type EventDay = {day: string; n: number; content: string};

/** Returns the days of a query by the template event_days.sql, in order. */
export async function eventDays(duckdb: DuckDB, sql: string, options: RunOptions): Promise<EventDay[]> {
  const rows = await duckdb.cells(sql, options);
  return rows.map(([day, n, content]) => ({day: String(day), n: Number(n), content: String(content)}));
}

/** Returns the first instant of a day. */
export const startOf = (day: string): Instant => `${day}T00:00:00.000Z`;

/** Returns the first day that is not as it was, of those before an instant; null where all are. */
export function firstChange(was: EventDay[], is: EventDay[], before: Instant): string | null {
  const inTime = (days: EventDay[]) =>
    new Map(days.filter(({day}) => startOf(day) < before).map((each) => [each.day, each]));
  const [earlier, now] = [inTime(was), inTime(is)];
  const days = [...new Set([...earlier.keys(), ...now.keys()])].sort();
  const isSame = (a?: EventDay, b?: EventDay) => a?.n === b?.n && a?.content === b?.content;
  return days.find((day) => !isSame(earlier.get(day), now.get(day))) ?? null;
}
