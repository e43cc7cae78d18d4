// Who changed what of an experiment and its observations, and when.

import type {ExperimentEvent, TrailEntry} from "../types.js";
import {experimentEventKinds, trailKinds} from "../types.js";
import {oneOf, readJson, readTime, writeTime} from "./columns.js";
import type {Store} from "./open.js";

/** What happened to which experiment; without an observation it is the experiment itself. */
export type Happening = Pick<TrailEntry, "kind" | "at"> & Partial<Omit<TrailEntry, "kind" | "at">>;

type EventRow = {
  kind: string;
  before: string | null;
  after: string | null;
  words: string | null;
  at: string;
  observation: string | null;
  who: string | null;
};

/** Keeps what happened to an experiment or one of its observations. */
export function recordEvent(db: Store, experimentId: number, happening: Happening): void {
  const {kind, before = null, after = null, words = null, at, observation = null, who = null} = happening;
  db.prepare(
    "insert into experiment_events (experiment_id, kind, before, after, words, at, observation, who) values (?, ?, ?, ?, ?, ?, ?, ?)"
  ).run(
    experimentId,
    kind,
    JSON.stringify(before),
    JSON.stringify(after),
    words,
    writeTime(at),
    observation && JSON.stringify(observation),
    who
  );
}

/** Returns the steps and the changed shares of an experiment, oldest first. */
export function eventsOf(db: Store, experimentId: number): ExperimentEvent[] {
  const query =
    "select * from experiment_events where experiment_id = ? and kind in ('status', 'allocation') order by at, id";
  return db
    .prepare<[number], EventRow>(query)
    .all(experimentId)
    .map(({kind, ...row}) => ({
      kind: oneOf(experimentEventKinds, kind, "kind of event"),
      before: readJson(row.before),
      after: readJson(row.after),
      words: row.words,
      at: readTime(row.at) ?? ""
    }));
}

/** Returns the last changes of an experiment and its observations, newest first, whatever the clock said. */
export function trailOf(db: Store, experimentId: number, {most = 200} = {}): TrailEntry[] {
  const query = "select * from experiment_events where experiment_id = ? order by id desc limit ?";
  return db
    .prepare<[number, number], EventRow>(query)
    .all(experimentId, most)
    .map(({kind, before, after, words, at, observation, who}) => ({
      kind: oneOf(trailKinds, kind, "kind of event"),
      before: readJson(before),
      after: readJson(after),
      words,
      at: readTime(at) ?? "",
      observation: readJson(observation) as TrailEntry["observation"],
      who
    }));
}

type Columns = Record<string, string | number | null>;

const lists = new Set([
  "key_metrics",
  "guardrails",
  "variants",
  "audience_tables",
  "filters",
  "event_filters",
  "metric_tags",
  "metric_groups",
  "dimensions"
]);

/** Returns the fields that differ between two states of a row, before and after, by the names they have in files; null where none does. */
export function changedFields(
  before: Columns,
  after: Columns
): {before: Record<string, unknown>; after: Record<string, unknown>} | null {
  const changed = Object.keys(after).filter((name) => before[name] !== after[name]);
  if (!changed.length) return null;
  const of = (columns: Columns) =>
    Object.fromEntries(
      changed.map((name) => [name, lists.has(name) ? readJson(text(columns[name])) : columns[name]])
    );
  return {before: of(before), after: of(after)};
}

const text = (value: string | number | null) => (value === null ? null : String(value));

/** Where a deletion, or its undoing, is kept: with the experiment. */
export function recordDeletion(
  db: Store,
  {
    kind,
    id,
    isBack,
    at,
    who
  }: {kind: "experiment" | "observation"; id: number; isBack: boolean} & Pick<Happening, "at" | "who">
): void {
  const happening = {kind: isBack ? ("restore" as const) : ("delete" as const), at, who};
  if (kind === "experiment") return recordEvent(db, id, happening);
  const query = "select experiment_id as experiment, name from observations where id = ?";
  const {experiment, name} = db.prepare<[number], {experiment: number; name: string}>(query).get(id)!;
  recordEvent(db, experiment, {...happening, observation: {id, name}});
}
