// What an engine says of a query before it runs, in words.

import {cacheFolder} from "../cache.js";
import {counted} from "../stats/words.js";
import type {Config} from "../config/types.js";
import type {DialectName, QueryEstimate} from "./connector.js";
import {readable} from "./limits.js";
import {openConnector} from "./open.js";

/** Returns what the configured warehouse says a query would read and give; throws a WarehouseError where it refuses it. */
export async function estimateWords(config: Config, sql: string): Promise<string> {
  const connector = await openConnector(config.warehouse, {writable: [cacheFolder(config)]});
  try {
    return saidOf(await connector.estimate(sql), connector.dialect);
  } finally {
    await connector.close();
  }
}

/** Returns an estimate as people read it, with a word for each thing that the engine does not tell. */
// DuckDB's number of rows in an answer is a guess from the tables' sizes, whatever the query filters by: it is not said.
export function saidOf({bytes, rows, answer, partitions}: QueryEstimate, dialect: DialectName): string {
  const reads = [
    ...(bytes === null ? [] : [readable(bytes)]),
    ...(rows === null ? [] : [counted(rows, "row")]),
    ...(partitions ? [`${partitions.read} of ${partitions.of} micro-partitions`] : [])
  ];
  return [
    reads.length ? `It would read about ${reads.join(", ")}.` : "",
    answer === null || dialect === "duckdb" ? "" : `It would give about ${counted(answer, "row")}.`,
    bytes === null ? withoutBytes[dialect] : "",
    rows === null ? withoutRows[dialect] : ""
  ]
    .filter(Boolean)
    .join(" ");
}

const withoutBytes: Record<DialectName, string> = {
  duckdb: "DuckDB does not tell the bytes of a database file.",
  postgres: "PostgreSQL does not tell the bytes.",
  bigquery: "BigQuery does not tell the bytes.",
  snowflake: "Snowflake does not tell the bytes."
};

const withoutRows: Record<DialectName, string> = {
  duckdb: "DuckDB does not tell the rows of such a query.",
  postgres: "PostgreSQL does not tell the rows.",
  bigquery: "A dry run of BigQuery tells no rows.",
  snowflake: "A plan of Snowflake tells no rows."
};
