// What every warehouse can do, whatever its driver. A connector is opened for one job or one question, and closed.

/** The SQL a warehouse speaks; the name of its shipped scenario as well. */
export type DialectName = "duckdb" | "postgres" | "bigquery" | "snowflake";

/** How a column's values arrive: exact types, so that nothing is rounded on the way. */
export type ColumnType = "boolean" | "integer" | "double" | "decimal" | "text" | "date" | "timestamp";

export type ResultColumn = {name: string; type: ColumnType};

/**
 * integer: bigint. decimal: its digits as text. date: "2025-10-01". timestamp: microseconds since 1970 in UTC, as
 * bigint. double: number, NaN and ±Infinity included. NULL is null in every type.
 */
export type Cell = bigint | number | string | boolean | null;

/** What a query will cost before it runs; what the engine cannot tell is null. */
export type QueryEstimate = {
  bytes: number | null;
  /** Rows that it will read from tables. */
  rows: number | null;
  /** Rows that it will give. */
  answer: number | null;
  /** How many of its tables' partitions it will read. */
  partitions: {read: number; of: number} | null;
};

/** How far a running query is; share is a fraction, null where the engine does not tell. */
export type Progress = {phase: "waiting" | "running" | "fetching"; share: number | null; rows: number};

export type RunOptions = {
  /** Stops the work at the engine, not only the waiting for it. */
  signal?: AbortSignal;
  timeLimitMs?: number | null;
  /** Refuses a query that would read more, before it runs. */
  byteLimit?: number | null;
  /** Shows in the engine's own history who asked: lower-case letters, digits, "-" and "_". */
  tag?: string | null;
  onProgress?: (progress: Progress) => void;
};

/** A result that arrives in pieces; `batches` may be read once, and to its end, or its `return` stops the work. */
export type Result = {
  columns: ResultColumn[];
  batches: AsyncIterable<Cell[][]>;
  /** What the engine says it read, known after the last batch. */
  facts: () => {bytes: number | null};
};

export type Connector = {
  dialect: DialectName;
  /** Returns one line on what answered, such as "PostgreSQL 17.1 at localhost:5432"; throws a WarehouseError. */
  test(): Promise<string>;
  /** Returns the columns of one SELECT without running it; throws a WarehouseError for anything else. */
  columns(sql: string): Promise<ResultColumn[]>;
  estimate(sql: string): Promise<QueryEstimate>;
  /** Starts one SELECT; an error of the engine, a limit or an abort throws a WarehouseError here or while batches are read. */
  run(sql: string, options?: RunOptions): Promise<Result>;
  close(): Promise<void>;
};
