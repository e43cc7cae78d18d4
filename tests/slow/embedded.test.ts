import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, describe, expect, test} from "vitest";
import type {RunOptions} from "../../lib/warehouse/connector.js";
import {openDuckDB} from "../../lib/warehouse/duckdb.js";
import {openEmbedded, type EmbeddedConnector} from "../../lib/warehouse/embedded.js";
import {WarehouseError} from "../../lib/warehouse/error.js";

let connector: EmbeddedConnector;
const folder = mkdtempSync(join(tmpdir(), "expanto-embedded-"));

beforeAll(async () => {
  const duckdb = await openDuckDB();
  await duckdb.writeParquet(
    "select range as user_id, range / 2.0::double as value, md5(range::varchar) as filler from range(100000)",
    join(folder, "events.parquet")
  );
  duckdb.close();
  const warehouse = {type: "duckdb", path: folder, memoryLimit: "1GB", threads: null} as const;
  connector = await openEmbedded(warehouse, {writable: [join(folder, "cache")]});
});
afterAll(async () => {
  await connector.close();
  rmSync(folder, {recursive: true});
});

async function all(sql: string, options?: RunOptions) {
  const {columns, batches} = await connector.run(sql, options);
  const rows = [];
  for await (const batch of batches) rows.push(...batch);
  return {columns, rows};
}

async function failure(asked: Promise<unknown>): Promise<WarehouseError> {
  const error = await asked.catch((thrown: unknown) => thrown);
  if (error instanceof WarehouseError) return error;
  throw new Error(`no WarehouseError: ${String(error)}`);
}

const slow = "select count(*) from range(1000000) a, range(1000000) b where a.range * b.range % 7 = 3";

test("values arrive exactly, each in its type, and NULL is null in all of them", async () => {
  const {columns, rows} =
    await all(`select true as b, 9007199254740993 as i, 0.12345678901234567::decimal(20, 17) as d,
    0.1::double as f, 'it''s' as t, date '2025-10-01' as day, timestamp '2025-10-01 00:00:00.123456' as at,
    timestamptz '2025-10-01 02:00:00+02' as zoned, 5::hugeint as huge
    union all by name select 'NaN'::double as f`);
  expect(columns.map(({type}) => type)).toEqual([
    "boolean",
    "integer",
    "decimal",
    "double",
    "text",
    "date",
    "timestamp",
    "timestamp",
    "integer"
  ]);
  expect(rows).toEqual([
    [
      true,
      9007199254740993n,
      "0.12345678901234567",
      0.1,
      "it's",
      "2025-10-01",
      1759276800123456n,
      1759276800000000n,
      5n
    ],
    [null, null, null, NaN, null, null, null, null, null]
  ]);
});

describe("what is refused", () => {
  test.each([
    ["two statements", "select 1; select 2", "not one SELECT"],
    ["a write", "create table x as select 1", "not one SELECT"],
    ["a file outside", "select * from read_csv('/etc/passwd')", "disabled"],
    ["a missing table", "select 1 from nowhere", "nowhere"]
  ])("%s", async (_, sql, words) => {
    await expect(all(sql)).rejects.toThrow(words);
    expect((await all("select count(*) from events")).rows).toEqual([[100_000n]]);
  });

  test("an error names the line of the query it points to, and shows it", async () => {
    const error = await failure(all("select\n  user_id,\n  contry\nfrom events"));
    expect([error.kind, error.at?.line]).toEqual(["missing", 3]);
    expect(error.message).toContain("\n  line 3: contry");
  });

  test("an error in a late row is an error, and no shorter result", async () => {
    await expect(all("select case when user_id = 99999 then error('late') end from events")).rejects.toThrow(
      "late"
    );
  });
});

describe("limits", () => {
  test("a time limit stops the engine, which can be used again at once", async () => {
    const error = await failure(all(slow, {timeLimitMs: 200}));
    expect([error.kind, error.message]).toEqual(["timeout", "the query was stopped after 0.2 s"]);
    expect((await all("select 1")).rows).toEqual([[1n]]);
  });

  test("an abort stops the engine, which can be used again at once; progress was told", async () => {
    const controller = new AbortController();
    const seen: (number | null)[] = [];
    const asked = failure(
      all(slow, {signal: controller.signal, onProgress: ({share}) => void seen.push(share)})
    );
    await expect.poll(() => seen.length).toBeGreaterThan(1);
    controller.abort();
    expect((await asked).kind).toBe("cancelled");
    expect((await all("select 1")).rows).toEqual([[1n]]);
  });

  test("a fourth query waits, says so, and can be cancelled while it waits; those before it run on", async () => {
    const others = await Promise.all(Array.from({length: 3}, () => openDuckDB()));
    const controller = new AbortController();
    const {signal} = controller;
    const running = others.map((engine) => failure(engine.cells(slow, {signal})));
    const [waiting, seen] = [new AbortController(), [] as string[]];
    const fourth = failure(
      all("select 1", {signal: waiting.signal, onProgress: ({phase}) => void seen.push(phase)})
    );
    await expect.poll(() => seen).toContain("waiting");
    waiting.abort();
    expect((await fourth).kind).toBe("cancelled");
    expect(seen).toEqual(["waiting"]);
    const fifth = all("select 1");
    controller.abort();
    expect((await Promise.all(running)).map(({kind}) => kind)).toEqual(Array(3).fill("cancelled"));
    expect((await fifth).rows).toEqual([[1n]]);
    for (const engine of others) engine.close();
  });

  test("an estimate is of the columns that are read; above the limit nothing runs", async () => {
    const {bytes, ...told} = await connector.estimate("select user_id from events");
    expect(told).toEqual({rows: 100_000, answer: 100_000, partitions: null});
    expect((await connector.estimate("select count(user_id) from events")).answer).toBe(1);
    const narrow = bytes!;
    const wide = (await connector.estimate("select user_id, filler from events")).bytes!;
    expect(narrow).toBeGreaterThan(1000);
    expect(wide).toBeGreaterThan(2 * narrow);
    expect((await failure(all("select filler from events", {byteLimit: narrow}))).kind).toBe("byte-limit");
    expect((await all("select count(user_id) from events", {byteLimit: narrow})).rows).toEqual([[100_000n]]);
  });
});
