import {mkdir, mkdtemp, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, beforeAll, expect, test} from "vitest";
import {calculate} from "../../lib/calculate.js";
import {applyExperimentFile, parseExperiment} from "../../lib/experiment-file.js";
import {sliceQuestion, sliceUnits} from "../../lib/slice.js";
import {cellsIn, momentsIn, unitsIn, type Cells, type Slice} from "../../lib/stats/cells.js";
import type {Moments} from "../../lib/stats/types.js";
import {
  cellsOf,
  closeStore,
  listExperiments,
  observationByName,
  precomputesOf,
  saveObservation
} from "../../lib/store.js";
import {openWorkspace, type Workspace} from "../../lib/workspace.js";
import {close} from "../fixtures/close.js";
import {uniforms} from "./stats/random.js";

const metrics = `metric_group_name: Shop
metrics:
  - {alias: orders, type: avg, display_name: Orders, formula: {numerator: {alias: orders_cnt, event: purchase, agg: count}}}
  - {alias: revenue, type: avg, display_name: Revenue, cap: "95%", formula: {numerator: {alias: revenue_sum, event: purchase, agg: sum, value: event_value}}}
  - {alias: bought, type: proportion, display_name: Bought, formula: {numerator: {alias: bought_flag, event: purchase, agg: flag}}}
  - {alias: basket, type: ratio, display_name: Basket, formula: {numerator: {alias: revenue_sum, event: purchase, agg: sum, value: event_value}, denominator: {alias: orders_cnt, event: purchase, agg: count}}}
  - {alias: latest, type: avg, display_name: Latest, formula: {numerator: {alias: latest_max, sql: "MAX(CASE WHEN event_name = 'purchase' THEN event_value ELSE 0 END)"}}}
`;

let workspace: Workspace;
let jobs: Record<string, number>;

beforeAll(async () => {
  workspace = await shop("units");
  jobs = await calculated(workspace);
}, 60_000);
afterAll(() => closeStore(workspace.store));

test("all cells together are the whole, for every kind of metric and with covariates", () => {
  const cells = cellsOf(workspace.store, jobs.main)!;
  expect(cells.keys.map(({name}) => name)).toEqual(["country", "platform", "day"]);
  expect(sliced(cells, {})).toEqual(close(whole(workspace, jobs.main)));
});

test("a slice of cells is what an observation with that filter gives", () => {
  const cells = cellsOf(workspace.store, jobs.main)!;
  const found = sliced(cells, {country: ["DE"]});
  const expected = whole(workspace, jobs.german);
  // A percentile cap, and what stands for a missing covariate, are those of all units: a filtered observation has others.
  for (const metric of ["revenue", "latest"]) {
    delete found[metric];
    delete expected[metric];
  }
  expect(found).toEqual(close(expected));
  expect(unitsIn(cells, cellsIn(cells, {country: ["DE"], platform: ["none"]}))).toEqual([0, 0]);
});

test("cached units answer any condition on dimensions, and cross them as asked", async () => {
  const {id} = observation("main");
  const where = "country = 'DE' and platform <> 'web'";
  const {job, cells} = await sliceUnits(workspace, id, sliceQuestion.parse({where, by: ["platform"]}));
  expect(job).toBe(jobs.main);
  expect(cells.keys).toEqual([{name: "platform", values: ["android", "ios"]}]);
  const stored = cellsOf(workspace.store, jobs.main)!;
  expect(sliced(cells, {})).toEqual(close(sliced(stored, {country: ["DE"], platform: ["android", "ios"]})));
});

test("cached units answer another cap, which is that of all units", async () => {
  const {id} = observation("main");
  const ask = (cap: number | null) =>
    sliceUnits(workspace, id, sliceQuestion.parse({cap, metrics: ["orders"], where: "country = 'DE'"}));
  const [as, capped] = [sliced((await ask(null)).cells, {}), sliced((await ask(0.6)).cells, {})];
  expect(capped.orders[0]!.means[0]).toBeLessThan(as.orders[0]!.means[0]);
});

test("units that are no longer those of the observation are not asked", async () => {
  const {id, ...main} = observation("main");
  saveObservation(workspace.store, {...main, exposureEnd: "2025-10-12T00:00:00.000Z"}, {id});
  await expect(sliceUnits(workspace, id, sliceQuestion.parse({}))).rejects.toThrow(
    /have changed since job \d+ counted its units/
  );
  saveObservation(workspace.store, main, {id});
});

test("what cannot be asked says why", async () => {
  const {id} = observation("main");
  const ask = (question: object) => sliceUnits(workspace, id, sliceQuestion.parse(question));
  await expect(ask({by: ["city"]})).rejects.toThrow("no dimension city");
  await expect(ask({where: "city = 'x'"})).rejects.toThrow("city");
  await expect(ask({where: "country in (select 1)"})).rejects.toThrow();
  await expect(ask({by: ["day"]})).resolves.toMatchObject({cells: {keys: [{name: "day"}]}});
  await expect(ask({metrics: ["nothing"]})).rejects.toThrow("unknown metric: nothing");
  await expect(sliceUnits(workspace, 999, sliceQuestion.parse({}))).rejects.toThrow("no observation 999");
});

test("cells that the warehouse aggregates itself are the same", async () => {
  const there = await shop("moments");
  const {main} = await calculated(there);
  const [theirs, ours] = [there, workspace].map(({store}, i) =>
    sliced(cellsOf(store, [main, jobs.main][i])!, {country: ["FR"]})
  );
  delete ours.revenue;
  delete theirs.revenue;
  expect(theirs).toEqual(close(ours));
  closeStore(there.store);
}, 60_000);

function observation(name: string) {
  const [{id}] = listExperiments(workspace.store);
  return observationByName(workspace.store, id, name)!;
}

async function calculated({store, ...rest}: Workspace): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  const [{id}] = listExperiments(store);
  for (const name of ["main", "german"]) {
    const job = await calculate({store, ...rest}, observationByName(store, id, name)!.id);
    expect(job).toMatchObject({status: "completed", error: null});
    found[name] = job.id;
  }
  return found;
}

type Found = Record<string, (Moments | null)[]>;

function sliced(cells: Cells, slice: Slice): Found {
  const chosen = cellsIn(cells, slice);
  return Object.fromEntries(cells.metrics.map((metric) => [metric.alias, momentsIn(cells, metric, chosen)]));
}

function whole({store}: Workspace, job: number): Found {
  const found: Found = {};
  for (const {metric, n, full} of precomputesOf(store, job)) (found[metric] ??= []).push({n, ...full!});
  return found;
}

/** Makes a shop of 400 users in two variants, three countries and three platforms, some of whom buy. */
async function shop(results: string): Promise<Workspace> {
  const folder = await mkdtemp(join(tmpdir(), "expanto-slice-"));
  for (const name of ["metrics", "tables"]) await mkdir(join(folder, name));
  await writeFile(
    join(folder, "expanto.config.yaml"),
    `folders: {metrics: metrics, queries: ${resolve("queries")}, data: data}\nwarehouse: {type: duckdb, path: tables, results: ${results}}\n`
  );
  const own = results === "units" ? metrics : metrics.replace('cap: "95%", ', "cap: 1000000, ");
  await writeFile(join(folder, "metrics", "shop.yaml"), own);
  const random = uniforms(7);
  const pick = <T>(values: T[]) => values[Math.floor(random() * values.length)];
  const assignments = ["experiment_name,user_id,group_name,assigned_at,country,platform"];
  const events = ["user_id,event_name,event_value,event_timestamp,order_id,session_id"];
  for (let i = 0; i < 400; i++) {
    const day = 10 + Math.floor(random() * 4);
    const row = [
      `u${i}`,
      i % 2 ? "B" : "A",
      `2025-10-${day} 10:00:00`,
      pick(["DE", "FR", "IT"]),
      pick(["ios", "android", "web"])
    ];
    assignments.push(["checkout", ...row].join(","));
    for (let j = Math.floor(random() * 5); j > 0; j--) {
      const at = `2025-10-${String(4 + Math.floor(random() * 16)).padStart(2, "0")} 12:00:00`;
      events.push(
        [`u${i}`, pick(["purchase", "visit"]), Math.round(random() * 100), at, `o${i}`, `s${i}`].join(",")
      );
    }
  }
  await writeFile(join(folder, "tables", "assignments.csv"), assignments.join("\n"));
  await writeFile(join(folder, "tables", "events.csv"), events.join("\n"));
  const opened = await openWorkspace(folder);
  const common = {
    split_id: "user_id",
    calculation_scenario: "duckdb",
    exposure_start_datetime: "2025-10-10",
    exposure_end_datetime: "2025-10-20",
    calc_start_datetime: "2025-10-10",
    calc_end_datetime: "2025-10-20",
    pre_period_days: 5,
    dimensions: ["country", "platform"]
  };
  const file = {
    experiment: {
      name: "checkout",
      key_metrics: ["orders"],
      variants: [{name: "A", control: true}, {name: "B"}]
    },
    observations: [
      {...common, name: "main"},
      {...common, name: "german", filters: ["country = 'DE'"]}
    ]
  };
  applyExperimentFile(opened.store, parseExperiment(file), {});
  return opened;
}
