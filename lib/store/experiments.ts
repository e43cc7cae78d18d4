// Experiments and their observations: rows to nouns and back.

import {NotFoundError, UserError} from "../errors.js";
import type {Experiment, Instant, Observation, Variant} from "../types.js";
import {experimentStatuses} from "../types.js";
import {oneOf, readList, readText, readTime, writeTime} from "./columns.js";
import type {Store} from "./open.js";
import {changedFields, recordEvent} from "./trail.js";
import {lawfulVariants, readVariants, writeVariants} from "./variants.js";

export type ExperimentInput = Omit<Experiment, "id" | "createdAt" | "updatedAt">;
export type ObservationInput = Omit<Observation, "id" | "createdAt" | "updatedAt">;

/** When it is saved (now unless given), why, by whom, and which row: without an id the one of that name, or a new one. */
export type SaveOptions = {now?: Instant; id?: number; words?: string | null; who?: string | null};

type Nullable<Name extends string> = {[column in Name]: string | null};

type ExperimentRow = {
  id: number;
  name: string;
  status: string;
  _created_at: string;
  _updated_at: string;
} & Nullable<
  | "description"
  | "hypotheses"
  | "key_metrics"
  | "guardrails"
  | "design"
  | "conclusion"
  | "owner"
  | "start_datetime"
  | "end_datetime"
  | "variants"
>;

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

/** Returns all experiments, newest first. */
export function listExperiments(db: Store): Experiment[] {
  const query = "select * from experiments where deleted_at is null order by _created_at desc, id desc";
  return db.prepare<[], ExperimentRow>(query).all().map(experimentOf);
}

/** Returns the experiment of that id, or null where there is none. */
export function experimentById(db: Store, id: number): Experiment | null {
  const row = db
    .prepare<[number], ExperimentRow>("select * from experiments where id = ? and deleted_at is null")
    .get(id);
  return row ? experimentOf(row) : null;
}

/** Returns the experiment of that name, or null where there is none. */
export function experimentByName(db: Store, name: string): Experiment | null {
  const row = db
    .prepare<[string], ExperimentRow>("select * from experiments where name = ? and deleted_at is null")
    .get(name);
  return row ? experimentOf(row) : null;
}

/**
 * Returns the id of the experiment, made or updated by its name, or by options.id (then it may be renamed).
 * Throws a UserError for an unknown status, a name another experiment has, or unlawful variants.
 */
export function saveExperiment(
  db: Store,
  input: ExperimentInput,
  {now = new Date().toISOString(), id, words = null, who = null}: SaveOptions = {}
): number {
  const taken = experimentByName(db, input.name)?.id;
  if (!input.name.trim()) throw new UserError("an experiment needs a name", "give it one");
  if (id !== undefined && !experimentById(db, id)) throw absent("experiment", id);
  if (id !== undefined && taken !== undefined && taken !== id) {
    throw new UserError(`there is already an experiment called ${input.name}`, "choose another name");
  }
  refuseDeletedName(db, input.name);
  const before = experimentById(db, id ?? taken ?? 0);
  const saved = upsert(db, "experiments", id ?? taken, experimentColumns(input), now);
  recordChanges(db, before, experimentById(db, saved)!, {at: now, words, who});
  return saved;
}

function refuseDeletedName(db: Store, name: string): void {
  const query = "select 1 from experiments where name = ? and deleted_at is not null";
  if (!db.prepare<[string]>(query).get(name)) return;
  throw new UserError(
    `a deleted experiment is called ${name}`,
    "bring that one back, or choose another name"
  );
}

type Told = {at: Instant; words?: string | null; who: string | null};

// An experiment that is made has no history yet: its first state is the row itself.
function recordChanges(
  db: Store,
  before: Experiment | null,
  after: Experiment,
  {words, ...told}: Told
): void {
  if (!before) return;
  const step = {...told, words};
  if (before.status !== after.status)
    recordEvent(db, after.id, {...step, kind: "status", before: before.status, after: after.status});
  const isOther = JSON.stringify(before.variants) !== JSON.stringify(after.variants);
  const isAllocation = isOther && before.variants.length > 0;
  if (isAllocation)
    recordEvent(db, after.id, {...step, kind: "allocation", before: before.variants, after: after.variants});
  const edited = (experiment: Experiment) => {
    const columns = {...experimentColumns(experiment), status: before.status};
    return isAllocation ? {...columns, variants: null} : columns;
  };
  const changed = changedFields(edited(before), edited(after));
  if (changed) recordEvent(db, after.id, {...told, kind: "edit", ...changed});
}

function recordObservation(db: Store, before: Observation | null, after: Observation, told: Told): void {
  const {id, name, experimentId} = after;
  const happening = {...told, observation: {id, name}};
  if (!before) return recordEvent(db, experimentId, {...happening, kind: "create"});
  const changed = changedFields(observationColumns(before), observationColumns(after));
  if (changed) recordEvent(db, experimentId, {...happening, kind: "edit", ...changed});
}

/** Declares an experiment's variants: exactly one control, positive allocations (made to sum to 1), unique names. */
export function declareVariants(
  db: Store,
  experimentId: number,
  variants: Variant[],
  {now}: Pick<SaveOptions, "now"> = {}
): void {
  if (variants.length === 0) throw new UserError("no variants given", "name a control and a treatment");
  const declare = db.transaction(() => {
    const experiment = experimentById(db, experimentId);
    if (!experiment) throw absent("experiment", experimentId);
    saveExperiment(db, {...experiment, variants}, {now, id: experimentId});
  });
  declare.immediate();
}

/** Returns the observations of an experiment, newest first. */
export function observationsOf(db: Store, experimentId: number): Observation[] {
  const query =
    "select * from observations where experiment_id = ? and deleted_at is null order by _created_at desc, id desc";
  return db.prepare<[number], ObservationRow>(query).all(experimentId).map(observationOf);
}

/** Returns the observation of that id, or null where there is none. */
export function observationById(db: Store, id: number): Observation | null {
  const row = db
    .prepare<[number], ObservationRow>("select * from observations where id = ? and deleted_at is null")
    .get(id);
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

/** Returns the error that says nothing has this id. */
export function absent(what: string, id: number): NotFoundError {
  return new NotFoundError(`there is no ${what} ${id}`, `list what there is, and name one of those`);
}

type Value = string | number | null;

// Table and column names are this file's own words, never a person's.
function upsert(
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

function experimentOf(row: ExperimentRow): Experiment {
  return {
    id: row.id,
    name: row.name,
    status: oneOf(experimentStatuses, row.status, `status of experiment ${row.id}`),
    description: readText(row.description),
    hypotheses: readText(row.hypotheses),
    keyMetrics: readList(row.key_metrics),
    guardrails: readList(row.guardrails),
    design: readText(row.design),
    conclusion: readText(row.conclusion),
    owner: readText(row.owner),
    start: readTime(row.start_datetime),
    end: readTime(row.end_datetime),
    variants: readVariants(row.variants),
    createdAt: readTime(row._created_at) ?? "",
    updatedAt: readTime(row._updated_at) ?? ""
  };
}

function experimentColumns(input: ExperimentInput): Record<string, Value> {
  return {
    name: input.name,
    status: oneOf(experimentStatuses, input.status, "experiment status"),
    description: input.description,
    hypotheses: input.hypotheses,
    key_metrics: JSON.stringify(input.keyMetrics),
    guardrails: JSON.stringify(input.guardrails),
    design: input.design,
    conclusion: input.conclusion,
    owner: input.owner,
    start_datetime: writeTime(input.start),
    end_datetime: writeTime(input.end),
    variants: writeVariants(lawfulVariants(input.variants))
  };
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
