import {mkdir, mkdtemp, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterEach, beforeEach, expect, test} from "vitest";
import {planningBaseline} from "../../lib/baseline.js";
import {closeStore, listExperiments} from "../../lib/store.js";
import {openWorkspace, type Workspace} from "../../lib/workspace.js";

// u2 is in two experiments, u3 in both variants of one, u4 comes after the window.
const assignments = `experiment_name,user_id,group_name,assigned_at
checkout,u1,A,2025-10-01 10:00:00
checkout,u2,B,2025-10-01 11:00:00
search,u2,A,2025-10-02 11:00:00
search,u3,A,2025-10-02 10:00:00
search,u3,B,2025-10-03 10:00:00
search,u4,B,2025-10-09 10:00:00
`;
const events = `user_id,event_name,event_value,event_timestamp,session_id
u1,purchase,10,2025-10-01 12:00:00,s1
u1,purchase,20,2025-10-02 12:00:00,s2
u2,purchase,6,2025-10-01 12:00:00,s3
u3,purchase,99,2025-10-01 12:00:00,s4
`;
const metrics = `metric_group_name: Orders
metrics:
  - {alias: revenue, type: avg, display_name: Revenue, formula: {numerator: {alias: revenue_sum, event: purchase, agg: sum, value: event_value}}}
`;
const fields = {
  split_id: "user_id",
  calculation_scenario: "duckdb",
  exposure_start_datetime: "2025-10-01",
  exposure_end_datetime: "2025-10-08"
};

let workspace: Workspace;
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), "expanto-baseline-"));
  for (const name of ["metrics", "tables"]) await mkdir(join(folder, name));
  await writeFile(
    join(folder, "expanto.config.yaml"),
    `folders: {metrics: metrics, queries: ${resolve("queries")}, data: data}\nwarehouse: {type: duckdb, path: tables}\n`
  );
  await writeFile(join(folder, "metrics", "orders.yaml"), metrics);
  await writeFile(join(folder, "tables", "assignments.csv"), assignments);
  await writeFile(join(folder, "tables", "events.csv"), events);
  workspace = await openWorkspace(folder);
});
afterEach(() => closeStore(workspace.store));

test("a plan starts from every unit of the window, once, in whatever experiment and variant it was", async () => {
  const {metrics, exposures, units, sql} = await planningBaseline(workspace, {fields});
  // u1 spent 30, u2 6, and u3 nothing from its exposure on: mean 12, variance ((18)² + (−6)² + (−12)²) / 2.
  expect(metrics.map(({metric, arms}) => [metric.alias, arms])).toEqual([
    ["revenue", [{variant: "planning", moments: {n: 3, means: [12], covariance: [[252]]}, reason: null}]]
  ]);
  expect(exposures.toSorted((a, b) => a.day.localeCompare(b.day))).toEqual([
    {day: "2025-10-01", units: 2},
    {day: "2025-10-02", units: 1}
  ]);
  expect([units, sql.includes("'planning'")]).toEqual([3, true]);
  expect(listExperiments(workspace.store)).toEqual([]);
});

test("a window of nobody, a field that is none and a filter that is refused are told before or in the warehouse's words", async () => {
  const ask = (more: object) => planningBaseline(workspace, {fields: {...fields, ...more}});
  await expect(ask({exposure_end_datetime: "2025-09-01", exposure_start_datetime: null})).rejects.toThrow(
    "no unit was exposed"
  );
  await expect(ask({exposure_from: "2025-09-01"})).rejects.toThrow("exposure_from");
  await expect(ask({filters: ["platform in (select 1)"]})).rejects.toThrow("could not be calculated");
});
