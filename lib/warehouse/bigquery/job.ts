import {setTimeout as wait} from "node:timers/promises";
import type {Job} from "@google-cloud/bigquery";
import type {Cell, Progress, ResultColumn, RunOptions} from "../connector.js";
import {WarehouseError} from "../error.js";
import {cellOf, type Field} from "./cells.js";
import type {Reason} from "./error.js";

export type Metadata = {
  status: {state: string; errorResult?: Reason};
  statistics: {
    startTime?: string;
    endTime?: string;
    totalBytesProcessed?: string;
    query?: {
      statementType?: string;
      schema?: {fields?: Field[]};
      totalBytesProcessed?: string;
      timeline?: {completedUnits?: string; pendingUnits?: string}[];
    };
  };
};

/** Returns what BigQuery says of a job once it is done; before an abort or an error is thrown, the job is cancelled. */
export async function finished(job: Job, options: RunOptions): Promise<Metadata> {
  try {
    return await unlessAborted(options.signal, () => polled(job, options));
  } catch (error) {
    // The driver knows no abort: only cancelling the job stops the work, and the bill.
    const isCancelled = await job.cancel().then(
      () => true,
      () => false
    );
    throw isCancelled ? error : leftRunning(job, options.signal, error);
  }
}

/** Returns a promise's value; throws the signal's reason as soon as it is aborted. */
export async function unlessAborted<Value>(
  signal: AbortSignal | undefined,
  work: () => Promise<Value>
): Promise<Value> {
  if (!signal) return work();
  signal.throwIfAborted();
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, {once: true});
  });
  return Promise.race([work(), aborted]).finally(() => signal.removeEventListener("abort", abort));
}

/** Yields a finished job's rows, as many at a time as BigQuery sends; throws what the driver throws, or the abort. */
export async function* pages(
  job: Job,
  columns: ResultColumn[],
  {signal, onProgress}: RunOptions
): AsyncGenerator<Cell[][]> {
  let pageToken: string | undefined;
  let count = 0;
  do {
    const page = await unlessAborted(signal, () => pageOf(job, pageToken));
    const rows = (page.rows ?? []).map(({f}) => f.map(({v}, i) => cellOf(v, columns[i])));
    count += rows.length;
    onProgress?.({phase: "fetching", share: shareOf(count, Number(page.totalRows ?? 0)), rows: count});
    if (rows.length) yield rows;
    pageToken = page.pageToken;
  } while (pageToken);
}

async function polled(job: Job, {signal, onProgress}: RunOptions): Promise<Metadata> {
  for (let pause = 50; ; pause = Math.min(pause * 1.5, 2000)) {
    const [metadata] = (await job.getMetadata()) as unknown as [Metadata];
    if (metadata.status.state === "DONE") return metadata;
    onProgress?.(progressOf(metadata));
    await wait(pause, undefined, {signal});
  }
}

function progressOf({status, statistics}: Metadata): Progress {
  const {completedUnits = 0, pendingUnits = 0} = statistics?.query?.timeline?.at(-1) ?? {};
  return {
    phase: status.state === "PENDING" ? "waiting" : "running",
    share: shareOf(Number(completedUnits), Number(completedUnits) + Number(pendingUnits)),
    rows: 0
  };
}

const shareOf = (part: number, whole: number) => (whole > 0 ? part / whole : null);

function leftRunning({id}: Job, signal: AbortSignal | undefined, error: unknown): WarehouseError {
  const [kind, words] = signal?.aborted
    ? (["cancelled", "the query was given up"] as const)
    : (["network", error instanceof Error ? error.message : String(error)] as const);
  return new WarehouseError(
    kind,
    `${words}; its job may still run, for it could not be cancelled: ${id}`,
    "cancel the job in BigQuery's console"
  );
}

type Page = {rows?: {f: {v: unknown}[]}[]; pageToken?: string; totalRows?: string};

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
