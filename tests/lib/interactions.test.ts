import {mkdir, mkdtemp, readdir, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, beforeAll, expect, test} from "vitest";
import {calculate} from "../../lib/calculate.js";
import {applyExperimentFile, parseExperiment} from "../../lib/experiment-file.js";
import {crossUnits, overlapsOf} from "../../lib/interactions.js";
import {cellsIn, momentsIn} from "../../lib/stats/cells.js";
import {closeStore, experimentByName, observationsOf} from "../../lib/store.js";
import {openWorkspace, type Workspace} from "../../lib/workspace.js";

// u1 to u8 are in both experiments, u9 in the first alone, u10 in the second alone; u8 is in two variants of the second.
const assignments = `experiment_name,user_id,group_name,assigned_at
first,u1,A,2025-10-01 10:00:00
first,u2,A,2025-10-01 10:00:00
first,u3,A,2025-10-01 10:00:00
first,u4,B,2025-10-01 10:00:00
first,u5,B,2025-10-01 10:00:00
first,u6,B,2025-10-01 10:00:00
first,u7,B,2025-10-01 10:00:00
first,u8,B,2025-10-01 10:00:00
first,u9,A,2025-10-01 10:00:00
second,u1,X,2025-10-02 10:00:00
second,u2,X,2025-10-02 10:00:00
second,u3,Y,2025-10-02 10:00:00
second,u4,X,2025-10-02 10:00:00
second,u5,Y,2025-10-02 10:00:00
second,u6,Y,2025-10-02 10:00:00
second,u7,X,2025-10-02 10:00:00
second,u8,X,2025-10-02 10:00:00
second,u8,Y,2025-10-03 10:00:00
second,u10,Y,2025-10-02 10:00:00
later,u1,X,2025-12-02 10:00:00
`;
const events = `user_id,event_name,event_value,event_timestamp,order_id,session_id
u1,purchase,10,2025-10-01 12:00:00,o1,s1
u1,purchase,20,2025-10-03 12:00:00,o2,s1
u3,purchase,4,2025-10-03 12:00:00,o3,s3
u5,purchase,6,2025-10-03 12:00:00,o4,s5
u6,purchase,8,2025-10-03 12:00:00,o5,s6
u7,purchase,2,2025-10-01 12:00:00,o6,s7
u9,purchase,99,2025-10-01 12:00:00,o7,s9
`;
const metrics = `metric_group_name: Orders
metrics:
  - {alias: revenue, type: avg, display_name: Revenue, formula: {numerator: {alias: revenue_sum, agg: sum, event: purchase, value: event_value}}}
  - {alias: largest, type: avg, display_name: Largest, formula: {numerator: {alias: largest_max, missing: zero, sql: "MAX(CASE WHEN event_name = 'purchase' THEN event_value ELSE 0 END)"}}}
`;

let folder: string;
let workspace: Workspace;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "expanto-crossing-"));
  for (const name of ["metrics", "tables"]) await mkdir(join(folder, name));
  await writeFile(
    join(folder, "expanto.config.yaml"),
    `folders: {metrics: metrics, queries: ${resolve("queries")}, data: data}\nwarehouse: {type: duckdb, path: tables}\n`
  );
  await writeFile(join(folder, "metrics", "orders.yaml"), metrics);
  await writeFile(join(folder, "tables", "assignments.csv"), assignments);
  await writeFile(join(folder, "tables", "events.csv"), events);
  workspace = await openWorkspace(folder);
  for (const [name, control, treatment, month] of [
    ["first", "A", "B", "10"],
    ["second", "X", "Y", "10"],
    ["later", "X", "Y", "12"]
  ]) {
    const window = {
      exposure_start_datetime: `2025-${month}-01`,
      exposure_end_datetime: `2025-${month}-20`,
      calc_start_datetime: `2025-${month}-01`,
      calc_end_datetime: `2025-${month}-20`
    };
    const file = {
      experiment: {name, status: "completed", variants: [{name: control, control: true}, {name: treatment}]},
      observations: [{name: "Main", db_experiment_name: name, split_id: "user_id", ...window}]
    };
    applyExperimentFile(workspace.store, parseExperiment(file, {defaultScenario: "duckdb"}));
    expect((await calculate(workspace, main(name))).error).toBe(null);
  }
});
afterAll(() => closeStore(workspace.store));

const main = (name: string) =>
  observationsOf(workspace.store, experimentByName(workspace.store, name)!.id)[0].id;

test("experiments on the same units at the same time are found, and no others", () => {
  expect(overlapsOf(workspace, main("first")).map(({experiment}) => experiment.name)).toEqual(["second"]);
  expect(overlapsOf(workspace, main("later"))).toEqual([]);
});

test("units in both are crossed, by the first's events; who is in one alone, or in two variants, is in no cell", async () => {
  const {cells} = await crossUnits(workspace, main("first"), {
    with: main("second"),
    metrics: ["revenue", "largest"]
  });
  const found = (alias: string) =>
    ["X", "Y"].map((value) => {
      const own = cells.metrics.find((metric) => metric.alias === alias)!;
      return momentsIn(cells, own, cellsIn(cells, {other: [value]})).map((moments) => [
        moments!.n,
        moments!.means[0]
      ]);
    });
  expect([cells.variants, cells.keys]).toEqual([["A", "B"], [{name: "other", values: ["X", "Y"]}]]);
  // A and X: u1 (30) and u2 (0); B and X: u4 (0) and u7 (2). A and Y: u3; B and Y: u5 and u6.
  expect(found("revenue")).toEqual([
    [
      [2, 15],
      [2, 1]
    ],
    [
      [1, 4],
      [2, 7]
    ]
  ]);
  expect(found("largest")[0]).toEqual([
    [2, 10],
    [2, 1]
  ]);
  expect(
    (await readdir(join(folder, "data", "cache"))).filter((name) => name.startsWith("crossing"))
  ).toEqual([]);
});

test("nobody in both, or an unknown metric, is said", async () => {
  const crossing = (metrics: string[]) =>
    crossUnits(workspace, main("second"), {with: main("first"), metrics});
  await expect(crossing(["revenu"])).rejects.toThrow("unknown metric: revenu");
  const gone = crossUnits(workspace, main("first"), {with: 99, metrics: ["revenue"]});
  await expect(gone).rejects.toThrow("there is no observation 99");
});
