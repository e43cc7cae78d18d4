import {cp, mkdir, mkdtemp, readdir, readFile, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterEach, beforeEach, expect, test} from "vitest";
import {calculate} from "../../lib/calculate.js";
import {applyExperimentFile, parseExperiment} from "../../lib/experiment-file.js";
import {closeStore, exposuresOf, listExperiments, observationsOf, precomputesOf} from "../../lib/store.js";
import {experimentCards, resultsView} from "../../lib/views.js";
import {openWorkspace, type Workspace} from "../../lib/workspace.js";

// Six users, two a variant and one in both; u2 is exposed and does nothing, u4's purchase is before exposure.
const assignments = `experiment_name,user_id,group_name,assigned_at,country
checkout,u1,A,2025-10-01 10:00:00,DE
checkout,u2,A,2025-10-01 11:00:00,FR
checkout,u3,B,2025-10-01 10:00:00,DE
checkout,u4,B,2025-10-02 10:00:00,FR
checkout,u5,A,2025-10-02 10:00:00,DE
checkout,u5,B,2025-10-03 10:00:00,DE
other,u6,A,2025-10-01 10:00:00,DE
`;
const events = `user_id,event_name,event_value,event_timestamp,order_id,session_id
u1,purchase,10,2025-10-01 12:00:00,o1,s1
u1,purchase,20,2025-10-02 12:00:00,o2,s2
u3,purchase,8,2025-10-01 12:00:00,o3,s3
u4,purchase,99,2025-10-02 09:00:00,o4,s4
u4,purchase,6,2025-10-03 09:00:00,o5,s5
u5,purchase,500,2025-10-03 12:00:00,o6,s6
u6,purchase,500,2025-10-03 12:00:00,o7,s7
`;
const metrics = `metric_group_name: Orders
metrics:
  - {alias: revenue, type: avg, display_name: Revenue, goal: increase, formula: {numerator: {alias: revenue_sum, sql: "SUM(CASE WHEN event_name = 'purchase' THEN event_value ELSE 0 END)"}}}
  - {alias: basket, type: ratio, display_name: Basket, formula: {numerator: {alias: revenue_sum, sql: "SUM(CASE WHEN event_name = 'purchase' THEN event_value ELSE 0 END)"}, denominator: {alias: orders_cnt, sql: "COUNT(CASE WHEN event_name = 'purchase' THEN 1 END)"}}}
`;

let folder: string;
let workspace: Workspace;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "expanto-calculate-"));
  for (const name of ["metrics", "tables"]) await mkdir(join(folder, name));
  await writeFile(
    join(folder, "expanto.config.yaml"),
    `folders: {metrics: metrics, queries: ${resolve("queries")}, data: data}\nwarehouse: {type: duckdb, path: tables}\n`
  );
  await writeFile(join(folder, "metrics", "orders.yaml"), metrics);
  await writeFile(join(folder, "tables", "assignments.csv"), assignments);
  await writeFile(join(folder, "tables", "events.csv"), events);
  workspace = await openWorkspace(folder);
  applyExperimentFile(workspace.store, parseExperiment(experiment()), {now});
});
afterEach(() => closeStore(workspace.store));

const now = "2025-11-01T00:00:00.000Z";

function experiment(filters: string[] = []) {
  return {
    experiment: {
      name: "checkout",
      status: "completed",
      key_metrics: ["revenue"],
      variants: [{name: "A", control: true}, {name: "B"}]
    },
    observations: [
      {
        name: "Main",
        split_id: "user_id",
        calculation_scenario: "duckdb",
        exposure_start_datetime: "2025-10-01",
        exposure_end_datetime: "2025-10-08",
        calc_start_datetime: "2025-10-01",
        calc_end_datetime: "2025-10-15",
        filters
      }
    ]
  };
}

const observation = () => observationsOf(workspace.store, listExperiments(workspace.store)[0].id)[0].id;

test("exposed units without events count as zero, earlier events and other experiments do not count, crossovers are left out", async () => {
  const job = await calculate(workspace, observation());
  expect([job.status, job.error, job.facts.crossovers, job.facts.rows]).toEqual(["completed", null, 1, 5]);
  const read = precomputesOf(workspace.store, job.id).map((d) => [
    d.variant,
    d.metric,
    d.n,
    d.value,
    d.numeratorVariance
  ]);
  expect(read.sort()).toEqual([
    ["A", "basket", 2, 15, 450],
    ["A", "revenue", 2, 15, 450],
    ["B", "basket", 2, 7, 2],
    ["B", "revenue", 2, 7, 2]
  ]);
  expect(exposuresOf(workspace.store, job.id).map(({variant, day, units}) => [variant, day, units])).toEqual([
    ["A", "2025-10-01", 2],
    ["B", "2025-10-01", 1],
    ["B", "2025-10-02", 1]
  ]);
});

test("covariates are what each unit did in the days before its own exposure, and Results can use them", async () => {
  const [file] = [experiment()];
  const looking = {...file, observations: [{...file.observations[0], pre_period_days: 7}]};
  applyExperimentFile(workspace.store, parseExperiment(looking), {now});
  await writeFile(
    join(folder, "tables", "events.csv"),
    `${events}u1,purchase,5,2025-09-28 12:00:00,o8,s8\nu1,purchase,900,2025-09-01 12:00:00,o9,s9\nu2,purchase,3,2025-10-01 10:59:00,o10,s10\n`
  );
  const job = await calculate(workspace, observation());
  const rows = precomputesOf(workspace.store, job.id).filter(({metric}) => metric === "revenue");
  // A: u1 30 after and 5 before, u2 0 and 3. B: u3 8 and 0, u4 6 and 99, bought an hour before its exposure.
  expect(rows.map(({variant, value, full}) => [variant, value, full])).toEqual([
    [
      "A",
      15,
      {
        means: [15, 4],
        covariance: [
          [450, 30],
          [30, 2]
        ]
      }
    ],
    [
      "B",
      7,
      {
        means: [7, 49.5],
        covariance: [
          [2, -99],
          [-99, 4900.5]
        ]
      }
    ]
  ]);
  const {metrics} = await resultsView(workspace, observation());
  expect(metrics.map(({arms}) => arms.map(({moments}) => moments!.means.length))).toEqual([
    [2, 2],
    [4, 4]
  ]);
});

test("a changed definition makes its own metric stale, and only its piece is computed again; the files are read anew", async () => {
  await calculate(workspace, observation());
  const stale = async () => {
    const {stale, staleMetrics} = await resultsView(workspace, observation());
    return [stale, staleMetrics];
  };
  expect(await stale()).toEqual([null, []]);
  await writeFile(
    join(folder, "metrics", "orders.yaml"),
    metrics.replace("goal: increase", "goal: increase, cap: 20")
  );
  expect(await stale()).toEqual([
    "the definition of Revenue has changed since this was calculated",
    ["revenue"]
  ]);
  const capped = await calculate(workspace, observation());
  expect([capped.facts.caps, capped.facts.pieces]).toEqual([{revenue: 20}, {found: 3, made: 0}]);
  const counted = metrics
    .replace("THEN 1 END", "THEN 2 END")
    .replace("goal: increase", "goal: increase, cap: 20");
  await writeFile(join(folder, "metrics", "orders.yaml"), counted);
  expect(await stale()).toEqual([
    "the definition of Basket has changed since this was calculated",
    ["basket"]
  ]);
  expect((await calculate(workspace, observation())).facts.pieces).toEqual({found: 2, made: 1});
  await writeFile(join(folder, "metrics", "orders.yaml"), `${counted}  - {alias: broken}\n`);
  expect((await stale())[0]).toMatch(/^it could not be calculated again now: \d+ errors? in metrics/);
});

test("changed templates make every number stale, another choice of metrics none", async () => {
  const queries = join(folder, "queries");
  await cp(resolve("queries"), queries, {recursive: true});
  const own = {...workspace, config: {...workspace.config, folders: {...workspace.config.folders, queries}}};
  await calculate(own, observation());
  const stale = async () => {
    const {stale, staleMetrics} = await resultsView(own, observation());
    return [stale, staleMetrics];
  };
  const more =
    '  - {alias: orders, type: avg, display_name: Orders, formula: {numerator: {alias: orders_n, sql: "COUNT(order_id)"}}}\n';
  await writeFile(join(folder, "metrics", "orders.yaml"), metrics + more);
  expect(await stale()).toEqual(["not yet calculated: Orders", []]);
  const entry = join(queries, "events", "formulas.sql");
  await writeFile(entry, `-- another text\n${await readFile(entry, "utf8")}`);
  expect(await stale()).toEqual([
    "the templates have changed since this was calculated",
    ["revenue", "basket"]
  ]);
});

test("an identical run reads the cached user aggregates; a changed source does not", async () => {
  const first = await calculate(workspace, observation());
  const again = await calculate(workspace, observation());
  await writeFile(
    join(folder, "tables", "events.csv"),
    `${events}u2,purchase,30,2025-10-04 12:00:00,o8,s8\n`
  );
  const changed = await calculate(workspace, observation());
  const hits = [first, again, changed].map(({facts}) => facts.cacheHit);
  expect([first.facts.bytes! > 0, again.facts.bytes]).toEqual([true, undefined]);
  const revenue = [first, again, changed].map(
    ({id}) =>
      precomputesOf(workspace.store, id).find((d) => d.metric === "revenue" && d.variant === "A")!.value
  );
  expect([hits, revenue]).toEqual([
    [false, true, false],
    [15, 15, 30]
  ]);
});

test("ids of twenty digits in a CSV of the warehouse stay apart", async () => {
  const long = (text: string) => text.replace(/\bu(\d)\b/g, "1234567890123456700$1");
  await writeFile(join(folder, "tables", "assignments.csv"), long(assignments));
  await writeFile(join(folder, "tables", "events.csv"), long(events));
  const job = await calculate(workspace, observation());
  expect([job.error, job.facts.rows, job.facts.crossovers]).toEqual([null, 5, 1]);
});

test("a failed job keeps the engine's own words with the line of SQL, and stores nothing else", async () => {
  applyExperimentFile(workspace.store, parseExperiment(experiment(["contry = 'DE'"])), {now});
  const job = await calculate(workspace, observation());
  expect([job.status, job.error]).toEqual([
    "failed",
    expect.stringMatching(/contry[\s\S]*line \d+: .*contry/)
  ]);
  expect(job.query.split("\n")[job.facts.line! - 1]).toContain("contry");
  expect([precomputesOf(workspace.store, job.id), exposuresOf(workspace.store, job.id)]).toEqual([[], []]);
});

test("a secret that the warehouse repeats is not kept with the failed job", async () => {
  const secret = "canary_1234";
  const assistant = {...workspace.config.assistant, apiKey: secret};
  applyExperimentFile(workspace.store, parseExperiment(experiment([`${secret} = 'DE'`])), {now});
  const job = await calculate({...workspace, config: {...workspace.config, assistant}}, observation());
  expect([job.status, job.error]).toEqual(["failed", expect.stringContaining("[secret]")]);
  expect(job.error).not.toContain(secret);
});

test("a cancelled job is marked so and leaves no half-written file", async () => {
  const job = await calculate(workspace, observation(), {signal: AbortSignal.abort()});
  expect([job.status, job.error]).toEqual(["cancelled", "cancelled before it finished"]);
  const files = await readdir(join(folder, "data", "cache"), {recursive: true});
  expect(files.filter((name) => /parquet|part/.test(name))).toEqual([]);
});

test("above the byte limit the embedded engine is not asked, and what is cached answers all the same", async () => {
  const limited = {...workspace, config: {...workspace.config, limits: {timeLimitMs: null, byteLimit: 10}}};
  const refused = await calculate(limited, observation());
  expect([refused.status, refused.error]).toEqual([
    "failed",
    expect.stringMatching(/^the query would read \d+ B; the limit is 10 B$/)
  ]);
  expect((await calculate(workspace, observation())).status).toBe("completed");
  const cached = await calculate(limited, observation());
  expect([cached.status, cached.facts.cacheHit]).toEqual(["completed", true]);
});

test("a declared key metric is kept day by day, its last day as the whole; a formula is not", async () => {
  const declared = metrics
    .replaceAll(
      "sql: \"SUM(CASE WHEN event_name = 'purchase' THEN event_value ELSE 0 END)\"",
      "agg: sum, event: purchase, value: event_value"
    )
    .replace("sql: \"COUNT(CASE WHEN event_name = 'purchase' THEN 1 END)\"", "agg: count, event: purchase");
  await calculate(workspace, observation());
  expect((await resultsView(workspace, observation())).series).toEqual([]);
  await writeFile(join(folder, "metrics", "orders.yaml"), declared);
  const again = await openWorkspace(folder);
  await calculate(again, observation());
  const {series, metrics: shown} = await resultsView(again, observation());
  closeStore(again.store);
  expect([...new Set(series.map(({metric}) => metric))]).toEqual(["basket", "revenue"]);
  for (const {variant, moments} of shown.find(({metric}) => metric.alias === "revenue")!.arms) {
    const last = series.filter((row) => row.variant === variant).at(-1)!.moments;
    expect(last.n).toBe(moments!.n);
    expect(last.means[0]).toBeCloseTo(moments!.means[0], 10);
    expect(last.covariance[0][0]).toBeCloseTo(moments!.covariance[0][0], 8);
  }
});

test("an observation of nobody says what to check", async () => {
  applyExperimentFile(workspace.store, parseExperiment(experiment(["country = 'XX'"])), {now});
  const job = await calculate(workspace, observation());
  expect([job.status, job.error, job.facts.hint]).toEqual([
    "failed",
    "no unit was exposed",
    "check the experiment's name in the warehouse, the exposure window and the filters"
  ]);
});

test("a result says that it is out of date once its settings or its data have changed", async () => {
  await calculate(workspace, observation());
  const stale = async () => (await resultsView(workspace, observation())).stale;
  const fresh = await stale();
  applyExperimentFile(workspace.store, parseExperiment(experiment(["country = 'DE'"])), {now});
  const changed = await stale();
  applyExperimentFile(workspace.store, parseExperiment(experiment()), {now});
  await writeFile(
    join(folder, "tables", "events.csv"),
    `${events}u2,purchase,30,2025-10-04 12:00:00,o8,s8\n`
  );
  expect([fresh, changed, await stale()]).toEqual([
    null,
    "the observation has changed since this was calculated: filters",
    "the warehouse's data has changed since this was calculated"
  ]);
});

test("the Results page gets one job's moments, primary metric first; the list gets its primary metric", async () => {
  await calculate(workspace, observation());
  const view = await resultsView(workspace, observation());
  expect(
    view.metrics.map(({metric, arms}) => [
      metric.alias,
      metric.role,
      arms.map(({variant, moments}) => [variant, moments?.means])
    ])
  ).toEqual([
    [
      "revenue",
      "primary",
      [
        ["A", [15]],
        ["B", [7]]
      ]
    ],
    [
      "basket",
      "other",
      [
        ["A", [15, 1]],
        ["B", [7, 1]]
      ]
    ]
  ]);
  const [card] = experimentCards(workspace);
  expect([card.primary?.metric.alias, card.units]).toEqual([
    "revenue",
    [
      {variant: "A", units: 2},
      {variant: "B", units: 2}
    ]
  ]);
});
