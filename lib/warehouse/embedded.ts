// The embedded DuckDB as a warehouse: the user's files, read-only.

import {stat} from "node:fs/promises";
import {join} from "node:path";
import type {EmbeddedWarehouse} from "../types.js";
import type {Cell, ColumnType, Connector, QueryEstimate, ResultColumn} from "./connector.js";
import {openWarehouse, tableFiles, type Column, type DuckDB} from "./duckdb.js";
import {refuseBytes} from "./limits.js";

/** A connector whose engine writes Parquet itself, so that no row passes through here. */
export type EmbeddedConnector = Connector & {engine: DuckDB};

/** Returns a connector to a folder or a DuckDB file; throws a UserError where there is nothing to open. */
export async function openEmbedded(
  warehouse: EmbeddedWarehouse,
  {writable}: {writable: string[]}
): Promise<EmbeddedConnector> {
  const engine = await openWarehouse(warehouse, {writable});
  return {
    dialect: "duckdb",
    engine,
    test: async () => {
      const [{version, tables}] = await engine.rows(
        "select version() as version, (select count(*) from duckdb_tables()) + (select count(*) from duckdb_views() where not internal) as tables"
      );
      return `DuckDB ${version}, ${tables} tables at ${warehouse.path}`;
    },
    columns: async (sql) => (await engine.columns(sql)).map(resultColumn),
    estimate: (sql) => estimate(engine, sql),
    run: async (sql, options = {}) => {
      await refuseBytes(options.byteLimit, () => estimate(engine, sql));
      const columns = (await engine.columns(sql)).map(resultColumn);
      const rows = await engine.cells(sql, options);
      return {columns, batches: oneBatch(rows), facts: () => ({bytes: null})};
    },
    close: async () => engine.close()
  };
}

/** Returns a text that changes whenever a file of the warehouse does: names, sizes and times of change. */
export async function embeddedIdentity({path}: EmbeddedWarehouse): Promise<string> {
  const found = await stat(path);
  const files = found.isDirectory() ? (await tableFiles(path)).map((file) => join(path, file)) : [path];
  const stats = await Promise.all(files.map(async (file) => ({file, ...(await stat(file))})));
  return JSON.stringify(stats.map(({file, size, mtimeMs}) => [file, size, mtimeMs]));
}

// The engine's streams end without a word where an error comes late: results are read whole.
async function* oneBatch(rows: Cell[][]): AsyncGenerator<Cell[][]> {
  yield rows;
}

const types: [RegExp, ColumnType][] = [
  [/^BOOLEAN$/, "boolean"],
  [/^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/, "integer"],
  [/^(DOUBLE|FLOAT)$/, "double"],
  [/^DECIMAL/, "decimal"],
  [/^DATE$/, "date"],
  [/^TIMESTAMP/, "timestamp"]
];

function resultColumn({name, type}: Column): ResultColumn {
  return {name, type: types.find(([pattern]) => pattern.test(type))?.[1] ?? "text"};
}

type Plan = {name: string; extra_info: Record<string, unknown>; children: Plan[]};

// What the plan scans: of Parquet the compressed bytes of just the columns it reads, as their footers tell.
async function estimate(engine: DuckDB, sql: string): Promise<QueryEstimate> {
  await engine.columns(sql);
  const [row] = await engine.rows(`explain (format json) ${sql.trim().replace(/;+\s*$/, "")}`);
  const scans = scansOf(JSON.parse(String(row.explain_value)) as Plan[]);
  let bytes: number | null = scans.length ? 0 : null;
  for (const {extra_info: found} of scans) {
    const size = await scannedBytes(engine, found);
    bytes = bytes === null || size === null ? null : bytes + size;
  }
  const rows = scans.map(({extra_info: found}) => Number(found["Estimated Cardinality"] ?? NaN));
  return {bytes, rows: rows.length && rows.every(Number.isFinite) ? rows.reduce((a, b) => a + b, 0) : null};
}

function scansOf(plans: Plan[]): Plan[] {
  return plans.flatMap((plan) => [
    ...(/SCAN|READ_/.test(plan.name) && !/CTE_SCAN|DELIM/.test(plan.name) ? [plan] : []),
    ...scansOf(plan.children)
  ]);
}

async function scannedBytes(engine: DuckDB, found: Record<string, unknown>): Promise<number | null> {
  if (!/PARQUET/.test(String(found.Function ?? ""))) return null;
  const projections = [found.Projections ?? []].flat().map(String);
  const files = String(found["Filename(s)"] ?? "");
  if (!files) return null;
  const list = projections.map((name) => `'${name.replaceAll("'", "''")}'`).join(", ") || "''";
  const [row] = await engine.rows(
    `select coalesce(sum(total_compressed_size), 0)::double as bytes from parquet_metadata('${files.replaceAll("'", "''")}') where path_in_schema in (${list})`
  );
  return Number(row.bytes);
}
