import {execFile} from "node:child_process";
import {mkdir, mkdtemp, rm, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {promisify} from "node:util";
import {expect, test} from "vitest";
import {applyExperimentFile, parseExperiment} from "../../lib/experiment-file.js";
import {closeStore, jobsOf} from "../../lib/store.js";
import {openWorkspace} from "../../lib/workspace.js";

type Loader = "results" | "report";

test("a loader calculates an observation without a completed job, and only reads one that has it", async () => {
  const folder = await workspaceFolder();
  const [first, second] = [await load(folder), await load(folder)];
  expect([
    first.job.id,
    first.metrics[0].arms.map((arm: {moments: {means: number[]}}) => arm.moments.means)
  ]).toEqual([1, [[2], [5]]]);
  expect(second).toEqual(first);
  const {store} = await openWorkspace(folder);
  expect(jobsOf(store, 1).length).toBe(1);
  closeStore(store);
});

test("a report's loader calculates what is not calculated, and afterwards gives the same bytes without a warehouse", async () => {
  const folder = await workspaceFolder();
  const first = await load(folder, "report");
  await rm(join(folder, "tables"), {recursive: true});
  expect(await load(folder, "report")).toEqual(first);
  expect([first.hash, first.view.job.id]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), 1]);
  const {store} = await openWorkspace(folder);
  expect(jobsOf(store, 1).length).toBe(1);
  closeStore(store);
});

test("with a completed job a loader asks the warehouse nothing: it may be gone", async () => {
  const folder = await workspaceFolder();
  const {metrics} = await load(folder);
  await rm(join(folder, "tables"), {recursive: true});
  const again = await load(folder);
  expect(again.metrics).toEqual(metrics);
  expect(again.stale).toMatch(/^it could not be calculated again now: /);
});

test("a loader whose calculation fails builds no page, and says it in the warehouse's own words", async () => {
  const folder = await workspaceFolder();
  await writeFile(join(folder, "tables", "people.csv"), "user_id,variant\n1,a\n2,b\n");
  await expect(load(folder)).rejects.toMatchObject({stderr: expect.stringContaining("visits")});
});

async function workspaceFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "expanto-loader-"));
  for (const name of ["metrics", "tables"]) await mkdir(join(folder, name));
  await writeFile(
    join(folder, "expanto.config.yaml"),
    `folders: {queries: ${resolve("queries")}}\nwarehouse: {type: duckdb, path: tables}\n`
  );
  await writeFile(
    join(folder, "metrics", "visits.yaml"),
    "metric_group_name: Visits\nmetrics: [{alias: visits, type: avg, display_name: Visits, formula: {numerator: {alias: visits_sum, sql: SUM(visits)}}}]\n"
  );
  await writeFile(
    join(folder, "tables", "people.csv"),
    "user_id,variant,visits\n1,a,1\n2,a,3\n3,b,4\n4,b,6\n"
  );
  const {store} = await openWorkspace(folder);
  applyExperimentFile(
    store,
    parseExperiment({
      experiment: {name: "People", variants: [{name: "a", control: true}, {name: "b"}]},
      observations: [
        {name: "Main", db_experiment_name: "people", split_id: "user_id", calculation_scenario: "file"}
      ]
    })
  );
  closeStore(store);
  return folder;
}

async function load(cwd: string, name: Loader = "results") {
  const tsx = resolve("node_modules/tsx/dist/cli.mjs");
  const loader = resolve(`data-loaders/${name}-[observation].json.ts`);
  const {stdout} = await promisify(execFile)(process.execPath, [tsx, loader, "--observation=1"], {cwd});
  return JSON.parse(stdout);
}
