// What a job found: moments, exposures, days, cells, and what it was made of.

import {promisify} from "node:util";
import {gunzipSync, gzip} from "node:zlib";
import type {Cells} from "../stats/cells.js";
import type {MetricType} from "../stats/types.js";
import type {ExposureCount, Instant, JobFacts, JobInputs, Precompute, SeriesRow} from "../types.js";
import {oneOf, readJson, writeTime} from "./columns.js";
import type {Store} from "./open.js";

/** The tables that hold what a job found, each by job_id. */
export const tablesOfJobs = ["precomputes", "exposures", "series", "cells", "job_inputs"];

export type JobResults = {
  precomputes: Omit<Precompute, "jobId">[];
  exposures: Omit<ExposureCount, "jobId">[];
  series?: SeriesRow[];
  /** Cells and inputs as packOf gives them. */
  cells?: Buffer | null;
  inputs?: Buffer | null;
  facts: JobFacts;
  now?: Instant;
};

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

/** Returns cells or inputs as they are kept, packed beside other work: gzipped JSON; null of nothing. */
export async function packOf(found: Cells | JobInputs | null): Promise<Buffer | null> {
  return found && promisify(gzip)(JSON.stringify(found));
}

/** Returns what writes a job's numbers, inside a transaction of the caller. */
export function resultsInserter(
  db: Store,
  id: number,
  {precomputes, exposures, series = [], cells = null, inputs = null, now}: JobResults & {now: Instant}
): () => void {
  return () => {
    insertPrecomputes(db, id, precomputes, now);
    insertExposures(db, id, exposures);
    insertSeries(db, id, series);
    if (cells) db.prepare("insert into cells (job_id, cells) values (?, ?)").run(id, cells);
    if (inputs) db.prepare("insert into job_inputs (job_id, inputs) values (?, ?)").run(id, inputs);
  };
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

function readType(word: string): MetricType {
  return word === "avg" ? "mean" : oneOf(["mean", "ratio", "proportion", "quantile"], word, "metric type");
}

function writeType(type: MetricType): string {
  return type === "mean" ? "avg" : oneOf(["ratio", "proportion", "quantile"], type, "metric type");
}
