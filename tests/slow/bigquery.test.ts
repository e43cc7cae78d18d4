import {afterAll, beforeAll, describe, expect, test} from "vitest";
import {openBigQuery} from "../../lib/warehouse/bigquery.js";
import type {Connector, RunOptions} from "../../lib/warehouse/connector.js";
import {WarehouseError} from "../../lib/warehouse/error.js";
import {startBigQuery, type BigQueryServer} from "../fixtures/bigquery-server.js";
import {toDuckDB} from "../fixtures/bigquery-to-duckdb.js";

let server: BigQueryServer;
let connector: Connector;

const warehouse = (endpoint: string) => ({
  type: "bigquery" as const,
  project: "p",
  location: "US",
  dataset: "d",
  keyFile: null,
  endpoint
});

beforeAll(async () => {
  process.env.METADATA_SERVER_DETECTION = "none";
  server = await startBigQuery({
    setup: ["create table events as select i as user_id, i / 2.0::double as value from range(1, 25001) t(i)"]
  });
  connector = await openBigQuery(warehouse(server.endpoint));
});

afterAll(() => server?.stop());

async function all(sql: string, options?: RunOptions) {
  const {columns, batches, facts} = await connector.run(sql, options);
  const sizes: number[] = [];
  const rows = [];
  for await (const batch of batches) {
    sizes.push(batch.length);
    rows.push(...batch);
  }
  return {columns, rows, sizes, bytes: facts().bytes};
}

async function failure(asked: Promise<unknown>): Promise<WarehouseError> {
  const error = await asked.catch((thrown: unknown) => thrown);
  if (error instanceof WarehouseError) return error;
  throw new Error(`no WarehouseError: ${String(error)}`);
}

test("the loopback server reads names in back-ticks and escapes in strings as BigQuery does", () => {
  const sql = "select `p.d.t`.`a b`, 'it\\'s \\\\ \\n', '`' from `p`.`d`.`t` -- it's";
  expect(toDuckDB(sql)).toBe(`select "p"."d"."t"."a b", 'it''s \\ \n', '\`' from "p"."d"."t" -- it's`);
});

describe("values", () => {
  test("arrive exactly, each in its type, and NULL is null in all of them", async () => {
    const {columns, rows, bytes} =
      await all(`select true as b, 9007199254740993 as i, 0.12345678901234567::decimal(20, 17) as d,
      0.1::double as f, 'it\\'s' as t, DATE '2025-10-01' as day, TIMESTAMP '2025-10-01 00:00:00.123456' as at
      union all select null, null, null, 'NaN'::double, null, null, null`);
    expect(columns.map(({type}) => type)).toEqual([
      "boolean",
      "integer",
      "decimal",
      "double",
      "text",
      "date",
      "timestamp"
    ]);
    expect(rows[0]).toEqual([
      true,
      9007199254740993n,
      "0.12345678901234567",
      0.1,
      "it's",
      "2025-10-01",
      1759276800123456n
    ]);
    expect(rows[1]).toEqual([null, null, null, NaN, null, null, null]);
    expect(bytes).toBe(5_000_000);
  });

  test("25,000 rows arrive in pages, all of them once", async () => {
    const {rows, sizes} = await all("select user_id from events order by user_id");
    expect(rows.map(([id]) => id)).toEqual(Array.from({length: 25_000}, (_, i) => BigInt(i + 1)));
    expect(sizes).toEqual([4000, 4000, 4000, 4000, 4000, 4000, 1000]);
  });

  test("columns and bytes are told by a dry run, and no job is made", async () => {
    const before = server.jobs.length;
    expect(await connector.columns("select user_id, value from events")).toEqual([
      {name: "user_id", type: "integer"},
      {name: "value", type: "double"}
    ]);
    expect(await connector.estimate("select 1")).toEqual({bytes: 5_000_000, rows: null});
    expect(server.jobs.length).toBe(before);
  });
});

describe("what is refused", () => {
  test.each([
    ["two statements", "select 1; select 2", "syntax"],
    ["a write", "delete from events", "syntax"],
    ["a table made", "create table x as select 1", "syntax"],
    ["a missing table", "select 1 from nowhere", "missing"]
  ])("%s, before any job is made", async (_, sql, kind) => {
    const before = server.jobs.length;
    expect((await failure(all(sql))).kind).toBe(kind);
    expect(server.jobs.length).toBe(before);
    expect((await all("select count(*) from events")).rows).toEqual([[25_000n]]);
  });

  test("an error names the line of the query it points to, and shows it", async () => {
    const error = await failure(all("select\n  user_id,\n  contry\nfrom events"));
    expect([error.kind, error.at]).toEqual(["missing", {line: 3, column: 1}]);
    expect(error.message).toContain("\n  line 3: contry");
  });

  test("a failed job is an error, and no result without rows", async () => {
    const error = await failure(all("select error('no such value') from events"));
    expect(error.message).toContain("no such value");
  });

  test("a server that is not there, and one that lets nobody in", async () => {
    const away = await openBigQuery(warehouse("http://127.0.0.1:1"));
    expect((await failure(away.test())).kind).toBe("network");
    const locked = await startBigQuery({setup: []});
    locked.lockOut();
    const refused = await failure((await openBigQuery(warehouse(locked.endpoint))).test());
    expect([refused.kind, refused.message]).toEqual(["credentials", "Access Denied: Project p"]);
    await locked.stop();
  });

  test("the variable by which the driver would go elsewhere", async () => {
    process.env.BIGQUERY_EMULATOR_HOST = "http://127.0.0.1:1";
    const error = await failure(openBigQuery(warehouse(server.endpoint)));
    delete process.env.BIGQUERY_EMULATOR_HOST;
    expect(error.message).toContain("BIGQUERY_EMULATOR_HOST is set");
  });
});

describe("limits", () => {
  test("a time limit ends the job there", async () => {
    const error = await failure(all("select slow()", {timeLimitMs: 200}));
    expect([error.kind, error.message]).toEqual(["timeout", "Job timed out after 200 ms"]);
    expect(server.jobs.at(-1)).toMatchObject({isCancelled: true, configuration: {jobTimeoutMs: "200"}});
  });

  test("an abort cancels the job there", async () => {
    const controller = new AbortController();
    const asked = failure(all("select slow()", {signal: controller.signal}));
    await expect.poll(() => server.jobs.at(-1)?.state).toBe("RUNNING");
    controller.abort();
    expect((await asked).kind).toBe("cancelled");
    expect(server.jobs.at(-1)?.isCancelled).toBe(true);
  });

  test("above the byte limit no job is made; below it the limit goes with the job", async () => {
    const before = server.jobs.length;
    const error = await failure(all("select 1", {byteLimit: 1_000_000}));
    expect([error.kind, error.message]).toEqual([
      "byte-limit",
      "the query would read 5.0 MB; the limit is 1.0 MB"
    ]);
    expect(server.jobs.length).toBe(before);
    await all("select 1", {byteLimit: 6_000_000, tag: "expanto-observation-7"});
    expect(server.jobs.at(-1)?.configuration).toMatchObject({
      labels: {expanto: "expanto-observation-7"},
      query: {maximumBytesBilled: "6000000", defaultDataset: {projectId: "p", datasetId: "d"}}
    });
  });

  test("a service that is busy for a moment is asked again", async () => {
    server.fail(2);
    expect((await all("select 3")).rows).toEqual([[3n]]);
  });

  test("it says what answers", async () => {
    expect(await connector.test()).toBe("BigQuery, project p in US");
  });
});
