// The embedded DuckDB as a warehouse: the user's files, read-only.

import {stat} from "node:fs/promises";
import {basename, extname, join} from "node:path";
import type {EmbeddedWarehouse} from "../config/types.js";
import type {Cell, ColumnType, Connector, QueryEstimate, ResultColumn} from "./connector.js";
import {literal, openWarehouse, tableFiles, type Column, type DuckDB} from "./duckdb.js";
import {refuseBytes} from "./limits.js";

/** A connector whose engine writes Parquet itself, so that no row passes through here. */
export type EmbeddedConnector = Connector & {engine: DuckDB};

/** Returns a connector to a folder or a DuckDB file; throws a UserError where there is nothing to open. */
export async function openEmbedded(
  warehouse: EmbeddedWarehouse,
  {writable}: {writable: string[]}
): Promise<EmbeddedConnector> {
  const engine = await openWarehouse(warehouse, {writable});
  const source = {engine, path: warehouse.path};
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
    estimate: (sql) => estimate(source, sql),
    run: async (sql, options = {}) => {
      await refuseBytes(options.byteLimit, () => estimate(source, sql));
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

/** What the files of a folder are estimated by. */
type Source = {engine: DuckDB; path: string};

// The plan tells which columns are read, not of which file: those of every file that the query names are counted.
async function estimate({engine, path}: Source, sql: string): Promise<QueryEstimate> {
  await engine.columns(sql);
  const [row] = await engine.rows(`explain (format json) ${sql.trim().replace(/;+\s*$/, "")}`);
  const plans = JSON.parse(String(row.explain_value)) as Plan[];
  const scans = scansOf(plans);
  return {
    bytes: await bytesOf({engine, path}, sql, scans.flatMap(columnsOfScan)),
    rows: scans.length ? rowsOf(scans) : null,
    answer: rowsOf(plans),
    partitions: null
  };
}

function rowsOf(plans: Plan[]): number | null {
  const rows = plans.map(({extra_info: found}) => Number(found["Estimated Cardinality"] ?? NaN));
  return rows.every(Number.isFinite) ? rows.reduce((a, b) => a + b, 0) : null;
}

function scansOf(plans: Plan[]): Plan[] {
  return plans.flatMap((plan) => [
    ...(/SCAN|READ_/.test(plan.name) && !/CTE_SCAN|DELIM|COLUMN_DATA/.test(plan.name) ? [plan] : []),
    ...scansOf(plan.children)
  ]);
}

const columnsOfScan = ({extra_info: found}: Plan): string[] =>
  [found.Projections ?? [], String(found.Filters ?? "").match(/\w+/g) ?? []].flat(2).map(String);

// Of Parquet the compressed bytes of those columns, as its footer tells; of CSV all of it.
async function bytesOf({engine, path}: Source, sql: string, columns: string[]): Promise<number | null> {
  if (!(await stat(path)).isDirectory()) return null;
  const isNamed = (file: string) => sql.toLowerCase().includes(basename(file, extname(file)).toLowerCase());
  const files = (await tableFiles(path)).filter(isNamed);
  let bytes = 0;
  for (const file of files) {
    const full = join(path, file);
    if (extname(file) !== ".parquet") bytes += (await stat(full)).size;
    else {
      const [row] = await engine.rows(
        `select coalesce(sum(total_compressed_size), 0)::double as bytes from parquet_metadata(${literal(full)})
         where path_in_schema in (${columns.map(literal).join(", ") || "''"})`
      );
      bytes += Number(row.bytes);
    }
  }
  return bytes;
}
