import {mkdir, readdir, stat} from "node:fs/promises";
import {tmpdir} from "node:os";
import {basename, extname, join} from "node:path";
import {
  DuckDBInstance,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTypeId,
  JSDuckDBValueConverter,
  StatementType,
  type DuckDBConnection,
  type DuckDBValue,
  type DuckDBValueConverter
} from "@duckdb/node-api";
import {startCommand} from "../command.js";
import {UserError} from "../errors.js";
import {aside} from "../aside.js";
import type {Cell, RunOptions} from "./connector.js";
import {errorOf} from "./duckdb/error.js";
import {inTurn, interruptible} from "./duckdb/interruptible.js";
import type {EmbeddedWarehouse} from "../config/types.js";

export type Value = string | number | boolean | null;
export type Row = Record<string, Value>;
export type Column = {name: string; type: string};

/**
 * An embedded DuckDB that answers questions; nothing it does outlives close() but the files it was told to write. What
 * takes long waits for its turn among all that ask an embedded DuckDB in this process.
 */
export type DuckDB = {
  /** Runs SQL of our own and returns its rows; whole numbers beyond 2^53 come as text. */
  rows(sql: string): Promise<Row[]>;
  /** Throws a UserError, with the engine's own words, where SQL is not one statement it can parse. */
  parse(sql: string): Promise<void>;
  /** Returns the columns a single SELECT would give, without running it; throws a UserError for anything else. */
  columns(sql: string): Promise<Column[]>;
  /** Returns the rows of a single SELECT as a connector does, typed exactly. */
  cells(sql: string, options?: RunOptions): Promise<Cell[][]>;
  /** Runs a statement of our own without a result; an abort or the time limit stops the engine. */
  run(sql: string, options?: RunOptions): Promise<void>;
  /** Writes a SELECT's rows as Parquet and returns how many there were; an abort or the time limit stops the engine. */
  writeParquet(sql: string, file: string, options?: RunOptions & Written): Promise<number>;
  close(): void;
};

/** How a file is written; contents are what it says of itself, under the key expanto. */
export type Written = {compression?: "zstd" | "lz4_raw"; contents?: string};

export type DuckDBOptions = {memoryLimit?: string; threads?: number | null; tempFolder?: string};

/** Returns an in-memory DuckDB in UTC with a memory limit; what does not fit spills to the temporary folder. */
export async function openDuckDB({
  memoryLimit = "2GB",
  threads = null,
  tempFolder = tmpdir()
}: DuckDBOptions = {}): Promise<DuckDB> {
  const instance = await DuckDBInstance.create(":memory:", {
    memory_limit: memoryLimit,
    ...(threads ? {threads: String(threads)} : {}),
    temp_directory: spillFolder(tempFolder)
  });
  const connection = await instance.connect();
  await connection.run("set TimeZone = 'UTC'");
  await connection.run("set enable_progress_bar = true");
  await connection.run("set enable_progress_bar_print = false");
  await connection.run("set progress_bar_time = 0");
  return {
    rows: (sql) => inTurn(() => rowsOf(connection, sql)),
    parse: (sql) => parse(connection, sql),
    columns: (sql) => columnsOf(connection, sql),
    cells: (sql, options) => cellsOf(connection, sql, options),
    run: async (sql, options = {}) => {
      await interruptible(connection, sql, options, () => connection.run(sql));
    },
    writeParquet: (sql, file, options) => writeParquet(connection, sql, file, options),
    close: () => {
      connection.closeSync();
      instance.closeSync();
    }
  };
}

// Two engines that spill into one folder overwrite each other's files.
const spillFolder = (folder: string) => aside(join(folder, "expanto-spill"));

/**
 * Returns a DuckDB in which each Parquet or CSV file of the warehouse's folder is a table of that name, or
 * whose tables are those of the warehouse's database file, opened read-only; throws a UserError where
 * there is nothing to open. No other file can be reached from its SQL but the folders given as writable.
 */
export async function openWarehouse(
  warehouse: EmbeddedWarehouse,
  {writable}: {writable: string[]}
): Promise<DuckDB> {
  const found = await stat(warehouse.path).catch(() => null);
  if (!found) {
    throw new UserError(
      `there is no warehouse at ${warehouse.path}`,
      `set warehouse.path in expanto.config.yaml; without one, ${startCommand} makes demo data`
    );
  }
  for (const folder of writable) await mkdir(folder, {recursive: true});
  const duckdb = await openDuckDB({...warehouse, tempFolder: writable[0]});
  try {
    if (found.isDirectory()) await createViews(duckdb, warehouse.path);
    else await attach(duckdb, warehouse.path);
    await confine(duckdb, found.isDirectory() ? [warehouse.path, ...writable] : writable);
  } catch (error) {
    duckdb.close();
    throw error;
  }
  return duckdb;
}

/** Returns text as a SQL string literal. */
export const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** Returns text as a quoted SQL identifier. */
export const identifier = (text: string) => `"${text.replaceAll('"', '""')}"`;

const tableEndings = [".parquet", ".csv"];

/** Returns the names of the files of a folder that are tables, in order. */
export async function tableFiles(folder: string): Promise<string[]> {
  return (await readdir(folder))
    .filter((file) => tableEndings.includes(extname(file)) && !file.startsWith("."))
    .sort();
}

async function createViews(duckdb: DuckDB, folder: string) {
  const files = await tableFiles(folder);
  if (!files.length)
    throw new UserError(
      `the warehouse folder holds no table: ${folder}`,
      "put .parquet or .csv files there; each becomes a table of its name"
    );
  for (const file of files) {
    const name = identifier(basename(file, extname(file)));
    try {
      await duckdb.rows(`create view ${name} as select * from ${await tableOf(duckdb, join(folder, file))}`);
    } catch (error) {
      throw new UserError(
        `${join(folder, file)} cannot be read: ${firstLine(error)}`,
        "repair or remove the file"
      );
    }
  }
}

async function tableOf(duckdb: DuckDB, file: string): Promise<string> {
  const path = literal(file);
  if (extname(file) === ".parquet") return `read_parquet(${path})`;
  const long = await longNumbers(duckdb, path);
  return long.length
    ? `read_csv(${path}, types = {${long.map((name) => `${literal(name)}: 'VARCHAR'`).join(", ")}})`
    : `read_csv(${path})`;
}

// Whole numbers too long for an integer are guessed to be DOUBLE, in which neighbouring ids become one.
async function longNumbers(duckdb: DuckDB, path: string): Promise<string[]> {
  const doubles = (await duckdb.columns(`select * from read_csv(${path})`)).filter(
    ({type}) => type === "DOUBLE"
  );
  if (!doubles.length) return [];
  const isLong = ({name}: Column) =>
    `bool_or(regexp_full_match(${identifier(name)}, '\\d{16,}')) as ${identifier(name)}`;
  const [row] = await duckdb.rows(
    `select ${doubles.map(isLong).join(", ")} from read_csv(${path}, all_varchar = true)`
  );
  return doubles.filter(({name}) => row[name]).map(({name}) => name);
}

async function attach(duckdb: DuckDB, file: string) {
  await duckdb.rows(`attach ${literal(file)} as warehouse (read_only)`).catch((error) => {
    throw new UserError(
      `${file} cannot be opened as a DuckDB database: ${firstLine(error)}`,
      "another process may hold it open for writing"
    );
  });
  await duckdb.rows("use warehouse");
}

async function confine(duckdb: DuckDB, folders: string[]) {
  await duckdb.rows(`set allowed_directories = [${folders.map(literal).join(", ")}]`);
  await duckdb.rows("set enable_external_access = false");
  await duckdb.rows("set lock_configuration = true");
}

// Chunk by chunk, so that a long answer leaves room for others in between.
async function rowsOf(connection: DuckDBConnection, sql: string): Promise<Row[]> {
  const result = await connection.run(sql);
  const rows: Row[] = [];
  for await (const chunk of result.yieldConvertedRowObjects(asPlain)) rows.push(...chunk);
  return rows;
}

const asPlain: DuckDBValueConverter<Value> = (value, type) =>
  plain(JSDuckDBValueConverter(value, type, JSDuckDBValueConverter));

function plain(value: unknown): Value {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return value.toISOString();
  if (value === null || typeof value === "number" || typeof value === "boolean") return value;
  return String(value);
}

async function parse(connection: DuckDBConnection, sql: string) {
  try {
    const {count} = await connection.extractStatements(sql);
    if (count !== 1)
      throw new UserError(`it renders to ${count} statements`, "a template gives exactly one SELECT");
  } catch (error) {
    throw error instanceof UserError
      ? error
      : new UserError(
          `the SQL does not parse: ${String(error instanceof Error ? error.message : error).trim()}`
        );
  }
}

async function columnsOf(connection: DuckDBConnection, sql: string): Promise<Column[]> {
  const statements = await connection.extractStatements(sql).catch((error: Error) => {
    const named = /^\w+ Error: /.test(error.message) ? error.message : `Parser Error: ${error.message}`;
    throw errorOf(new Error(named), sql);
  });
  const prepared =
    statements.count === 1
      ? await statements.prepare(0).catch((error) => {
          throw errorOf(error, sql);
        })
      : null;
  if (prepared?.statementType !== StatementType.SELECT) {
    throw new UserError(
      "the query is not one SELECT statement",
      "a template gives exactly one statement that only reads"
    );
  }
  const described = await rowsOf(connection, `describe ${bare(sql)}`).catch((error) => {
    throw errorOf(error, sql);
  });
  return described.map((row) => ({name: String(row.column_name), type: String(row.column_type)}));
}

async function cellsOf(connection: DuckDBConnection, sql: string, options: RunOptions = {}) {
  const reader = await interruptible(connection, sql, options, () => connection.runAndReadAll(bare(sql)));
  const types = reader.columnTypes();
  return reader.getRows().map((row) => row.map((value, index) => cellOf(value, types[index].typeId)));
}

function cellOf(value: DuckDBValue, type: DuckDBTypeId): Cell {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return isWhole.has(type) ? BigInt(value) : value;
  if (typeof value === "bigint") return value;
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) return value.micros;
  return String(value);
}

const isWhole = new Set([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER
]);

async function writeParquet(
  connection: DuckDBConnection,
  sql: string,
  file: string,
  {compression = "zstd", contents, ...options}: RunOptions & Written = {}
): Promise<number> {
  const said = contents === undefined ? "" : `, kv_metadata {expanto: ${literal(contents)}}`;
  // The newline ends a line comment that the query may end with.
  const copy = `copy (${bare(sql)}\n) to ${literal(file)} (format parquet, compression ${compression}${said})`;
  const result = await interruptible(connection, sql, options, () => connection.runAndReadAll(copy));
  return Number(result.getRowsJS()[0][0]);
}

const bare = (sql: string) => sql.trim().replace(/;+\s*$/, "");
const firstLine = (error: unknown) => (error instanceof Error ? error.message : String(error)).split("\n")[0];
