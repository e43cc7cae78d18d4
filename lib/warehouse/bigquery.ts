import type {BigQuery, Job} from "@google-cloud/bigquery";
import type {BigQueryWarehouse} from "../config/types.js";
import {columnOf} from "./bigquery/cells.js";
import {clientOf} from "./bigquery/client.js";
import {errorOf, failureOf} from "./bigquery/error.js";
import {finished, pages, unlessAborted, type Metadata} from "./bigquery/job.js";
import type {Cell, Connector, QueryEstimate, ResultColumn, Result, RunOptions} from "./connector.js";
import {WarehouseError} from "./error.js";
import {refuseBytes} from "./limits.js";

/**
 * Returns a connector to BigQuery. Every query is tried by a dry run first, which costs nothing and tells its columns,
 * its bytes and that it only reads. Throws a WarehouseError for credentials that cannot be read.
 */
export async function openBigQuery(warehouse: BigQueryWarehouse): Promise<Connector> {
  const ask = {client: await clientOf(warehouse), defaults: defaultsOf(warehouse)};
  return {
    dialect: "bigquery",
    test: async () => {
      await dryRun(ask, "select 1");
      return `BigQuery, project ${warehouse.project}${warehouse.location ? ` in ${warehouse.location}` : ""}`;
    },
    columns: async (sql) => (await dryRun(ask, sql)).columns,
    estimate: async (sql) => ({bytes: (await dryRun(ask, sql)).bytes, ...untold}),
    run: (sql, options = {}) => run(ask, sql, options),
    close: async () => {}
  };
}

// A dry run prices the columns that are read, and plans nothing.
const untold = {rows: null, answer: null, partitions: null};

type Ask = {client: BigQuery; defaults: Record<string, unknown>};

const defaultsOf = ({project, dataset}: BigQueryWarehouse) => ({
  useLegacySql: false,
  ...(dataset ? {defaultDataset: {projectId: project, datasetId: dataset}} : {})
});

async function dryRun(
  {client, defaults}: Ask,
  sql: string
): Promise<{columns: ResultColumn[]} & Pick<QueryEstimate, "bytes">> {
  const [job] = await client
    .createQueryJob({...defaults, query: sql, dryRun: true})
    .catch((error: unknown) => {
      throw errorOf(error, {sql});
    });
  const {statistics} = job.metadata as Metadata;
  const kind = statistics.query?.statementType;
  if (kind !== "SELECT") {
    throw new WarehouseError(
      "syntax",
      `only a SELECT is run, and this is ${kind ?? "no single statement"}`,
      "a template gives exactly one SELECT"
    );
  }
  return {
    columns: (statistics.query?.schema?.fields ?? []).map(columnOf),
    bytes: Number(statistics.totalBytesProcessed ?? 0)
  };
}

async function run(ask: Ask, sql: string, options: RunOptions): Promise<Result> {
  const {signal, byteLimit, timeLimitMs, onProgress} = options;
  const isAborted = () => signal?.aborted ?? false;
  try {
    const {columns, bytes} = await unlessAborted(signal, () => dryRun(ask, sql));
    await refuseBytes(byteLimit, async () => ({bytes}));
    onProgress?.({phase: "waiting", share: null, rows: 0});
    const job = await start(ask, sql, options);
    const {status, statistics} = await finished(job, options);
    // The state alone tells success: asking for rows of a failed job may answer with none.
    if (status.errorResult) {
      const ranMs = Number(statistics.endTime) - Number(statistics.startTime);
      throw failureOf(status.errorResult, {sql, isOverdue: timeLimitMs ? ranMs >= timeLimitMs : false});
    }
    const read = Number(statistics.query?.totalBytesProcessed ?? bytes);
    const batches = translated(pages(job, columns, options), (error) =>
      errorOf(error, {sql, isAborted: isAborted()})
    );
    return {columns, batches, facts: () => ({bytes: read})};
  } catch (error) {
    throw errorOf(error, {sql, isAborted: isAborted()});
  }
}

async function start(
  {client, defaults}: Ask,
  sql: string,
  {signal, timeLimitMs, byteLimit, tag}: RunOptions
): Promise<Job> {
  signal?.throwIfAborted();
  // The driver makes the job's id, so that asking again after a lost answer finds the same job.
  const [job] = await client.createQueryJob({
    ...defaults,
    query: sql,
    jobPrefix: "expanto_",
    ...(tag ? {labels: {expanto: tag.slice(0, 63)}} : {}),
    ...(timeLimitMs ? {jobTimeoutMs: Math.ceil(timeLimitMs)} : {}),
    ...(byteLimit ? {maximumBytesBilled: String(byteLimit)} : {})
  });
  return job;
}

async function* translated(
  batches: AsyncIterable<Cell[][]>,
  translate: (error: unknown) => Error
): AsyncGenerator<Cell[][]> {
  try {
    yield* batches;
  } catch (error) {
    throw translate(error);
  }
}
