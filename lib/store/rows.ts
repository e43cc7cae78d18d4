// How a row of experiments or observations is written, and what both need for it.

import {NotFoundError} from "../errors.js";
import type {Instant} from "../types.js";
import {readTime, writeTime} from "./columns.js";
import type {Store} from "./open.js";

/** When it is saved (now unless given), why, by whom, and which row: without an id the one of that name, or a new one. */
export type SaveOptions = {now?: Instant; id?: number; words?: string | null; who?: string | null};

/** What a text column holds. */
export type Nullable<Name extends string> = {[column in Name]: string | null};

/** What is kept of a change beside the fields: when, why and by whom. */
export type Told = {at: Instant; words?: string | null; who: string | null};

/** Returns the error that says nothing has this id. */
export function absent(what: string, id: number): NotFoundError {
  return new NotFoundError(`there is no ${what} ${id}`, `list what there is, and name one of those`);
}

/** What is bound to a column. */
export type Value = string | number | null;

/** Returns the id of a row, made where none is given. */
// Table and column names are the callers' own words, never a person's.
export function upsert(
  db: Store,
  table: "experiments" | "observations",
  id: number | undefined,
  columns: Record<string, Value>,
  now: Instant
): number {
  if (id === undefined)
    return insert(db, table, {...columns, _updated_at: writeTime(now), _created_at: writeTime(now)});
  const row = {...columns, _updated_at: writeTime(laterThan(updatedAt(db, table, id), now))};
  const assignments = Object.keys(row).map((column) => `${column} = @${column}`);
  db.prepare(`update ${table} set ${assignments.join(", ")} where id = @id`).run({...row, id});
  return id;
}

function updatedAt(db: Store, table: string, id: number): Instant | null {
  const query = `select _updated_at from ${table} where id = ?`;
  return readTime(db.prepare<[number], string>(query).pluck().get(id) ?? null);
}

// Two changes within a millisecond, or a clock that went back, must not look like one: forms tell by this time
// whether somebody else has changed what they show.
function laterThan(before: Instant | null, now: Instant): Instant {
  return before === null || before < now ? now : new Date(Date.parse(before) + 1).toISOString();
}

function insert(db: Store, table: string, row: Record<string, Value>): number {
  const names = Object.keys(row);
  const sql = `insert into ${table} (${names.join(", ")}) values (${names.map((name) => `@${name}`).join(", ")})`;
  return Number(db.prepare(sql).run(row).lastInsertRowid);
}
