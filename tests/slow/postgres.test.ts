import {afterAll, beforeAll, describe, expect, test} from "vitest";
import type {Connector, RunOptions} from "../../lib/warehouse/connector.js";
import {openPostgres} from "../../lib/warehouse/postgres.js";
import {WarehouseError} from "../../lib/warehouse/error.js";
import {startPostgres, type PostgresServer} from "../fixtures/postgres-server.js";

let server: PostgresServer;
let connector: Connector;

const warehouse = () => ({
  type: "postgres" as const,
  host: server.host,
  port: server.port,
  database: server.database,
  user: server.user,
  password: server.password as string | null,
  ssl: false
});

beforeAll(async () => {
  server = await startPostgres();
  await server.run("create table events (user_id bigint, value double precision)");
  await server.run("insert into events select i, i / 2.0 from generate_series(1, 25000) i");
  await server.run("analyze events");
  connector = await openPostgres(warehouse());
});

afterAll(async () => {
  await connector?.close();
  await server?.stop();
});

async function all(sql: string, options?: RunOptions) {
  const {columns, batches} = await connector.run(sql, options);
  const sizes: number[] = [];
  const rows = [];
  for await (const batch of batches) {
    sizes.push(batch.length);
    rows.push(...batch);
  }
  return {columns, rows, sizes};
}

async function failure(asked: Promise<unknown>): Promise<WarehouseError> {
  const error = await asked.catch((thrown: unknown) => thrown);
  if (error instanceof WarehouseError) return error;
  throw new Error(`no WarehouseError: ${String(error)}`);
}

const slow = "select count(*) from generate_series(1, 100000) a, generate_series(1, 100000) b";
const running = async () =>
  (
    await server.run(
      "select count(*)::int as n from pg_stat_activity where state = 'active' and query like '%100000%' and pid <> pg_backend_pid()"
    )
  )[0].n;

describe("values", () => {
  test("arrive exactly, each in its type, and NULL is null in all of them", async () => {
    const sql = `select true as b, 9007199254740993::bigint as i, 0.1234567890123456789::numeric as d,
      0.1::float8 as f, 'it''s' as t, date '2025-10-01' as day,
      timestamptz '2025-10-01 02:00:00.123456+02' as at, timestamp '1969-12-31 23:59:59.999999' as earlier
      union all select null, null, null, 'NaN', null, null, null, null
      union all select null, null, null, '-Infinity', null, null, null, null`;
    const {columns, rows} = await all(sql);
    expect(columns.map(({type}) => type)).toEqual([
      "boolean",
      "integer",
      "decimal",
      "double",
      "text",
      "date",
      "timestamp",
      "timestamp"
    ]);
    expect(rows[0]).toEqual([
      true,
      9007199254740993n,
      "0.1234567890123456789",
      0.1,
      "it's",
      "2025-10-01",
      1759276800123456n,
      -1n
    ]);
    expect(rows[1]).toEqual([null, null, null, NaN, null, null, null, null]);
    expect(rows[2][3]).toBe(-Infinity);
  });

  test("a time without end is refused by its column", async () => {
    const asked = all("select timestamp 'infinity' as ends");
    await expect(asked).rejects.toThrow("the column ends holds a time that is no instant: infinity");
  });

  test("25,000 rows arrive in batches, all of them once", async () => {
    const {rows, sizes} = await all("select user_id from events order by user_id");
    expect(rows.map(([id]) => id)).toEqual(Array.from({length: 25_000}, (_, i) => BigInt(i + 1)));
    expect(sizes.length).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeLessThan(15_000);
  });

  test("no row is a result with its columns, also by asking for them alone", async () => {
    const sql = "select user_id, value from events where value < 0 -- none";
    const columns = [
      {name: "user_id", type: "integer"},
      {name: "value", type: "double"}
    ];
    expect(await all(sql)).toEqual({columns, rows: [], sizes: []});
    expect(await connector.columns(sql)).toEqual(columns);
  });
});

describe("what is refused", () => {
  test.each([
    ["two statements", "select 1; select 2", "syntax"],
    ["a write", "delete from events returning user_id", "syntax"],
    ["a write in a WITH", "with gone as (delete from events returning 1) select * from gone", "syntax"],
    ["a write behind a closed bracket", "select 1) as q; delete from events; select (1", "syntax"],
    ["a missing table", "select 1 from nowhere", "missing"],
    ["a missing function", "select no_such(1)", "missing"]
  ])("%s", async (_, sql, kind) => {
    expect((await failure(all(sql))).kind).toBe(kind);
    expect((await failure(connector.columns(sql))).kind).toBe(kind);
    expect((await all("select count(*) from events")).rows).toEqual([[25_000n]]);
  });

  test("an error names the line of the query it points to, and shows it", async () => {
    const error = await failure(all("select\n  user_id,\n  contry\nfrom events"));
    expect([error.kind, error.at]).toEqual(["missing", {line: 3, column: 3}]);
    expect(error.message).toBe('column "contry" does not exist\n  line 3: contry');
  });

  test("an error while rows arrive is an error, and no shorter result", async () => {
    const error = await failure(all("select 1 / (20000 - user_id) from events order by user_id"));
    expect(error.message).toContain("division by zero");
  });

  test("a wrong password, a missing database, a server that is not there", async () => {
    const wrong = await failure(openPostgres({...warehouse(), password: "wrong"}));
    expect([wrong.kind, wrong.message]).toEqual([
      "credentials",
      'password authentication failed for user "analyst"'
    ]);
    expect((await failure(openPostgres({...warehouse(), password: null}))).kind).toBe("credentials");
    expect((await failure(openPostgres({...warehouse(), database: "nowhere"}))).kind).toBe("missing");
    const away = await failure(openPostgres({...warehouse(), port: 1}));
    expect([away.kind, away.message]).toEqual([
      "network",
      expect.stringContaining("127.0.0.1:1 cannot be reached")
    ]);
  });
});

describe("limits", () => {
  test("a time limit ends the query at the server", async () => {
    const error = await failure(all(slow, {timeLimitMs: 300}));
    expect([error.kind, error.message]).toEqual(["timeout", "canceling statement due to statement timeout"]);
    expect(await running()).toBe(0);
  });

  test("an abort ends the query at the server, and the connection can be used again", async () => {
    const controller = new AbortController();
    const asked = failure(all(slow, {signal: controller.signal}));
    await expect.poll(running).toBe(1);
    controller.abort();
    expect((await asked).kind).toBe("cancelled");
    await expect.poll(running, {timeout: 1000}).toBe(0);
    expect((await all("select 1")).rows).toEqual([[1n]]);
  });

  test("who leaves early ends the query too", async () => {
    const {batches} = await connector.run("select a.user_id from events a, events b");
    for await (const rows of batches) {
      expect(rows.length).toBeGreaterThan(0);
      break;
    }
    expect((await all("select 2")).rows).toEqual([[2n]]);
    const [{n}] = await server.run(
      "select count(*)::int as n from pg_stat_activity where state = 'active' and query like '%events a%' and pid <> pg_backend_pid()"
    );
    expect(n).toBe(0);
  });

  test("an estimate tells rows and the bytes of the tables; above the limit nothing runs", async () => {
    const sql = "select * from events where value > 1";
    const [{bytes}] = await server.run("select pg_relation_size('events')::int as bytes");
    const estimate = await connector.estimate(sql);
    expect(estimate.bytes).toBe(bytes);
    expect(estimate.rows).toBeGreaterThan(20_000);
    expect(estimate.answer).toBe(estimate.rows);
    expect((await connector.estimate(`select count(*) from (${sql}) as counted`)).answer).toBe(1);
    const error = await failure(all(sql, {byteLimit: 1000}));
    expect([error.kind, error.message]).toEqual([
      "byte-limit",
      "the query would read 1.1 MB; the limit is 1.0 KB"
    ]);
  });

  test("the tag is the application's name while the query runs", async () => {
    const {rows} = await all(
      "select application_name::text from pg_stat_activity where pid = pg_backend_pid()",
      {
        tag: "expanto-observation-7"
      }
    );
    expect(rows).toEqual([["expanto-observation-7"]]);
  });

  test("it says what answers", async () => {
    expect(await connector.test()).toMatch(
      /^PostgreSQL 17\.\d+ at 127\.0\.0\.1:\d+, database postgres, as analyst$/
    );
  });
});
