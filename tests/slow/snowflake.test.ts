import {afterAll, beforeAll, describe, expect, test} from "vitest";
import type {Connector, RunOptions} from "../../lib/warehouse/connector.js";
import {WarehouseError} from "../../lib/warehouse/error.js";
import {openSnowflake} from "../../lib/warehouse/snowflake.js";
import {makeKeys, startSnowflake, toDuckDB, type SnowflakeServer} from "../fixtures/snowflake-server.js";

let server: SnowflakeServer;
let connector: Connector;
const keys = makeKeys();

const warehouse = (
  changes: {privateKeyFile?: string; passphrase?: string | null; endpoint?: string} = {}
) => ({
  type: "snowflake" as const,
  account: "acme",
  user: "expanto",
  role: null,
  warehouse: "WH",
  database: null,
  schema: null,
  privateKeyFile: keys.privateKeyFile,
  passphrase: null,
  endpoint: server.endpoint,
  ...changes
});

beforeAll(async () => {
  server = await startSnowflake({
    setup: ["create table events as select i as user_id, i / 2.0::double as value from range(1, 25001) t(i)"],
    publicKey: keys.publicKey
  });
  connector = await openSnowflake(warehouse());
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

test("the loopback server reads strings with both escapes, and dateadd, as Snowflake does", () => {
  const sql = `select 'it''s \\' \\\\' as "a'b", dateadd(day, -3, at) -- it's`;
  expect(toDuckDB(sql)).toBe(`select 'it''s '' \\' as "a'b", dateadd('day', -3, at) -- it's`);
});

describe("values", () => {
  test("arrive exactly, each in its type, and NULL is null in all of them", async () => {
    const {columns, rows} =
      await all(`select true as b, 9007199254740993 as i, 0.12345678901234567::decimal(20, 17) as d,
      0.1::double as f, 'it\\'s' as t, date '2025-10-01' as day, timestamp '2025-10-01 00:00:00.123456' as at,
      timestamp '1969-12-31 23:59:59' as earlier
      union all select null, null, null, 'NaN'::double, null, null, null, null
      union all select null, null, null, '-infinity'::double, 'NULL', null, null, null`);
    expect(columns.map(({name, type}) => `${name} ${type}`)).toEqual([
      "b boolean",
      "i integer",
      "d decimal",
      "f double",
      "t text",
      "day date",
      "at timestamp",
      "earlier timestamp"
    ]);
    expect(rows[0]).toEqual([
      true,
      9007199254740993n,
      "0.12345678901234567",
      0.1,
      "it's",
      "2025-10-01",
      1759276800123456n,
      -1000000n
    ]);
    expect(rows[1]).toEqual([null, null, null, NaN, null, null, null, null]);
    expect(rows[2].slice(3, 5)).toEqual([-Infinity, "NULL"]);
  });

  test("25,000 rows arrive in batches, all of them once", async () => {
    const {rows, sizes} = await all("select user_id from events order by user_id");
    expect(rows.map(([id]) => id)).toEqual(Array.from({length: 25_000}, (_, i) => BigInt(i + 1)));
    expect(sizes).toEqual([10_000, 10_000, 5000]);
  });

  test("columns are told without running, bytes by a plan", async () => {
    expect(await connector.columns("select user_id, value from events -- both")).toEqual([
      {name: "user_id", type: "integer"},
      {name: "value", type: "double"}
    ]);
    expect(server.statements.at(-1)?.isDescribed).toBe(true);
    expect(await connector.estimate("select 1")).toEqual({
      bytes: 5_000_000,
      rows: null,
      answer: null,
      partitions: {read: 1, of: 4}
    });
  });
});

describe("what is refused", () => {
  test.each([
    ["two statements", "select 1; select 2", "syntax"],
    ["a write", "delete from events", "syntax"],
    ["a write behind a closed bracket", "select 1); delete from events; select (1", "syntax"],
    ["a missing table", "select 1 from nowhere", "missing"]
  ])("%s", async (_, sql, kind) => {
    expect((await failure(all(sql))).kind).toBe(kind);
    expect((await failure(connector.columns(sql))).kind).toBe(kind);
    expect((await all("select count(*) from events")).rows).toEqual([[25_000n]]);
  });

  test("an error names the line of the query it points to, and shows it", async () => {
    const error = await failure(all("select\n  user_id,\n  contry\nfrom events"));
    expect([error.kind, error.at]).toEqual(["missing", {line: 3, column: 1}]);
    expect(error.message).toContain("\n  line 3: contry");
  });

  test("another key, and a key that is not there", async () => {
    const other = await failure(openSnowflake(warehouse({privateKeyFile: makeKeys().privateKeyFile})));
    expect([other.kind, other.message]).toEqual(["credentials", "JWT token is invalid."]);
    const none = await failure(openSnowflake(warehouse({privateKeyFile: "/nowhere/key.p8"})));
    expect([none.kind, none.message]).toEqual([
      "credentials",
      expect.stringContaining("the private key cannot be read: ENOENT")
    ]);
  });

  test("a key with a passphrase opens with it, and not without", async () => {
    const locked = makeKeys("open sesame");
    const other = await startSnowflake({setup: [], publicKey: locked.publicKey});
    const there = {privateKeyFile: locked.privateKeyFile, endpoint: other.endpoint};
    const opened = await openSnowflake(warehouse({...there, passphrase: "open sesame"}));
    expect(await opened.columns("select 1 as one")).toEqual([{name: "one", type: "integer"}]);
    await opened.close();
    expect((await failure(openSnowflake(warehouse(there)))).message).toContain(
      "has a passphrase, and none is set"
    );
    const wrong = await failure(openSnowflake(warehouse({...there, passphrase: "open barley"})));
    expect(wrong.kind).toBe("credentials");
    await other.stop();
  });
});

describe("limits", () => {
  test("a time limit ends the query there", async () => {
    const error = await failure(all("select slow()", {timeLimitMs: 1000}));
    expect([error.kind, error.message]).toEqual([
      "timeout",
      "Statement reached its statement or warehouse timeout of 1 second(s) and was canceled."
    ]);
  });

  test("an abort ends the query there, and the session can be used again", async () => {
    const controller = new AbortController();
    const asked = failure(all("select slow()", {signal: controller.signal}));
    await expect.poll(() => server.statements.at(-1)?.sql).toContain("slow()");
    controller.abort();
    expect((await asked).kind).toBe("cancelled");
    await expect.poll(() => server.statements.at(-1)?.error?.message).toBe("SQL execution canceled");
    expect((await all("select 1")).rows).toEqual([[1n]]);
  });

  test("above the byte limit nothing runs", async () => {
    const error = await failure(all("select 77", {byteLimit: 1_000_000}));
    expect([error.kind, error.message]).toEqual([
      "byte-limit",
      "the query would read 5.0 MB; the limit is 1.0 MB"
    ]);
    expect(server.statements.filter(({sql}) => sql.includes("77") && !sql.startsWith("explain"))).toEqual([]);
  });

  test("the tag, UTC and the count of statements go with each query", async () => {
    await all("select 1", {tag: "expanto-observation-7"});
    expect(server.statements.at(-1)?.parameters).toMatchObject({
      QUERY_TAG: "expanto-observation-7",
      TIMEZONE: "UTC",
      MULTI_STATEMENT_COUNT: 1
    });
  });

  test("a service that is busy for a moment is asked again, and does not run the query twice", async () => {
    server.fail(2);
    expect((await all("select 3 as three")).rows).toEqual([[3n]]);
    expect(server.statements.filter(({sql}) => sql.includes("three")).length).toBe(1);
  });

  test("it says what answers", async () => {
    expect(await connector.test()).toBe("Snowflake, account acme, as expanto, warehouse WH");
  });
});
