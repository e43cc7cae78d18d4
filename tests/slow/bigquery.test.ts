import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, afterEach, beforeAll, describe, expect, test} from "vitest";
import {openBigQuery} from "../../lib/warehouse/bigquery.js";
import type {Connector, Progress, RunOptions} from "../../lib/warehouse/connector.js";
import {WarehouseError} from "../../lib/warehouse/error.js";
import {startBigQuery, subjectToken, type BigQueryServer, type Trouble} from "../fixtures/bigquery-server.js";

const folder = mkdtempSync(join(tmpdir(), "expanto-bigquery-"));
let server: BigQueryServer;
let connector: Connector;

const warehouse = (endpoint: string, keyFile: string | null = null) => ({
  type: "bigquery" as const,
  project: "p",
  location: "US",
  dataset: "d",
  keyFile,
  endpoint
});

beforeAll(async () => {
  process.env.METADATA_SERVER_DETECTION = "none";
  server = await startBigQuery({
    setup: [
      "create table events as select i as user_id, i / 2.0::double as value from range(1, 25001) t(i)",
      `attach ':memory:' as "my-project"`,
      `create schema "my-project".shop`,
      `create table "my-project".shop.orders as select 7::bigint as n`
    ]
  });
  connector = await openBigQuery(warehouse(server.endpoint));
});

afterEach(() => {
  expect(server.troubles.splice(0).filter(({times}) => times > 0)).toEqual([]);
});

afterAll(async () => {
  rmSync(folder, {recursive: true});
  await server?.stop();
});

const trouble = (on: Trouble["on"], rest: Partial<Trouble> & Pick<Trouble, "answer">) =>
  server.troubles.push({on, times: 1, ...rest});

const isRunning = (before: number) => expect.poll(() => server.jobs.length).toBe(before + 1);

const cancelFromOutside = () =>
  fetch(`${server.endpoint}/bigquery/v2/projects/p/jobs/${server.jobs.at(-1)!.id}/cancel`, {method: "POST"});

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

describe("values", () => {
  test("arrive exactly, each in its type, and NULL is null in all of them", async () => {
    const {columns, rows, bytes} = await all(`
      select true as b, 9007199254740993 as i, NUMERIC '12345678901234567890.123456789' as d,
        cast('0.1' as float64) as f, 'it\\'s' as t, DATE '2025-10-01' as day,
        TIMESTAMP '2025-10-01 00:00:00.123456+00' as at
      union all select null, null, null, cast('NaN' as float64), null, null, null
      union all select null, null, null, null, null, null, null
      union all select false, -9007199254740993, NUMERIC '-0.000000001', cast('-inf' as float64), '',
        DATE '0001-01-01', TIMESTAMP '1969-12-31 23:59:59.999999+00'`);
    const types = ["boolean", "integer", "decimal", "double", "text", "date", "timestamp"];
    expect(columns.map(({type}) => type)).toEqual(types);
    expect(rows).toEqual([
      [
        true,
        9007199254740993n,
        "12345678901234567890.123456789",
        0.1,
        "it's",
        "2025-10-01",
        1759276800123456n
      ],
      [null, null, null, NaN, null, null, null],
      [null, null, null, null, null, null, null],
      [false, -9007199254740993n, "-0.000000001", -Infinity, "", "0001-01-01", -1n]
    ]);
    expect(bytes).toBe(5_000_000);
  });

  test("a list is text, with what stands in it", async () => {
    expect((await all("select [1, null, 3] as list")).rows).toEqual([['["1",null,"3"]']]);
  });

  test("a table is found by its project, dataset and name in back-ticks", async () => {
    expect((await all("select n from `my-project`.`shop`.`orders`")).rows).toEqual([[7n]]);
    expect((await all("select n from `my-project.shop.orders`")).rows).toEqual([[7n]]);
  });

  test("25,000 rows arrive in pages, all of them once", async () => {
    const {rows, sizes} = await all("select user_id from events order by user_id");
    expect(rows.map(([id]) => id)).toEqual(Array.from({length: 25_000}, (_, i) => BigInt(i + 1)));
    expect(sizes).toEqual([4000, 4000, 4000, 4000, 4000, 4000, 1000]);
  });

  test("no rows are no batch, and the columns are told all the same", async () => {
    const {columns, sizes} = await all("select user_id from events where false");
    expect([columns, sizes]).toEqual([[{name: "user_id", type: "integer"}], []]);
  });

  test("who stops reading asks for no more pages", async () => {
    const {batches} = await connector.run("select user_id from events");
    const before = server.requests.length;
    for await (const rows of batches) {
      expect(rows.length).toBe(4000);
      break;
    }
    expect(server.requests.slice(before)).toEqual(["rows"]);
  });

  test("columns and bytes are told by a dry run, and no job is made", async () => {
    const before = server.jobs.length;
    expect(await connector.columns("select user_id, value from events")).toEqual([
      {name: "user_id", type: "integer"},
      {name: "value", type: "double"}
    ]);
    expect(await connector.estimate("select 1")).toEqual({
      bytes: 5_000_000,
      rows: null,
      answer: null,
      partitions: null
    });
    expect(server.jobs.length).toBe(before);
  });

  test("it says what answers", async () => {
    expect(await connector.test()).toBe("BigQuery, project p in US");
  });
});

describe("what is refused", () => {
  test.each([
    ["two statements", "select 1; select 2", "syntax"],
    ["a write after a query", "select 1; delete from events", "syntax"],
    ["a write", "delete from events", "syntax"],
    ["a table made", "create table x as select 1", "syntax"],
    ["a missing table", "select 1 from nowhere", "missing"],
    ["what only another engine reads", "select user_id::int64 from events", "syntax"]
  ])("%s, before any job is made", async (_, sql, kind) => {
    const before = server.jobs.length;
    expect((await failure(all(sql))).kind).toBe(kind);
    expect((await failure(connector.columns(sql))).kind).toBe(kind);
    expect((await failure(connector.estimate(sql))).kind).toBe(kind);
    expect(server.jobs.length).toBe(before);
    expect((await all("select count(*) from events")).rows).toEqual([[25_000n]]);
  });

  test("an error names the place in the query it points to, and shows the line", async () => {
    const error = await failure(all("select\n  user_id,\n  contry\nfrom events"));
    expect([error.kind, error.at]).toEqual(["missing", {line: 3, column: 3}]);
    expect(error.message).toBe("Unrecognized name: contry at [3:3]\n  line 3: contry");
  });

  test("a syntax error names its line", async () => {
    const error = await failure(connector.columns("select 1,\n  2 frm events e"));
    expect([error.kind, error.at?.line]).toEqual(["syntax", 2]);
  });

  test("a value at fault fails the job, which is an error and no result without rows", async () => {
    const error = await failure(all("select error('no such value') from events"));
    expect([error.kind, error.message]).toEqual(["other", "no such value"]);
    expect((await all("select 1")).rows).toEqual([[1n]]);
  });

  test.each([
    [403, "accessDenied", "Access Denied: Project p", "credentials", "key_file"],
    [403, "billingNotEnabled", "Billing has not been enabled", "credentials", "warehouse.project"],
    [403, "quotaExceeded", "Quota exceeded: concurrent queries", "busy", "try again later"],
    [400, "bytesBilledLimitExceeded", "10485760 or higher required", "byte-limit", "warehouse.byte_limit"],
    [404, "notFound", "Not found: Table p:d.t was not found in location EU", "missing", "warehouse.location"],
    [400, "invalidQuery", 'Table "t" must be qualified with a dataset', "missing", "warehouse.dataset"],
    [400, "invalidQuery", "Function not found: frobnicate at [1:8]", "missing", "check the names"],
    [400, "invalidQuery", "Could not cast literal 'not found' to type DATE at [1:8]", "syntax", "GoogleSQL"]
  ])("%i %s: %s", async (code, reason, message, kind, hint) => {
    trouble(["dryRun"], {answer: {code, reason, message}});
    const error = await failure(connector.columns("select 1"));
    expect([error.kind, error.message.split("\n")[0]]).toEqual([kind, message]);
    expect(error.hint).toContain(hint);
  });

  test("a server that is not there", async () => {
    const away = await openBigQuery(warehouse("http://127.0.0.1:1"));
    expect((await failure(away.test())).kind).toBe("network");
  });

  test("the variable by which the driver would go elsewhere", async () => {
    process.env.BIGQUERY_EMULATOR_HOST = "http://127.0.0.1:1";
    const error = await failure(openBigQuery(warehouse(server.endpoint)));
    delete process.env.BIGQUERY_EMULATOR_HOST;
    expect(error.message).toContain("BIGQUERY_EMULATOR_HOST is set");
  });
});

describe("credentials", () => {
  const write = (name: string, text: string) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  // The token of such a key is fetched from an address that it names itself.
  const external = (endpoint: string, subject: string) =>
    write(
      "external.json",
      JSON.stringify({
        type: "external_account",
        audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/p",
        subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
        token_url: `${endpoint}/token`,
        credential_source: {file: write("subject", subject)}
      })
    );

  test.each([
    ["that is not there", () => join(folder, "none.json"), "the key file cannot be read (ENOENT): "],
    ["that is no JSON", () => write("text.json", "BEGIN SECRET"), "the key file is no key in JSON: "],
    ["of something else", () => write("other.json", '{"a": "SECRET"}'), "the key file is no key in JSON: "]
  ])("a key file %s is refused at once, and not quoted", async (_, fileOf, words) => {
    const file = fileOf();
    const error = await failure(openBigQuery(warehouse(server.endpoint, file)));
    expect([error.kind, error.message]).toEqual(["credentials", words + file]);
    expect(error.hint).toContain("warehouse.key_file");
  });

  test("a private key that is none is no fault of the network", async () => {
    const key = {type: "service_account", client_email: "a@p.example", private_key: "SECRET"};
    const opened = await openBigQuery(warehouse(server.endpoint, write("key.json", JSON.stringify(key))));
    const error = await failure(opened.test());
    expect([error.kind, `${error.message} ${error.hint}`.includes("SECRET")]).toEqual(["credentials", false]);
  });

  test("a key's token lets in, another subject gets none, and nobody comes in without", async () => {
    const locked = await startBigQuery({setup: [], token: "let me in"});
    const known = await openBigQuery(warehouse(locked.endpoint, external(locked.endpoint, subjectToken)));
    const {batches} = await known.run("select 1");
    for await (const rows of batches) expect(rows).toEqual([[1n]]);
    expect([...new Set(locked.requests)]).toEqual(["token", "dryRun", "insert", "get", "rows"]);
    const stranger = await openBigQuery(warehouse(locked.endpoint, external(locked.endpoint, "another")));
    expect((await failure(stranger.test())).kind).toBe("credentials");
    const anonymous = await failure((await openBigQuery(warehouse(locked.endpoint))).test());
    expect([anonymous.kind, anonymous.message]).toEqual([
      "credentials",
      "Request had invalid authentication credentials."
    ]);
    await locked.stop();
  });
});

describe("limits", () => {
  test("a time limit ends the job there", async () => {
    const error = await failure(all("select slow()", {timeLimitMs: 200}));
    const words = "Job execution was cancelled: Job timed out after 200ms";
    expect([error.kind, error.message]).toEqual(["timeout", words]);
    expect(server.jobs.at(-1)).toMatchObject({state: "DONE", configuration: {jobTimeoutMs: "200"}});
  });

  test("a job that another person cancels is no timeout, though there is a limit", async () => {
    const before = server.jobs.length;
    const asked = failure(all("select slow()", {timeLimitMs: 60_000}));
    await isRunning(before);
    await cancelFromOutside();
    const words = "Job execution was cancelled: User requested cancellation";
    expect(await asked).toMatchObject({kind: "cancelled", message: words});
  });

  test("above the byte limit no job is made; below it the limit goes with the job", async () => {
    const before = server.jobs.length;
    const error = await failure(all("select 1", {byteLimit: 1_000_000}));
    const words = "the query would read 5.0 MB; the limit is 1.0 MB";
    expect([error.kind, error.message]).toEqual(["byte-limit", words]);
    expect(server.jobs.length).toBe(before);
    await all("select 1", {byteLimit: 6_000_000, tag: "expanto-observation-7"});
    expect(server.jobs.at(-1)?.configuration).toMatchObject({
      labels: {expanto: "expanto-observation-7"},
      query: {maximumBytesBilled: "6000000", defaultDataset: {projectId: "p", datasetId: "d"}}
    });
  });

  test("progress is told from the stages of the job, then from the rows", async () => {
    const told: Progress[] = [];
    const onProgress = (progress: Progress) => told.push(progress);
    await failure(all("select slow()", {timeLimitMs: 150, onProgress}));
    expect(told.slice(0, 2)).toEqual([
      {phase: "waiting", share: null, rows: 0},
      {phase: "running", share: 0.25, rows: 0}
    ]);
    await all("select user_id from events", {onProgress});
    expect(told.slice(-2)).toEqual([
      {phase: "fetching", share: 0.96, rows: 24_000},
      {phase: "fetching", share: 1, rows: 25_000}
    ]);
  });
});

describe("an abort", () => {
  test("before anything was asked asks for nothing", async () => {
    const before = server.requests.length;
    const error = await failure(all("select 1", {signal: AbortSignal.abort()}));
    expect([error.kind, server.requests.length]).toEqual(["cancelled", before]);
  });

  test("while the job is being made cancels it as soon as it is there", async () => {
    const controller = new AbortController();
    const before = server.jobs.length;
    trouble(["insert"], {isLate: true, afterMs: 300, answer: "as ever"});
    const asked = failure(all("select slow()", {signal: controller.signal}));
    await isRunning(before);
    controller.abort();
    expect((await asked).kind).toBe("cancelled");
    expect(server.jobs.at(-1)?.isCancelled).toBe(true);
  });

  test("cancels a running job, and the next query runs", async () => {
    const controller = new AbortController();
    const before = server.jobs.length;
    const asked = failure(all("select slow()", {signal: controller.signal}));
    await isRunning(before);
    controller.abort();
    expect((await asked).kind).toBe("cancelled");
    expect(server.jobs.at(-1)?.isCancelled).toBe(true);
    expect((await all("select 2")).rows).toEqual([[2n]]);
  });

  test("does not wait for an answer that does not come", async () => {
    const controller = new AbortController();
    trouble(["get"], {isLate: true, afterMs: 20_000, answer: "as ever"});
    const asked = failure(all("select slow()", {signal: controller.signal}));
    await expect.poll(() => server.requests.at(-1)).toBe("get");
    const began = Date.now();
    controller.abort();
    expect((await asked).kind).toBe("cancelled");
    expect(server.jobs.at(-1)?.isCancelled).toBe(true);
    expect(Date.now() - began).toBeLessThan(2000);
  });

  test("between pages ends the reading", async () => {
    const controller = new AbortController();
    const {batches} = await connector.run("select user_id from events", {signal: controller.signal});
    const sizes: number[] = [];
    const read = async () => {
      for await (const rows of batches) {
        sizes.push(rows.length);
        controller.abort();
      }
    };
    expect((await failure(read())).kind).toBe("cancelled");
    expect(sizes).toEqual([4000]);
  });

  test("names the job where it cannot be cancelled, for it may still run", async () => {
    const controller = new AbortController();
    const before = server.jobs.length;
    trouble(["cancel"], {answer: {code: 403, reason: "accessDenied", message: "Access Denied: Job j"}});
    const asked = failure(all("select slow()", {signal: controller.signal}));
    await isRunning(before);
    controller.abort();
    const words = "the query was given up; its job may still run, for it could not be cancelled: ";
    expect(await asked).toMatchObject({kind: "cancelled", message: words + server.jobs.at(-1)!.id});
    expect(server.jobs.at(-1)?.state).toBe("RUNNING");
    await cancelFromOutside();
  });
});

describe("a service in trouble", () => {
  const busy = {code: 503, reason: "backendError", message: "try again"};

  test("is asked again where it is busy for a moment", async () => {
    trouble("all", {times: 2, answer: busy});
    expect((await all("select 3")).rows).toEqual([[3n]]);
  });

  test("has made the job whose answer was lost, and makes no second one", async () => {
    const before = server.jobs.length;
    trouble(["insert"], {isLate: true, answer: busy});
    expect((await all("select 4")).rows).toEqual([[4n]]);
    expect(server.jobs.length).toBe(before + 1);
  });

  test("is told to cancel a job that it no longer tells of", async () => {
    trouble(["get"], {answer: {code: 403, reason: "accessDenied", message: "Access Denied: Job j"}});
    const error = await failure(all("select slow()"));
    expect([error.kind, error.message]).toEqual(["credentials", "Access Denied: Job j"]);
    expect(server.jobs.at(-1)).toMatchObject({state: "DONE", isCancelled: true});
  });
});
