import {expect, test} from "vitest";
import type {DialectName, QueryEstimate} from "../../../lib/warehouse/connector.js";
import {saidOf} from "../../../lib/warehouse/estimate.js";

const nothing: QueryEstimate = {bytes: null, rows: null, answer: null, partitions: null};

test.each<[DialectName, Partial<QueryEstimate>, string]>([
  [
    "postgres",
    {bytes: 1_200_000, rows: 25_000, answer: 1},
    "It would read about 1.2 MB, 25,000 rows. It would give about 1 row."
  ],
  ["bigquery", {bytes: 5_000_000_000}, "It would read about 5.0 GB. A dry run of BigQuery tells no rows."],
  [
    "snowflake",
    {bytes: 5_000_000, partitions: {read: 1, of: 4}},
    "It would read about 5.0 MB, 1 of 4 micro-partitions. A plan of Snowflake tells no rows."
  ],
  [
    "duckdb",
    {rows: 10, answer: 2},
    "It would read about 10 rows. DuckDB does not tell the bytes of a database file."
  ]
])("%s says what it knows, and what it does not", (dialect, told, words) => {
  expect(saidOf({...nothing, ...told}, dialect)).toBe(words);
});
