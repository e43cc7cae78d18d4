// Metadata in SQLite: what was planned (experiments, observations) and what was calculated (jobs, moments).

import {UserError} from "./errors.js";
import {isAlive} from "./process.js";
import {oneOf, readJson, readTime, writeTime} from "./store/columns.js";
import {observationById} from "./store/observations.js";
import type {Store} from "./store/open.js";
import {resultsInserter, type JobResults} from "./store/results.js";
import {absent} from "./store/rows.js";
import type {Instant, Job, JobFacts, JobStatus} from "./types.js";
import {jobStatuses} from "./types.js";

export {closeStore, openStore, requireInPlace, stateByOthers, stateOf} from "./store/open.js";
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
export {forgetTrail, jobsBeyond, removeJobs, trailBefore} from "./store/retention.js";
export type {ExperimentInput} from "./store/experiments.js";
export type {ObservationInput} from "./store/observations.js";
export {
  cellsOf,
  exposuresOf,
  hasCells,
  inputsOf,
  packOf,
  packedCellsOf,
  precomputesOf,
  seriesOf
} from "./store/results.js";
export type {JobResults} from "./store/results.js";
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
export function completeJob(db: Store, id: number, {now = clock(), ...results}: JobResults): void {
  const insert = resultsInserter(db, id, {now, ...results});
  const complete = db.transaction(() => {
    refuseFinished(existingJob(db, id));
    insert();
    markJob(db, id, {status: "completed", error: null, facts: results.facts});
  });
  complete.immediate();
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
