// Queries of the embedded engine: in turn, and stopped by an abort or a time limit.

import type {DuckDBConnection} from "@duckdb/node-api";
import type {Progress, RunOptions} from "../connector.js";
import {turnsOf} from "../turns.js";
import {cancelled, errorOf, late} from "./error.js";

// Each query works on all cores and holds one of the process's threads, of which files need some too.
const mostAtOnce = 3;

/** Lets one query of any embedded DuckDB in this process work in its turn. */
export const inTurn = turnsOf(mostAtOnce);

/**
 * Returns what a query returns, in its turn; an abort, also while waiting, or the time limit stops it. Errors are told in
 * the engine's words, with the line of the query they point to.
 */
export async function interruptible<Answer>(
  connection: DuckDBConnection,
  sql: string,
  options: RunOptions,
  run: () => Promise<Answer>
): Promise<Answer> {
  const {signal, onProgress} = options;
  if (signal?.aborted) throw cancelled();
  const onWait = () => onProgress?.({phase: "waiting", share: null, rows: 0});
  try {
    return await inTurn(() => stoppable(connection, sql, options, run), {signal, onWait});
  } catch (error) {
    throw signal?.aborted ? cancelled() : error;
  }
}

async function stoppable<Answer>(
  connection: DuckDBConnection,
  sql: string,
  {signal, timeLimitMs, onProgress}: RunOptions,
  run: () => Promise<Answer>
): Promise<Answer> {
  let isLate = false;
  let again: NodeJS.Timeout | undefined;
  // The engine does not hear an interrupt before it has begun, so it is told until it stops.
  const interrupt = () => {
    connection.interrupt();
    again = setInterval(() => connection.interrupt(), 20);
  };
  const limit = timeLimitMs
    ? setTimeout(() => {
        isLate = true;
        interrupt();
      }, timeLimitMs)
    : undefined;
  const beat = onProgress ? setInterval(() => onProgress(progressOf(connection)), 200) : undefined;
  signal?.addEventListener("abort", interrupt, {once: true});
  try {
    return await run();
  } catch (error) {
    throw isLate ? late(timeLimitMs!) : errorOf(error, sql);
  } finally {
    clearTimeout(limit);
    clearInterval(again);
    clearInterval(beat);
    signal?.removeEventListener("abort", interrupt);
  }
}

function progressOf(connection: DuckDBConnection): Progress {
  const {percentage} = connection.progress;
  return {phase: "running", share: percentage >= 0 ? percentage / 100 : null, rows: 0};
}
