// Metadata in SQLite: what was planned (experiments, observations) and what was calculated (jobs, moments).

import {gunzipSync, gzipSync} from "node:zlib";
import {observationById} from "./store/observations.js";
import {absent} from "./store/rows.js";
import {oneOf, readJson, readTime, writeTime} from "./store/columns.js";
import type {Store} from "./store/open.js";
import type {
  ExposureCount,
  Instant,
  Job,
  JobFacts,
  JobInputs,
  JobStatus,
  Precompute,
  SeriesRow
} from "./types.js";
import {jobStatuses} from "./types.js";
import {UserError} from "./errors.js";
import {isAlive} from "./process.js";
import type {Cells} from "./stats/cells.js";
import type {MetricType} from "./stats/types.js";

export {closeStore, openStore} from "./store/open.js";
export type {Store} from "./store/open.js";
export {
  declareVariants,
  experimentById,
  experimentByName,
  listExperiments,
  saveExperiment
} from "./store/experiments.js";
export {observationById, observationByName, observationsOf, saveObservation} from "./store/observations.js";
export {daysToUndo, deletedThings, markDeleted, planKept, purgeDeleted, savePlan} from "./store/history.js";
export {eventsOf, recordEvent, trailOf} from "./store/trail.js";
export type {ExperimentInput} from "./store/experiments.js";
export type {ObservationInput} from "./store/observations.js";
export type {SaveOptions} from "./store/rows.js";

/** process: who calculates it, as thisProcess() says. */
export type JobInput = {
  observationId: number;
  query: string;
  status: JobStatus;
  process?: string;
  now?: Instant;
};
export type JobMark = {status: JobStatus; error?: string | null; facts?: JobFacts};
export type JobResults = {
  precomputes: Omit<Precompute, "jobId">[];
  exposures: Omit<ExposureCount, "jobId">[];
  series?: SeriesRow[];
  cells?: Cells | null;
  inputs?: JobInputs | null;
  facts: JobFacts;
  now?: Instant;
};

type JobRow = {
  id: number;
  observation_id: number;
  query: string;
  status: string;
  error_message: string | null;
  extra: string | null;
  _created_at: string;
};

/** Returns the id of a new job; throws a UserError for an observation that is not there. */
export function createJob(
  db: Store,
  {observationId, query, status, process, now = clock()}: JobInput
): number {
  if (!observationById(db, observationId)) throw absent("observation", observationId);
  const insert = db.prepare(
    "insert into calculation_jobs (observation_id, query, status, extra, _created_at) values (?, ?, ?, ?, ?)"
  );
  const word = oneOf(jobStatuses, status, "job status");
  return Number(
    insert.run(observationId, query, word, JSON.stringify({process}), writeTime(now)).lastInsertRowid
  );
}

/** Returns the job of that id, or null; a job of the original that belongs to no observation counts as none. */
export function jobById(db: Store, id: number): Job | null {
  const query = "select * from calculation_jobs where id = ? and observation_id is not null";
  const row = db.prepare<[number], JobRow>(query).get(id);
  return row ? jobOf(row) : null;
}

/** Returns the jobs of an observation, newest first, whatever the clock said when they were made. */
export function jobsOf(db: Store, observationId: number): Job[] {
  const query = "select * from calculation_jobs where observation_id = ? order by id desc";
  return db.prepare<[number], JobRow>(query).all(observationId).map(jobOf);
}

/** Returns the newest completed job of an observation, or null. */
export function latestCompletedJob(db: Store, observationId: number): Job | null {
  const query = `
    select *
    from calculation_jobs
    where observation_id = ? and status = 'completed'
    order by id desc
    limit 1`;
  const row = db.prepare<[number], JobRow>(query).get(observationId);
  return row ? jobOf(row) : null;
}

/** Returns the newest job that completed of any observation that is there, or null. */
export function newestCompletedJob(db: Store): Job | null {
  const query = `
    select calculation_jobs.*
    from calculation_jobs
    join observations on observations.id = observation_id and observations.deleted_at is null
    join experiments on experiments.id = experiment_id and experiments.deleted_at is null
    where calculation_jobs.status = 'completed'
    order by calculation_jobs.id desc
    limit 1`;
  const row = db.prepare<[], JobRow>(query).get();
  return row ? jobOf(row) : null;
}

/** Returns the completed jobs that measured a metric, newest first. */
export function jobsOfMetric(db: Store, metric: string): Job[] {
  const query = `
    select *
    from calculation_jobs
    where id in (select job_id from precomputes where metric_name = ?) and status = 'completed'
    order by id desc`;
  return db.prepare<[string], JobRow>(query).all(metric).map(jobOf);
}

/** Sets a job's status, and its error where one is given; facts are added to those it has. */
export function markJob(db: Store, id: number, {status, error, facts = {}}: JobMark): void {
  const job = existingJob(db, id);
  db.prepare("update calculation_jobs set status = ?, error_message = ?, extra = ? where id = ?").run(
    oneOf(jobStatuses, status, "job status"),
    error === undefined ? job.error : error,
    JSON.stringify({...job.facts, ...facts}),
    id
  );
}

/** Keeps a job's moments, exposures and facts and marks it completed: all of it, or on any error nothing. */
export function completeJob(
  db: Store,
  id: number,
  {precomputes, exposures, series = [], cells = null, inputs = null, facts, now = clock()}: JobResults
): void {
  const [packed, packedInputs] = [cells, inputs].map((each) => each && gzipSync(JSON.stringify(each)));
  const complete = db.transaction(() => {
    refuseFinished(existingJob(db, id));
    insertPrecomputes(db, id, precomputes, now);
    insertExposures(db, id, exposures);
    insertSeries(db, id, series);
    if (packed) db.prepare("insert into cells (job_id, cells) values (?, ?)").run(id, packed);
    if (packedInputs)
      db.prepare("insert into job_inputs (job_id, inputs) values (?, ?)").run(id, packedInputs);
    markJob(db, id, {status: "completed", error: null, facts});
  });
  complete.immediate();
}

/** Returns the moments of a job in the order they were kept; of one metric where it is named. */
export function precomputesOf(db: Store, jobId: number, metric: string | null = null): Precompute[] {
  const query = `
    select job_id as jobId, group_name as variant, metric_name as metric, metric_display_name as title,
      metric_type as type, observation_cnt as n, metric_value as value, numerator_avg as numeratorMean,
      denominator_avg as denominatorMean, numerator_var as numeratorVariance,
      denominator_var as denominatorVariance, covariance, moments
    from precomputes
    where job_id = ?${metric === null ? "" : " and metric_name = ?"}
    order by id`;
  type Read = Omit<Precompute, "type" | "full"> & {type: string; moments: string | null};
  const rows = db.prepare<unknown[], Read>(query).all(jobId, ...(metric === null ? [] : [metric]));
  return rows.map(({moments, ...row}) => ({
    ...row,
    type: readType(row.type),
    ...(moments === null ? {} : {full: readJson(moments) as Precompute["full"]})
  }));
}

/** Returns the first exposures of a job, by day and variant. */
export function exposuresOf(db: Store, jobId: number): ExposureCount[] {
  const query = `
    select job_id as jobId, group_name as variant, day, units
    from exposures
    where job_id = ?
    order by day, group_name`;
  return db.prepare<[number], ExposureCount>(query).all(jobId);
}

/** Returns a job's moments day by day, by metric, day and variant. */
export function seriesOf(db: Store, jobId: number): SeriesRow[] {
  const query = `
    select metric_name as metric, day, group_name as variant, moments
    from series
    where job_id = ?
    order by metric_name, day, group_name`;
  type Read = Omit<SeriesRow, "moments"> & {moments: string};
  const rows = db.prepare<[number], Read>(query).all(jobId);
  return rows.map(({moments, ...row}) => ({...row, moments: readJson(moments) as SeriesRow["moments"]}));
}

/** Returns a job's moments in cells as gzipped JSON of Cells, or null where it has none. */
export function packedCellsOf(db: Store, jobId: number): Buffer | null {
  const query = "select cells from cells where job_id = ?";
  return db.prepare<[number], {cells: Buffer}>(query).get(jobId)?.cells ?? null;
}

/** Returns whether a job keeps its moments in cells. */
export function hasCells(db: Store, jobId: number): boolean {
  return db.prepare<[number]>("select 1 from cells where job_id = ?").get(jobId) !== undefined;
}

/** Returns a job's moments in cells, or null where it has none. */
export function cellsOf(db: Store, jobId: number): Cells | null {
  const packed = packedCellsOf(db, jobId);
  return packed && (JSON.parse(gunzipSync(packed).toString("utf8")) as Cells);
}

/** Returns what a job was made of, or null for one from before that was kept. */
export function inputsOf(db: Store, jobId: number): JobInputs | null {
  const query = "select inputs from job_inputs where job_id = ?";
  const row = db.prepare<[number], {inputs: Buffer}>(query).get(jobId);
  return row ? (JSON.parse(gunzipSync(row.inputs).toString("utf8")) as JobInputs) : null;
}

/** Returns how many unfinished jobs processes that have ended left behind; they are marked failed with the reason. */
export function failAbandonedJobs(db: Store, now: Instant = clock()): number {
  const query = "select id, extra from calculation_jobs where status in ('pending', 'running')";
  const update = "update calculation_jobs set status = 'failed', error_message = ? where id = ?";
  const reason = `abandoned: the program that calculated it had ended by ${now}; calculate the observation again`;
  const fail = db.transaction(() => {
    const unfinished = db.prepare<[], Pick<JobRow, "id" | "extra">>(query).all();
    const abandoned = unfinished.filter(({extra}) => !isAlive(readFacts(extra).process ?? ""));
    for (const {id} of abandoned) db.prepare(update).run(reason, id);
    return abandoned.length;
  });
  return fail.immediate();
}

function clock(): Instant {
  return new Date().toISOString();
}

function existingJob(db: Store, id: number): Job {
  const job = jobById(db, id);
  if (!job) throw absent("job", id);
  return job;
}

// A job taken for abandoned may still finish: its result is as good as any. A cancelled one may not.
function refuseFinished({id, status}: Job): void {
  if (status !== "completed" && status !== "cancelled") return;
  throw new UserError(`job ${id} is already ${status}`, "calculate the observation again");
}

function insertPrecomputes(db: Store, jobId: number, rows: JobResults["precomputes"], now: Instant): void {
  const insert = db.prepare(`
    insert into precomputes (
      job_id, group_name, metric_name, metric_display_name, metric_type, observation_cnt, metric_value,
      numerator_avg, denominator_avg, numerator_var, denominator_var, covariance, moments, _created_at
    )
    values (
      @jobId, @variant, @metric, @title, @type, @n, @value,
      @numeratorMean, @denominatorMean, @numeratorVariance, @denominatorVariance, @covariance, @moments, @createdAt
    )`);
  const createdAt = writeTime(now);
  for (const {full, ...row} of rows) {
    refuseInfinite(row);
    const moments = full ? JSON.stringify(full) : null;
    insert.run({...row, jobId, type: writeType(row.type), moments, createdAt});
  }
}

// SQLite would keep NaN as NULL and infinity as a number no page can show: both are our bug, not a value.
function refuseInfinite(row: JobResults["precomputes"][number]): void {
  for (const [field, value] of Object.entries(row)) {
    if (typeof value === "number" && !Number.isFinite(value)) {
      throw new Error(`${field} of ${row.metric} in ${row.variant} is ${value}`);
    }
  }
}

function insertExposures(db: Store, jobId: number, rows: JobResults["exposures"]): void {
  const insert = db.prepare("insert into exposures (job_id, group_name, day, units) values (?, ?, ?, ?)");
  for (const {variant, day, units} of rows) insert.run(jobId, variant, day, units);
}

function insertSeries(db: Store, jobId: number, rows: SeriesRow[]): void {
  const insert = db.prepare(
    "insert into series (job_id, metric_name, day, group_name, units, moments) values (?, ?, ?, ?, ?, ?)"
  );
  for (const {metric, day, variant, moments} of rows)
    insert.run(jobId, metric, day, variant, moments.n, JSON.stringify(moments));
}

function jobOf(row: JobRow): Job {
  return {
    id: row.id,
    observationId: row.observation_id,
    status: oneOf(jobStatuses, row.status, `status of job ${row.id}`),
    query: row.query,
    error: row.error_message,
    facts: readFacts(row.extra),
    createdAt: readTime(row._created_at) ?? ""
  };
}

function readFacts(json: string | null): JobFacts {
  const value = readJson(json);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}

function readType(word: string): MetricType {
  return word === "avg" ? "mean" : oneOf(["mean", "ratio", "proportion", "quantile"], word, "metric type");
}

function writeType(type: MetricType): string {
  return type === "mean" ? "avg" : oneOf(["ratio", "proportion", "quantile"], type, "metric type");
}
