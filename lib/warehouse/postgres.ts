import type {Client} from "pg";
import type {PostgresWarehouse} from "../config/types.js";
import type {Connector, QueryEstimate, ResultColumn, Result, RunOptions} from "./connector.js";
import {refuseBytes} from "./limits.js";
import {cellOf, columnTypeOf} from "./postgres/cells.js";
import {connect, type Driver} from "./postgres/connect.js";
import {errorOf} from "./postgres/error.js";
import {streamRows} from "./postgres/stream.js";

/**
 * Returns a connector to a PostgreSQL server. Everything runs in read-only transactions, in UTC, as one statement of
 * the extended protocol. Throws a WarehouseError where nobody answers or the password is refused.
 */
export async function openPostgres(warehouse: PostgresWarehouse): Promise<Connector> {
  const driver = (await import("pg")).default;
  const client = await connect(driver, warehouse);
  return {
    dialect: "postgres",
    test: async () => {
      const {rows} = await client.query("show server_version");
      const {host, port, database, user} = warehouse;
      return `PostgreSQL ${rows[0].server_version} at ${host}:${port}, database ${database}, as ${user}`;
    },
    columns: (sql) => reading(client, sql, {}, () => columnsOf(client, sql)),
    estimate: (sql) => reading(client, sql, {}, () => estimateOf(client, sql)),
    run: async (sql, options = {}) => {
      await refuseBytes(options.byteLimit, () => reading(client, sql, {}, () => estimateOf(client, sql)));
      return runOf({driver, client, warehouse}, sql, options);
    },
    close: () => client.end()
  };
}

// As a table in FROM, the text can be nothing but one query that reads; the line breaks end its comments.
const lead = "select * from (\n";
const wrapped = (sql: string) => `${lead}${sql.trimEnd().replace(/;+$/, "")}\n) as query`;

const asked = (text: string) => ({text, values: [], queryMode: "extended"});

async function reading<Answer>(
  client: Client,
  sql: string,
  {timeLimitMs, tag}: RunOptions,
  read: () => Promise<Answer>
): Promise<Answer> {
  try {
    await begin(client, {timeLimitMs, tag});
    const answer = await read();
    await client.query("commit");
    return answer;
  } catch (error) {
    await client.query("rollback").catch(() => {});
    throw errorOf(error, {sql, lead: lead.length});
  }
}

async function begin(client: Client, {timeLimitMs, tag}: RunOptions) {
  const name = (tag ?? "expanto").replace(/[^\w=-]/g, "_").slice(0, 63);
  await client.query("begin read only");
  await client.query(
    `set local timezone = 'UTC'; set local datestyle = 'ISO'; set local extra_float_digits = 1; set local statement_timeout = ${Math.ceil(timeLimitMs ?? 0)}; set local application_name = '${name}'`
  );
}

async function columnsOf(client: Client, sql: string): Promise<ResultColumn[]> {
  const {fields} = await client.query(asked(`${wrapped(sql)} limit 0`));
  return fields.map(({name, dataTypeID}) => ({name, type: columnTypeOf(dataTypeID)}));
}

type Plan = {"Plan Rows": number; "Relation Name"?: string; Schema?: string; Plans?: Plan[]};

async function estimateOf(client: Client, sql: string): Promise<QueryEstimate> {
  // The prefix stands on a line of its own, so that places in errors stay right but for its length.
  const {rows} = await client.query(asked(`explain (verbose, format json) ${wrapped(sql)}`));
  const {Plan: plan} = (rows[0]["QUERY PLAN"] as {Plan: Plan}[])[0];
  const scans = scansOf(plan);
  const told = {
    rows: scans.reduce((sum, {rows}) => sum + rows, 0),
    answer: plan["Plan Rows"],
    partitions: null
  };
  if (!scans.length) return {bytes: 0, ...told};
  const {rows: sizes} = await client.query(
    "select sum(pg_relation_size(format('%I.%I', s, r)::regclass)) as bytes from unnest($1::text[], $2::text[]) as t(s, r)",
    [scans.map(({schema}) => schema), scans.map(({relation}) => relation)]
  );
  return {bytes: Number(sizes[0].bytes), ...told};
}

function scansOf(plan: Plan): {schema: string; relation: string; rows: number}[] {
  const {"Relation Name": relation, Schema: schema, "Plan Rows": rows, Plans: plans = []} = plan;
  return [...(relation && schema ? [{schema, relation, rows}] : []), ...plans.flatMap(scansOf)];
}

type Session = {driver: Driver; client: Client; warehouse: PostgresWarehouse};

async function runOf(session: Session, sql: string, options: RunOptions): Promise<Result> {
  const {client} = session;
  const told = {sql, lead: lead.length};
  if (options.signal?.aborted) throw errorOf(null, {isAborted: true});
  try {
    await begin(client, options);
    const stream = await streamRows(session, wrapped(sql), options);
    const columns = stream.fields.map(({name, dataTypeID}) => ({name, type: columnTypeOf(dataTypeID)}));
    const batches = async function* () {
      let ending = "rollback";
      try {
        for await (const rows of stream.rows)
          yield rows.map((row) => row.map((text, i) => cellOf(text, columns[i])));
        ending = "commit";
      } catch (error) {
        throw errorOf(error, {...told, isAborted: options.signal?.aborted});
      } finally {
        await client.query(ending).catch(() => {});
      }
    };
    return {columns, batches: batches(), facts: () => ({bytes: null})};
  } catch (error) {
    await client.query("rollback").catch(() => {});
    throw errorOf(error, {...told, isAborted: options.signal?.aborted});
  }
}
