// A quantile as a metric, from events to an effect.

import {mkdir, mkdtemp, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, beforeAll, expect, test} from "vitest";
import {calculate} from "../../lib/calculate.js";
import {applyExperimentFile, parseExperiment} from "../../lib/experiment-file.js";
import {tryMetrics} from "../../lib/metric-catalogue.js";
import {sliceQuestion, sliceUnits} from "../../lib/slice.js";
import {cellsIn, momentsIn} from "../../lib/stats/cells.js";
import {compare} from "../../lib/stats/compare.js";
import {computeFamily} from "../../lib/stats/families.js";
import {quantileArm} from "../../lib/stats/quantile.js";
import type {Moments} from "../../lib/stats/types.js";
import {cellsOf, closeStore, latestCompletedJob} from "../../lib/store.js";
import {resultsView} from "../../lib/views.js";
import {openWorkspace, type Workspace} from "../../lib/workspace.js";
import {uniforms} from "./stats/random.js";

const metrics = `metric_group_name: Speed
metrics:
  - {alias: median, type: quantile, quantile: 50%, display_name: Median, formula: {numerator: {alias: spent, event: purchase, agg: sum, value: event_value}}}
  - {alias: p90, type: quantile, quantile: 0.9, display_name: Slowest, formula: {numerator: {alias: load, sql: "AVG(CASE WHEN event_name = 'load' THEN event_value END)"}}}
  - {alias: spend, type: avg, display_name: Spend, formula: {numerator: {alias: spent, event: purchase, agg: sum, value: event_value}}}
`;

type Unit = {id: string; variant: string; country: string; loads: number[]; spent: number};
const units = population(600);

let workspace: Workspace;
beforeAll(async () => {
  workspace = await shop("units");
  expect(await calculate(workspace, 1)).toMatchObject({status: "completed", error: null});
}, 60_000);
afterAll(() => closeStore(workspace.store));

function quantileOf(values: number[], q: number): Moments {
  const {value, error} = quantileArm(values, q, 0.05);
  return {n: values.length, means: [value], covariance: [[values.length * error ** 2]]};
}

const average = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const loadOf = ({loads}: Unit) => (loads.length ? [average(loads)] : []);

// What the units themselves say, sorted in plain loops.
function expected(alias: "p90" | "median", keeps: (unit: Unit) => boolean = () => true): Moments[] {
  return ["A", "B"].map((variant) => {
    const own = units.filter((unit) => unit.variant === variant && keeps(unit));
    return alias === "p90"
      ? quantileOf(own.flatMap(loadOf), 0.9)
      : quantileOf(
          own.map(({spent}) => spent),
          0.5
        );
  });
}

const near = ({n, means, covariance}: Moments) => ({
  n,
  means: means.map((mean) => expect.closeTo(mean, 9)),
  covariance: covariance.map((row) => row.map((value) => expect.closeTo(value, 6)))
});

async function momentsOf(alias: string): Promise<Moments[]> {
  const {metrics: rows} = await resultsView(workspace, 1);
  return rows.find(({metric}) => metric.alias === alias)!.arms.map(({moments}) => moments!);
}

test("a job keeps quantiles of units, those without a value left out or zero", async () => {
  expect(await momentsOf("p90")).toEqual(expected("p90").map(near));
  expect(await momentsOf("median")).toEqual(expected("median").map(near));
  expect((await momentsOf("p90"))[0].n).toBeLessThan((await momentsOf("median"))[0].n);
});

test("it is compared as the values themselves are", async () => {
  const [control, treatment] = await momentsOf("p90");
  const [a, b] = ["A", "B"].map((name) => units.filter(({variant}) => variant === name).flatMap(loadOf));
  const {diff_abs, ci_lower, p_value} = computeFamily("quantile", {
    data_1: a,
    data_2: b,
    q: 0.9,
    alpha: 0.05
  });
  const {value, low, pvalue} = compare("quantile", control, treatment).difference;
  const expected = [diff_abs, ci_lower, p_value].map((x) => expect.closeTo(x as number, 9));
  expect([value, low, pvalue]).toEqual(expected);
});

test("it does not add up over cells, so a job keeps none; the cached units answer any slice of it", async () => {
  const {id} = latestCompletedJob(workspace.store, 1)!;
  expect(cellsOf(workspace.store, id)!.metrics.map(({alias}) => alias)).toEqual(["spend"]);
  const asked = {where: "country = 'DE'", metrics: ["p90", "median"]};
  const {cells} = await sliceUnits(workspace, 1, sliceQuestion.parse(asked));
  for (const metric of cells.metrics)
    expect(momentsIn(cells, metric, cellsIn(cells, {}))).toEqual(
      expected(metric.alias as "p90", ({country}) => country === "DE").map(near)
    );
  const by = await sliceUnits(workspace, 1, sliceQuestion.parse({by: ["country"], metrics: ["p90"]}));
  const [p90] = by.cells.metrics;
  expect(momentsIn(by.cells, p90, cellsIn(by.cells, {country: ["FR"]}))).toEqual(
    expected("p90", ({country}) => country === "FR").map(near)
  );
  expect(momentsIn(by.cells, p90, cellsIn(by.cells, {}))).toEqual([null, null]);
});

test("one that nobody keeps is tried on the units that are there", async () => {
  const text = metrics.replace("quantile: 0.9", "quantile: 0.75").replaceAll("p90", "p75");
  const {metrics: rows} = await tryMetrics(workspace, {text, observation: 1});
  const [{arms}] = rows.filter(({metric}) => metric.alias === "p75");
  const own = units.filter(({variant}) => variant === "A").flatMap(loadOf);
  expect(arms[0].moments).toEqual(near(quantileOf(own, 0.75)));
});

test("where only moments come home it is refused, and says why", async () => {
  const there = await shop("moments");
  await calculate(there, 1);
  const {job} = await resultsView(there, 1);
  const reason = expect.stringContaining("only moments come home");
  expect(job!.facts.refused).toEqual({median: reason, p90: reason});
  closeStore(there.store);
});

function population(count: number): Unit[] {
  const random = uniforms(5);
  return Array.from({length: count}, (_, i) => {
    const variant = i % 2 ? "B" : "A";
    const slow = variant === "B" ? 1.3 : 1;
    const loads = Array.from({length: Math.floor(random() * 4)}, () =>
      Math.round(1000 * slow * random() ** 3)
    );
    const spent = random() < 0.7 ? Math.round(10_000 * random()) / 100 : 0;
    return {id: `u${i}`, variant, country: random() < 0.5 ? "DE" : "FR", loads, spent};
  });
}

async function shop(results: string): Promise<Workspace> {
  const folder = await mkdtemp(join(tmpdir(), "expanto-quantiles-"));
  for (const name of ["metrics", "tables"]) await mkdir(join(folder, name));
  await writeFile(
    join(folder, "expanto.config.yaml"),
    `folders: {metrics: metrics, queries: ${resolve("queries")}, data: data}\nwarehouse: {type: duckdb, path: tables, results: ${results}}\n`
  );
  await writeFile(join(folder, "metrics", "speed.yaml"), metrics);
  const assigned = units.map(
    ({id, variant, country}) => `checkout,${id},${variant},2025-10-10 10:00:00,${country}`
  );
  const happened = units.flatMap(({id, loads, spent}) => [
    ...loads.map((ms) => `${id},load,${ms},2025-10-11 10:00:00`),
    ...(spent ? [`${id},purchase,${spent},2025-10-12 10:00:00`] : [])
  ]);
  const table = (name: string, header: string, rows: string[]) =>
    writeFile(join(folder, "tables", `${name}.csv`), [header, ...rows].join("\n"));
  await table("assignments", "experiment_name,user_id,group_name,assigned_at,country", assigned);
  await table("events", "user_id,event_name,event_value,event_timestamp", happened);
  const opened = await openWorkspace(folder);
  const observation = {
    name: "main",
    split_id: "user_id",
    calculation_scenario: "duckdb",
    exposure_start_datetime: "2025-10-10",
    exposure_end_datetime: "2025-10-20",
    calc_end_datetime: "2025-10-20",
    dimensions: ["country"]
  };
  const experiment = {
    name: "checkout",
    key_metrics: ["p90"],
    variants: [{name: "A", control: true}, {name: "B"}]
  };
  applyExperimentFile(opened.store, parseExperiment({experiment, observations: [observation]}), {});
  return opened;
}
