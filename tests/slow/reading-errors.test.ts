// What a person reads when a calculation goes wrong: the whole line of the job, by the real engines.

import {execFile} from "node:child_process";
import {mkdtempSync, rmSync, writeFileSync, mkdirSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, beforeAll, beforeEach, describe, expect, test} from "vitest";
import {startPostgres, type PostgresServer} from "../fixtures/postgres-server.js";
import {makeShop, shopTables} from "../fixtures/shop.js";

let server: PostgresServer;
let folder: string;
const shop = makeShop(300);

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server?.stop());

const experiment = `experiment: {name: Shop, variants: [{name: control, control: true}, {name: "it's new"}]}
observations:
  - name: Main
    db_experiment_name: "the mayor's \\\\ test"
    split_id: user_id
    exposure_start_datetime: 2025-01-02
    exposure_end_datetime: 2025-01-11
    calc_end_datetime: 2025-01-18
`;
const metrics = `metric_group_name: Shop
metrics:
  - alias: revenue
    type: avg
    display_name: Revenue
    formula: {numerator: {alias: revenue_sum, sql: SUM(event_value)}}
`;

beforeEach(async () => {
  for (const sql of ["drop table if exists assignments, events, vips", ...shopTables(shop), "analyze"])
    await server.run(sql);
  if (folder) rmSync(folder, {recursive: true});
  folder = mkdtempSync(join(tmpdir(), "expanto-errors-"));
  mkdirSync(join(folder, "metrics"));
  writeFileSync(join(folder, "metrics", "shop.yaml"), metrics);
  writeFileSync(join(folder, "shop.yaml"), experiment);
});

type Changes = {port?: number; database?: string; more?: string; password?: string};

function configure({port = server.port, database = server.database, more = ""}: Changes = {}) {
  writeFileSync(
    join(folder, "expanto.config.yaml"),
    `folders: {queries: ${resolve("queries")}}
warehouse: {type: postgres, host: ${server.host}, port: ${port}, database: ${database}, user: ${server.user}${more}}
`
  );
}

function expanto(
  args: string[],
  {password = server.password}: Changes = {}
): Promise<{code: number; text: string}> {
  const env = {...process.env, EXPANTO_POSTGRES_PASSWORD: password};
  return new Promise((done) => {
    execFile(process.execPath, [resolve("bin/expanto.js"), ...args], {cwd: folder, env}, (error, out, err) =>
      done({code: error ? Number(error.code) : 0, text: `${out}${err}`.trim().replaceAll(folder, "…")})
    );
  });
}

async function calculated(changes: Changes = {}) {
  configure();
  expect((await expanto(["apply", "shop.yaml"])).code).toBe(0);
  configure(changes);
  return expanto(["calculate", "1"], changes);
}

describe("a calculation on PostgreSQL", () => {
  test("that goes well says what it took", async () => {
    const {code, text} = await calculated();
    expect([code, text.replace(/\d+\.\d s/, "T s")]).toEqual([
      0,
      expect.stringMatching(/^job 1 completed in T s: \d+ rows queried, \d+ crossovers left out$/)
    ]);
  });

  test("whose windows have ended is read from the cache, and asked again by --fresh, with what came late", async () => {
    const rowsSaid = ({text}: {text: string}) => / s: (\d+) rows (.*), /.exec(text)!.slice(1);
    const [rows, queried] = rowsSaid(await calculated());
    expect(queried).toBe("queried");
    await server.run(
      "insert into assignments select experiment_name, -1, group_name, timestamp '2025-01-05 08:00:00', country, os from assignments where experiment_name like 'the mayor%' limit 1"
    );
    expect(rowsSaid(await expanto(["calculate", "1"]))).toEqual([rows, "read from the cache"]);
    const [fresh, how] = rowsSaid(await expanto(["calculate", "1", "--fresh"]));
    expect([Number(fresh), how]).toEqual([Number(rows) + 1, "queried"]);
  });

  const hints = {
    names:
      "check the names in the template's sources.sql, in metrics, filters, dimensions and audience tables",
    limits: "narrow the windows or choose fewer metrics, or raise warehouse"
  };

  test("with a wrong password", async () => {
    const {code, text} = await calculated({password: "wrong"});
    expect([code, text]).toEqual([
      2,
      'error: job 1 failed: password authentication failed for user "analyst"\n  check warehouse.user in expanto.config.yaml and EXPANTO_POSTGRES_PASSWORD, and what that user may read'
    ]);
  });

  test("with nobody there", async () => {
    const {text} = await calculated({port: 1});
    expect(text).toContain(
      "error: job 1 failed: 127.0.0.1:1 cannot be reached: connect ECONNREFUSED 127.0.0.1:1"
    );
  });

  test("after a table was dropped", async () => {
    await server.run("drop table events");
    const {text} = await calculated();
    expect(text).toMatch(
      /^error: job 1 failed: relation "events" does not exist\n {2}line \d+: from events as events\n/
    );
    expect(text).toContain(hints.names);
  });

  test("after a column was renamed", async () => {
    await server.run("alter table events rename column event_value to paid");
    const {text} = await calculated();
    expect(text).toMatch(
      /^error: job 1 failed: column "event_value" does not exist\n {2}line \d+: SUM\(event_value\) as revenue_sum\n/
    );
  });

  test("beyond its time", async () => {
    await server.run("alter table events rename to kept");
    await server.run("create view events as select kept.*, pg_sleep(0.05)::text as slept from kept");
    const {text} = await calculated({more: ", time_limit_seconds: 0.5"});
    expect(text).toContain("error: job 1 failed: canceling statement due to statement timeout");
    expect(text).toContain(hints.limits);
    await server.run("drop view events");
    await server.run("drop table kept");
  });

  test("beyond its bytes", async () => {
    const {text} = await calculated({more: ", byte_limit: 1KB"});
    expect(text).toMatch(/^error: job 1 failed: the query would read \d+ KB; the limit is 1\.0 KB\n/);
  });

  test("a warehouse test says who answers, or what is wrong", async () => {
    configure();
    const good = await expanto(["warehouse", "test"]);
    expect([good.code, good.text]).toEqual([
      0,
      expect.stringMatching(/^PostgreSQL 17\.\d+ at .*\nA query runs, and its answer arrives\.$/)
    ]);
    configure({database: "nowhere"});
    const bad = await expanto(["warehouse", "test"]);
    expect([bad.code, bad.text]).toEqual([2, expect.stringContaining('database "nowhere" does not exist')]);
  });
});
