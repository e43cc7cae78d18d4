import {afterAll, beforeAll, describe, expect, test} from "vitest";
import {join} from "node:path";
import {sqlRunner} from "../../agents/sql/runner.js";
import {seededWorkspace} from "../../eval/seed.js";
import {closeStore} from "../../lib/store.js";
import type {Workspace} from "../../lib/workspace.js";

let workspace: Workspace;
let runner: ReturnType<typeof sqlRunner>;
const signal = new AbortController().signal;

beforeAll(async () => {
  workspace = await seededWorkspace();
  runner = sqlRunner(join(workspace.config.folders.data, "expanto.db"), {limitMs: 1500});
});

afterAll(() => {
  runner.close();
  closeStore(workspace.store);
});

const rowsOf = async (sql: string) => (await runner.query(sql, signal)).rows;

describe("what can be read", () => {
  test.each<[string, unknown[][]]>([
    ["select count(*) from experiments", [[13]]],
    [
      "-- a remark\nwith e as (select name from experiments where id = 1) select name from e;",
      [["Faster checkout"]]
    ],
    [
      "select replace('update; drop table x', 'drop', 'keep') as a from experiments limit 1",
      [["update; keep table x"]]
    ],
    [
      "select value from experiments, json_each(key_metrics) where experiments.id = 1 order by 1",
      [["purchase_conversion"], ["revenue_per_user"]]
    ],
    ["values (1, null)", [[1, null]]],
    ["select count(*) from exposures where job_id = 1", [[20]]]
  ])("%s", async (sql, rows) => {
    expect(await rowsOf(sql)).toEqual(rows);
  });

  test("at most 200 rows come, long cells are cut, and that is said", async () => {
    const many = await runner.query("select a.name from experiments a, experiments b, experiments c", signal);
    expect([many.rows.length, many.isCut]).toEqual([200, true]);
    const long = await runner.query("select printf('%.*c', 9000, 'x') as x from experiments limit 1", signal);
    expect(String(long.rows[0][0])).toHaveLength(2001);
  });
});

describe("what is refused", () => {
  test.each([
    "delete from experiments",
    "update experiments set name = 'x'",
    "drop table experiments",
    "insert into experiments (name) values ('x')",
    "with e as (select 1) delete from experiments",
    "select 1; delete from experiments",
    "attach database '/tmp/other.db' as other",
    "pragma table_info(experiments)",
    "pragma query_only = off",
    "select * from pragma_table_info('experiments')",
    "select * from sqlite_schema",
    "select * from sqlite_master",
    "select * from plans",
    "select (select count(*) from experiment_events)",
    "select * from job_inputs",
    "select password from users",
    "select count(*) from tokens",
    "select name from experiments where exists (select hash from sessions)",
    "select who from access_events",
    "vacuum",
    "explain select 1",
    "select load_extension('x')",
    "select readfile('/etc/passwd')",
    "select * from nowhere",
    ""
  ])("%s", async (sql) => {
    await expect(runner.query(sql, signal)).rejects.toThrow();
  });

  test("a database cannot be changed by any of it", async () => {
    expect(await rowsOf("select count(*), min(name) from experiments")).toEqual([
      [13, "Address autocomplete"]
    ]);
  });
});

describe("what takes too long", () => {
  const endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n";

  test("is ended with its process, and the next query runs", async () => {
    const [slow, next] = await Promise.allSettled([
      runner.query(endless, signal),
      runner.query("select 1 from experiments limit 1", signal)
    ]);
    expect(slow).toMatchObject({
      status: "rejected",
      reason: {message: "the query took longer than 1.5 s and was stopped"}
    });
    expect(next).toMatchObject({status: "fulfilled", value: {rows: [[1]]}});
  });

  test("is ended at once where who asked goes away", async () => {
    const gone = new AbortController();
    const asked = runner.query(endless, gone.signal);
    setTimeout(() => gone.abort(), 50);
    await expect(asked).rejects.toThrow("stopped");
    expect(await rowsOf("select 2 from experiments limit 1")).toEqual([[2]]);
  });
});
