// Rows of any warehouse as one Parquet file, typed exactly.

import {
  DOUBLE,
  BIGINT,
  BOOLEAN,
  DuckDBDataChunk,
  DuckDBInstance,
  DuckDBTimestampValue,
  TIMESTAMP,
  VARCHAR,
  type DuckDBType,
  type DuckDBValue
} from "@duckdb/node-api";
import {UserError} from "../errors.js";
import type {Cell, ColumnType, Connector, Result, ResultColumn, RunOptions} from "./connector.js";
import {identifier, literal, type Row} from "./duckdb.js";
import type {EmbeddedConnector} from "./embedded.js";
import {refuseBytes} from "./limits.js";

/**
 * Runs one SELECT and writes its rows as Parquet; returns how many there were. Decimals become doubles, but in the
 * columns named `exact` (ids) they stay text. An abort or a limit stops the engine and throws a WarehouseError.
 */
export async function writeParquet(
  connector: Connector,
  sql: string,
  {file, exact = [], ...options}: {file: string; exact?: string[]} & RunOptions
): Promise<number> {
  if (isEmbedded(connector)) {
    await refuseBytes(options.byteLimit, () => connector.estimate(sql));
    return connector.engine.writeParquet(sql, file, options);
  }
  return writeResult(await connector.run(sql, options), {file, exact, options});
}

/** Returns a small result as rows of plain values: decimals and whole numbers as numbers, times as microseconds. */
export async function rowsOf(connector: Connector, sql: string, options: RunOptions = {}): Promise<Row[]> {
  const {columns, batches} = await connector.run(sql, options);
  const found: Row[] = [];
  for await (const rows of batches) {
    for (const row of rows)
      found.push(Object.fromEntries(columns.map(({name, type}, i) => [name, plain(row[i], type)])));
  }
  return found;
}

const plain = (cell: Cell, type: ColumnType): Row[string] =>
  cell !== null && ["integer", "decimal", "timestamp"].includes(type) ? Number(cell) : (cell as Row[string]);

/** Returns whether a connector is to the embedded engine. */
export const isEmbedded = (connector: Connector): connector is EmbeddedConnector => "engine" in connector;

type Target = {file: string; exact: string[]; options: RunOptions};

async function writeResult(result: Result, {file, exact, options}: Target): Promise<number> {
  const columns = result.columns.map((column) => stagedAs(column, exact));
  const instance = await DuckDBInstance.create(":memory:", {memory_limit: "1GB"});
  const connection = await instance.connect();
  let count = 0;
  try {
    const names = columns.map(({name, type}) => `${identifier(name)} ${String(type)}`);
    await connection.run(`create table rows (${names.join(", ")})`);
    const appender = await connection.createAppender("rows");
    for await (const rows of result.batches) {
      for (let from = 0; from < rows.length; from += 2048)
        appender.appendDataChunk(chunkOf(rows.slice(from, from + 2048), columns));
      count += rows.length;
      options.onProgress?.({phase: "fetching", share: null, rows: count});
    }
    appender.closeSync();
    const selected = columns.map(({name, isDate}) =>
      isDate ? `cast(${identifier(name)} as date) as ${identifier(name)}` : identifier(name)
    );
    await connection.run(
      `copy (select ${selected.join(", ")} from rows) to ${literal(file)} (format parquet, compression zstd)`
    );
    return count;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

type Staged = {name: string; type: DuckDBType; isDate: boolean; value: (cell: Cell) => DuckDBValue};

const stagings: Record<ColumnType, {type: DuckDBType; value: (cell: Cell) => DuckDBValue}> = {
  boolean: {type: BOOLEAN, value: (cell) => cell},
  integer: {type: BIGINT, value: (cell) => cell},
  double: {type: DOUBLE, value: (cell) => cell},
  decimal: {type: DOUBLE, value: (cell) => (cell === null ? null : Number(cell))},
  text: {type: VARCHAR, value: (cell) => cell},
  date: {type: VARCHAR, value: (cell) => cell},
  timestamp: {
    type: TIMESTAMP,
    value: (cell) => (cell === null ? null : new DuckDBTimestampValue(cell as bigint))
  }
};

function stagedAs({name, type}: ResultColumn, exact: string[]): Staged {
  const kind = type === "decimal" && exact.includes(name.toLowerCase()) ? "text" : type;
  const {type: staged, value} = stagings[kind];
  const checked = (cell: Cell) => value(kind === "integer" ? withinRange(cell, name) : cell);
  return {name, type: staged, isDate: kind === "date", value: checked};
}

function withinRange(cell: Cell, name: string): Cell {
  if (cell === null || BigInt.asIntN(64, cell as bigint) === cell) return cell;
  throw new UserError(
    `the column ${name} holds a whole number beyond 64 bits: ${cell}`,
    "cast it to text in the template if it is an id, or to a double"
  );
}

function chunkOf(rows: Cell[][], columns: Staged[]): DuckDBDataChunk {
  const chunk = DuckDBDataChunk.create(
    columns.map(({type}) => type),
    rows.length
  );
  chunk.setColumns(columns.map(({value}, index) => rows.map((row) => value(row[index]))));
  return chunk;
}
