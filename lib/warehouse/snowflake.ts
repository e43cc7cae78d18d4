import {rememberKey} from "../config/secrets.js";
import {readFile} from "node:fs/promises";
import type {Connection, RowStatement} from "snowflake-sdk";
import type {SnowflakeWarehouse} from "../config/types.js";
import type {Cell, Connector, QueryEstimate, ResultColumn, Result, RunOptions} from "./connector.js";
import {WarehouseError} from "./error.js";
import {refuseBytes} from "./limits.js";
import {cellOf, columnOf, type DriverColumn} from "./snowflake/cells.js";
import {errorOf} from "./snowflake/error.js";

/**
 * Returns a connector to Snowflake, by a service user's key pair; sessions are in UTC. Throws a WarehouseError where
 * nobody answers, the key cannot be read or is refused.
 */
export async function openSnowflake(warehouse: SnowflakeWarehouse): Promise<Connector> {
  const connection = await connect(warehouse);
  return {
    dialect: "snowflake",
    test: async () => {
      await columnsOf(connection, "select 1");
      const {account, user, warehouse: machine} = warehouse;
      return `Snowflake, account ${account}, as ${user}${machine ? `, warehouse ${machine}` : ""}`;
    },
    columns: (sql) => columnsOf(connection, sql),
    estimate: (sql) => estimateOf(connection, sql),
    run: async (sql, options = {}) => {
      await refuseBytes(options.byteLimit, () => estimateOf(connection, sql));
      return run(connection, sql, options);
    },
    close: () => new Promise((resolve) => connection.destroy(() => resolve()))
  };
}

async function connect(warehouse: SnowflakeWarehouse): Promise<Connection> {
  const privateKey = await privateKeyOf(warehouse);
  const sdk = await driver();
  const {account, user, role, warehouse: machine, database, schema, passphrase, endpoint} = warehouse;
  const connection = sdk.createConnection({
    account,
    username: user,
    authenticator: "SNOWFLAKE_JWT",
    privateKey,
    application: "Expanto",
    ...(passphrase ? {privateKeyPass: passphrase} : {}),
    ...(role ? {role} : {}),
    ...(machine ? {warehouse: machine} : {}),
    ...(database ? {database} : {}),
    ...(schema ? {schema} : {}),
    ...(endpoint ? {accessUrl: endpoint} : {})
  });
  return new Promise((resolve, reject) => {
    const failed = (error: unknown) => reject(errorOf(error, {account}));
    try {
      connection.connect((error) => (error ? failed(error) : resolve(connection)));
    } catch (error) {
      failed(error);
    }
  });
}

async function privateKeyOf({privateKeyFile, passphrase}: SnowflakeWarehouse): Promise<string> {
  const key = await readFile(privateKeyFile, "utf8").catch((error: Error) => {
    throw new WarehouseError(
      "credentials",
      `the private key cannot be read: ${error.message}`,
      "warehouse.private_key_file names a PEM file (PKCS 8)"
    );
  });
  rememberKey(key);
  // OpenSSL would ask for it at the terminal, and wait.
  if (/ENCRYPTED/.test(key) && !passphrase) {
    throw new WarehouseError(
      "credentials",
      `the private key ${privateKeyFile} has a passphrase, and none is set`,
      "set EXPANTO_SNOWFLAKE_PASSPHRASE"
    );
  }
  return key;
}

// Importing the driver asks cloud metadata addresses where it runs, unless it is told not to before.
async function driver() {
  process.env.SNOWFLAKE_DISABLE_PLATFORM_DETECTION = "true";
  process.env.SF_TELEMETRY_DISABLE_CONNECTION_SHAPE = "true";
  const {default: sdk} = await import("snowflake-sdk");
  sdk.configure({logLevel: "OFF", additionalLogToConsole: false});
  return sdk;
}

// As a table in FROM, the text can be nothing but one query that reads; the line breaks end its comments.
const wrapped = (sql: string) => `select * from (\n${sql.trimEnd().replace(/;+$/, "")}\n)`;
const linesBefore = 1;

const session = {MULTI_STATEMENT_COUNT: 1, TIMEZONE: "UTC"};

type Asked = {
  sqlText: string;
  describeOnly?: boolean;
  streamResult?: boolean;
  parameters?: Record<string, unknown>;
};
type Running = {statement: RowStatement; finished: Promise<RowStatement>};

function execute(connection: Connection, sql: string, {parameters, ...asked}: Asked): Running {
  let statement!: RowStatement;
  const finished = new Promise<RowStatement>((resolve, reject) => {
    statement = connection.execute({
      ...asked,
      parameters: {...session, ...parameters},
      rowMode: "array",
      fetchAsString: ["Number"],
      complete: (error: unknown, done: RowStatement) =>
        error ? reject(errorOf(error, {sql, linesBefore})) : resolve(done)
    } as Parameters<Connection["execute"]>[0]) as RowStatement;
  });
  return {statement, finished};
}

const columnsOfStatement = (statement: RowStatement): ResultColumn[] =>
  (statement.getColumns() as unknown as DriverColumn[]).map(columnOf);

async function columnsOf(connection: Connection, sql: string): Promise<ResultColumn[]> {
  const {finished} = execute(connection, sql, {sqlText: wrapped(sql), describeOnly: true});
  return columnsOfStatement(await finished);
}

type PlanStats = {bytesAssigned?: number; partitionsAssigned?: number; partitionsTotal?: number};

async function estimateOf(connection: Connection, sql: string): Promise<QueryEstimate> {
  const asked = {sqlText: `explain using json ${wrapped(sql)}`, streamResult: true};
  const [[plan]] = await read(await execute(connection, sql, asked).finished, (row) => row as [string]);
  const {GlobalStats: stats} = JSON.parse(plan) as {GlobalStats?: PlanStats};
  const {bytesAssigned = null, partitionsAssigned, partitionsTotal} = stats ?? {};
  const isPartitioned = partitionsAssigned !== undefined && partitionsTotal !== undefined;
  return {
    bytes: bytesAssigned,
    rows: null,
    answer: null,
    partitions: isPartitioned ? {read: partitionsAssigned, of: partitionsTotal} : null
  };
}

async function read<T>(statement: RowStatement, map: (row: unknown[]) => T): Promise<T[]> {
  const rows: T[] = [];
  for await (const row of statement.streamRows()) rows.push(map(row as unknown[]));
  return rows;
}

async function run(connection: Connection, sql: string, options: RunOptions): Promise<Result> {
  const {signal, timeLimitMs, tag, onProgress} = options;
  if (signal?.aborted) throw cancelled();
  onProgress?.({phase: "running", share: null, rows: 0});
  const {statement, finished} = execute(connection, sql, {
    sqlText: wrapped(sql),
    streamResult: true,
    parameters: {
      ...(tag ? {QUERY_TAG: tag} : {}),
      ...(timeLimitMs ? {STATEMENT_TIMEOUT_IN_SECONDS: Math.max(1, Math.ceil(timeLimitMs / 1000))} : {})
    }
  });
  let isOver = false;
  // A query the service has not heard of yet cannot be cancelled: it is asked again.
  const cancel = () =>
    statement.cancel((error: unknown) => void (error && !isOver ? setTimeout(cancel, 100) : null));
  signal?.addEventListener("abort", cancel, {once: true});
  try {
    const done = await finished.finally(() => (isOver = true));
    const columns = columnsOfStatement(done);
    return {columns, batches: batchesOf(done, {sql, columns, options, cancel}), facts: () => ({bytes: null})};
  } catch (error) {
    signal?.removeEventListener("abort", cancel);
    throw signal?.aborted ? cancelled() : error;
  }
}

const batchSize = 10_000;

type Reading = {sql: string; columns: ResultColumn[]; options: RunOptions; cancel: () => void};

async function* batchesOf(
  statement: RowStatement,
  {sql, columns, options: {signal, onProgress}, cancel}: Reading
): AsyncGenerator<Cell[][]> {
  let batch: Cell[][] = [];
  let count = 0;
  try {
    for await (const row of statement.streamRows()) {
      if (signal?.aborted) throw cancelled();
      batch.push((row as unknown as unknown[]).map((value, i) => cellOf(value, columns[i])));
      if (batch.length < batchSize) continue;
      count += batch.length;
      onProgress?.({phase: "fetching", share: null, rows: count});
      yield batch;
      batch = [];
    }
    if (batch.length) yield batch;
  } catch (error) {
    throw signal?.aborted ? cancelled() : errorOf(error, {sql, linesBefore});
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}

const cancelled = () => new WarehouseError("cancelled", "the query was cancelled");
