// Experiments: rows to nouns and back.

import {UserError} from "../errors.js";
import type {Experiment, Variant} from "../types.js";
import {experimentStatuses} from "../types.js";
import {oneOf, readList, readText, readTime, writeTime} from "./columns.js";
import type {Store} from "./open.js";
import {absent, upsert, type Nullable, type SaveOptions, type Told, type Value} from "./rows.js";
import {changedFields, recordEvent} from "./trail.js";
import {lawfulVariants, readVariants, writeVariants} from "./variants.js";

export type ExperimentInput = Omit<Experiment, "id" | "createdAt" | "updatedAt">;

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

// What an experiment is made with is no change: its first state is the row itself.
function recordChanges(
  db: Store,
  before: Experiment | null,
  after: Experiment,
  {words, ...told}: Told
): void {
  if (!before) return recordEvent(db, after.id, {...told, kind: "create"});
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

/** Declares an experiment's variants: exactly one control, positive allocations (made to sum to 1), unique names. */
export function declareVariants(
  db: Store,
  experimentId: number,
  variants: Variant[],
  {now, who}: Pick<SaveOptions, "now" | "who"> = {}
): void {
  if (variants.length === 0) throw new UserError("no variants given", "name a control and a treatment");
  const declare = db.transaction(() => {
    const experiment = experimentById(db, experimentId);
    if (!experiment) throw absent("experiment", experimentId);
    saveExperiment(db, {...experiment, variants}, {now, who, id: experimentId});
  });
  declare.immediate();
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
