import {setTimeout as wait} from "node:timers/promises";
import type {BigQuery, Job} from "@google-cloud/bigquery";
import type {BigQueryWarehouse} from "../types.js";
import {cellOf, columnOf, type Field} from "./bigquery/cells.js";
import {errorOf, type Reason} from "./bigquery/error.js";
import type {
  Cell,
  Connector,
  Progress,
  QueryEstimate,
  ResultColumn,
  Result,
  RunOptions
} from "./connector.js";
import {WarehouseError} from "./error.js";
import {refuseBytes} from "./limits.js";

/**
 * Returns a connector to BigQuery. Every query is tried by a dry run first, which costs nothing and tells its columns,
 * its bytes and that it only reads. Throws a WarehouseError for credentials that cannot be read.
 */
export async function openBigQuery(warehouse: BigQueryWarehouse): Promise<Connector> {
  if (process.env.BIGQUERY_EMULATOR_HOST) {
    throw new WarehouseError(
      "other",
      "BIGQUERY_EMULATOR_HOST is set, and the driver would silently follow it",
      "unset it, and set warehouse.endpoint in expanto.config.yaml where you want another address"
    );
  }
  const client = await clientOf(warehouse);
  const ask = {client, defaults: defaultsOf(warehouse)};
  return {
    dialect: "bigquery",
    test: async () => {
      await dryRun(ask, "select 1");
      return `BigQuery, project ${warehouse.project}${warehouse.location ? ` in ${warehouse.location}` : ""}`;
    },
    columns: async (sql) => (await dryRun(ask, sql)).columns,
    estimate: async (sql) => ({bytes: (await dryRun(ask, sql)).bytes, rows: null}),
    run: (sql, options = {}) => run(ask, sql, options),
    close: async () => {}
  };
}

type Ask = {client: BigQuery; defaults: Record<string, unknown>};

async function clientOf({project, location, keyFile, endpoint}: BigQueryWarehouse): Promise<BigQuery> {
  const {BigQuery: Client} = await import("@google-cloud/bigquery");
  const isLocal = endpoint !== null && new URL(endpoint).hostname === "127.0.0.1";
  // Without it the driver looks for a cloud's metadata server first.
  const authClient = isLocal ? new (await import("google-auth-library")).PassThroughClient() : undefined;
  return new Client({
    projectId: project,
    ...(location ? {location} : {}),
    ...(keyFile ? {keyFilename: keyFile} : {}),
    ...(endpoint ? {apiEndpoint: endpoint} : {}),
    ...(authClient ? {authClient} : {})
  } as ConstructorParameters<typeof Client>[0]);
}

const defaultsOf = ({project, dataset}: BigQueryWarehouse) => ({
  useLegacySql: false,
  ...(dataset ? {defaultDataset: {projectId: project, datasetId: dataset}} : {})
});

type Statistics = {
  totalBytesProcessed?: string;
  query?: {
    statementType?: string;
    schema?: {fields?: Field[]};
    totalBytesProcessed?: string;
    timeline?: {completedUnits?: string; pendingUnits?: string; activeUnits?: string}[];
  };
};
type Metadata = {status: {state: string; errorResult?: Reason}; statistics: Statistics};

async function dryRun(
  {client, defaults}: Ask,
  sql: string
): Promise<{columns: ResultColumn[]} & Pick<QueryEstimate, "bytes">> {
  const job = await client.createQueryJob({...defaults, query: sql, dryRun: true}).then(
    ([made]) => made,
    (error: unknown) => {
      throw errorOf(error, sql);
    }
  );
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
  const {signal, byteLimit, onProgress} = options;
  const {columns, bytes} = await dryRun(ask, sql);
  await refuseBytes(byteLimit, async () => ({bytes, rows: null}));
  if (signal?.aborted) throw cancelled();
  onProgress?.({phase: "queued", share: null, rows: 0});
  const job = await start(ask, sql, options);
  // The driver knows no abort: only cancelling the job stops the work, and the bill.
  const cancel = () => void job.cancel().catch(() => {});
  signal?.addEventListener("abort", cancel, {once: true});
  try {
    const {statistics} = await finished(job, sql, options);
    const read = Number(statistics.query?.totalBytesProcessed ?? bytes);
    return {columns, batches: pages(job, {sql, columns, options, cancel}), facts: () => ({bytes: read})};
  } catch (error) {
    signal?.removeEventListener("abort", cancel);
    throw signal?.aborted ? cancelled() : errorOf(error, sql);
  }
}

async function start(
  {client, defaults}: Ask,
  sql: string,
  {timeLimitMs, byteLimit, tag}: RunOptions
): Promise<Job> {
  try {
    const [job] = await client.createQueryJob({
      ...defaults,
      query: sql,
      jobPrefix: "expanto_",
      ...(tag ? {labels: {expanto: tag.slice(0, 63)}} : {}),
      ...(timeLimitMs ? {jobTimeoutMs: Math.ceil(timeLimitMs)} : {}),
      ...(byteLimit ? {maximumBytesBilled: String(byteLimit)} : {})
    });
    return job;
  } catch (error) {
    throw errorOf(error, sql);
  }
}

// The state alone tells success: asking for rows of a failed job may answer with none.
async function finished(job: Job, sql: string, {onProgress, timeLimitMs}: RunOptions): Promise<Metadata> {
  for (let pause = 50; ; pause = Math.min(pause * 1.5, 2000)) {
    const [metadata] = (await job.getMetadata()) as unknown as [Metadata];
    const {state, errorResult} = metadata.status;
    if (errorResult && state === "DONE")
      throw errorOf({errors: [errorResult], message: errorResult.message}, sql, {timeLimitMs});
    if (state === "DONE") return metadata;
    onProgress?.(progressOf(metadata));
    await wait(pause);
  }
}

function progressOf({status, statistics}: Metadata): Progress {
  const latest = statistics?.query?.timeline?.at(-1);
  const [done, left] = [
    Number(latest?.completedUnits ?? 0),
    Number(latest?.pendingUnits ?? 0) + Number(latest?.activeUnits ?? 0)
  ];
  return {
    phase: status.state === "PENDING" ? "queued" : "running",
    share: done + left > 0 ? done / (done + left) : null,
    rows: 0
  };
}

type Reading = {sql: string; columns: ResultColumn[]; options: RunOptions; cancel: () => void};
type Page = {rows?: {f: {v: unknown}[]}[]; pageToken?: string};

async function* pages(job: Job, {sql, columns, options, cancel}: Reading): AsyncGenerator<Cell[][]> {
  const {signal, onProgress} = options;
  let pageToken: string | undefined;
  let count = 0;
  try {
    do {
      if (signal?.aborted) throw cancelled();
      const page = await pageOf(job, pageToken);
      const rows = (page.rows ?? []).map(({f}) => f.map(({v}, i) => cellOf(v, columns[i])));
      count += rows.length;
      onProgress?.({phase: "fetching", share: null, rows: count});
      if (rows.length) yield rows;
      pageToken = page.pageToken;
    } while (pageToken);
  } catch (error) {
    throw signal?.aborted ? cancelled() : errorOf(error, sql);
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}

async function pageOf(job: Job, pageToken: string | undefined): Promise<Page> {
  const asked = {
    autoPaginate: false,
    maxResults: 10_000,
    pageToken,
    skipParsing: true,
    "formatOptions.useInt64Timestamp": true
  };
  const [, , page] = (await job.getQueryResults(asked as never)) as unknown as [unknown, unknown, Page];
  return page;
}

const cancelled = () => new WarehouseError("cancelled", "the query was cancelled");
