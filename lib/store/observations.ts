// Observations: rows to nouns and back.

import {UserError} from "../errors.js";
import type {Observation} from "../types.js";
import {readList, readText, readTime, writeTime} from "./columns.js";
import {experimentById} from "./experiments.js";
import type {Store} from "./open.js";
import {absent, upsert, type Nullable, type SaveOptions, type Told, type Value} from "./rows.js";
import {changedFields, recordEvent} from "./trail.js";

export type ObservationInput = Omit<Observation, "id" | "createdAt" | "updatedAt">;

type ObservationRow = {
  id: number;
  experiment_id: number;
  name: string;
  db_experiment_name: string;
  split_id: string;
  calculation_scenario: string;
  _created_at: string;
  _updated_at: string;
} & Nullable<
  | "exposure_start_datetime"
  | "exposure_end_datetime"
  | "calc_start_datetime"
  | "calc_end_datetime"
  | "exposure_event"
  | "audience_tables"
  | "filters"
  | "event_filters"
  | "custom_test_ids_query"
  | "metric_tags"
  | "metric_groups"
  | "dimensions"
> & {pre_period_days: number | null; horizon_days: number | null};

/** Returns the observations of an experiment, newest first. */
export function observationsOf(db: Store, experimentId: number): Observation[] {
  const query =
    "select * from observations where experiment_id = ? and deleted_at is null order by _created_at desc, id desc";
  return db.prepare<[number], ObservationRow>(query).all(experimentId).map(observationOf);
}

/** Returns the observation of that id, or null where there is none. */
export function observationById(db: Store, id: number): Observation | null {
  const query = `
    select observations.*
    from observations join experiments on experiments.id = experiment_id
    where observations.id = ? and observations.deleted_at is null and experiments.deleted_at is null`;
  const row = db.prepare<[number], ObservationRow>(query).get(id);
  return row ? observationOf(row) : null;
}

/** Returns an experiment's observation of that name, or null; throws a UserError where two share the name. */
export function observationByName(db: Store, experimentId: number, name: string): Observation | null {
  const query =
    "select * from observations where experiment_id = ? and name = ? and deleted_at is null order by id";
  const rows = db.prepare<[number, string], ObservationRow>(query).all(experimentId, name);
  if (rows.length > 1) {
    const ids = rows.map(({id}) => id).join(" and ");
    throw new UserError(`observations ${ids} are both called ${name}`, "rename one of them");
  }
  return rows.length === 1 ? observationOf(rows[0]) : null;
}

/**
 * Returns the id of the observation, made or updated by experiment and name, or by options.id.
 * Throws a UserError for an experiment that is not there or a name its sibling has.
 */
export function saveObservation(
  db: Store,
  input: ObservationInput,
  {now = new Date().toISOString(), id, who = null}: SaveOptions = {}
): number {
  if (!experimentById(db, input.experimentId)) throw absent("experiment", input.experimentId);
  if (!input.name.trim()) throw new UserError("an observation needs a name", "give it one");
  if (id !== undefined && !observationById(db, id)) throw absent("observation", id);
  const taken = observationByName(db, input.experimentId, input.name)?.id;
  if (id !== undefined && taken !== undefined && taken !== id) {
    throw new UserError(`there is already an observation called ${input.name}`, "choose another name");
  }
  const before = observationById(db, id ?? taken ?? 0);
  const saved = upsert(db, "observations", id ?? taken, observationColumns(input), now);
  recordObservation(db, before, observationById(db, saved)!, {at: now, who});
  return saved;
}

function recordObservation(db: Store, before: Observation | null, after: Observation, told: Told): void {
  const {id, name, experimentId} = after;
  const happening = {...told, observation: {id, name}};
  if (!before) return recordEvent(db, experimentId, {...happening, kind: "create"});
  const changed = changedFields(observationColumns(before), observationColumns(after));
  if (changed) recordEvent(db, experimentId, {...happening, kind: "edit", ...changed});
}

function observationOf(row: ObservationRow): Observation {
  return {
    id: row.id,
    experimentId: row.experiment_id,
    name: row.name,
    dbExperimentName: row.db_experiment_name,
    splitId: row.split_id,
    scenario: row.calculation_scenario,
    exposureStart: readTime(row.exposure_start_datetime),
    exposureEnd: readTime(row.exposure_end_datetime),
    calcStart: readTime(row.calc_start_datetime),
    calcEnd: readTime(row.calc_end_datetime),
    exposureEvent: readText(row.exposure_event),
    audienceTables: readList(row.audience_tables),
    filters: readList(row.filters),
    eventFilters: readList(row.event_filters),
    customTestIdsQuery: readText(row.custom_test_ids_query),
    metricTags: readList(row.metric_tags),
    metricGroups: readList(row.metric_groups),
    dimensions: readList(row.dimensions),
    preDays: row.pre_period_days ?? 0,
    horizonDays: row.horizon_days ?? 0,
    createdAt: readTime(row._created_at) ?? "",
    updatedAt: readTime(row._updated_at) ?? ""
  };
}

function observationColumns(input: ObservationInput): Record<string, Value> {
  return {
    experiment_id: input.experimentId,
    name: input.name,
    db_experiment_name: input.dbExperimentName,
    split_id: input.splitId,
    calculation_scenario: input.scenario,
    exposure_start_datetime: writeTime(input.exposureStart),
    exposure_end_datetime: writeTime(input.exposureEnd),
    calc_start_datetime: writeTime(input.calcStart),
    calc_end_datetime: writeTime(input.calcEnd),
    exposure_event: input.exposureEvent,
    audience_tables: JSON.stringify(input.audienceTables),
    filters: JSON.stringify(input.filters),
    event_filters: JSON.stringify(input.eventFilters),
    custom_test_ids_query: input.customTestIdsQuery,
    metric_tags: JSON.stringify(input.metricTags),
    metric_groups: JSON.stringify(input.metricGroups),
    dimensions: JSON.stringify(input.dimensions),
    pre_period_days: input.preDays,
    horizon_days: input.horizonDays
  };
}
