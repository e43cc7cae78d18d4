import {execFileSync} from "node:child_process";
import {readFile, writeFile} from "node:fs/promises";
import {join, resolve} from "node:path";
import {sha256} from "@noble/hashes/sha2.js";
import {bytesToHex, utf8ToBytes} from "@noble/hashes/utils.js";
import {afterAll, beforeAll, expect, test} from "vitest";
import {calculate} from "../../lib/calculate.js";
import {reportOf} from "../../lib/report.js";
import type {ReportBundle} from "../../lib/report-types.js";
import {canonical} from "../../lib/stats/canonical.js";
import {cellsIn, momentsIn, unitsIn} from "../../lib/stats/cells.js";
import {closeStore, declareVariants, experimentById, saveExperiment} from "../../lib/store.js";
import {openWorkspace, type Workspace} from "../../lib/workspace.js";
import {verify} from "../../src/components/report-verify.js";
import {reportedAt, reportedWorkspace, unitIds} from "../fixtures/reported.js";

let folder: string;
let workspace: Workspace;
let report: ReportBundle;

beforeAll(async () => {
  ({folder, workspace} = await reportedWorkspace());
  report = await reportOf(workspace, 1);
});
afterAll(() => closeStore(workspace.store));

test("no id of any unit is in a report", () => {
  const text = JSON.stringify(report);
  expect(unitIds.filter((id) => text.includes(id))).toEqual([]);
});

test("no published cell has fewer than 20 units in a variant, and together they are all units", () => {
  const {cells, guard} = report;
  expect(Math.min(...cells!.units)).toBeGreaterThanOrEqual(20);
  expect(guard).toEqual({minimum: 20, cells: 10, merged: 5, days: 1});
  expect(cells!.keys).toEqual([
    {name: "country", values: ["AT", "DE", "FR", "other"]},
    {name: "platform", values: ["ios", "web", "other"]}
  ]);
  expect(unitsIn(cells!, cellsIn(cells!, {}))).toEqual([300, 300]);
});

test("cells put together give the moments of all units", () => {
  const cells = report.cells!;
  const [revenue] = cells.metrics;
  const whole = report.view.metrics[0].arms.map(({moments}) => moments!);
  momentsIn(cells, revenue, cellsIn(cells, {})).forEach((moments, v) => {
    expect(moments!.means[0]).toBeCloseTo(whole[v].means[0], 6);
    expect(moments!.covariance[0][0] / whole[v].covariance[0][0]).toBeCloseTo(1, 7);
  });
});

test("values that are too few to be published are named nowhere, not even among the job's facts", () => {
  expect(JSON.stringify(report)).not.toMatch(/"(LU|MT)"/);
});

test("a minimum nobody reaches publishes no cell and no day", async () => {
  const {cells, days, guard} = await reportOf(workspace, 1, {minimum: 301});
  expect([cells, days, guard.merged, guard.days]).toEqual([null, null, 10, 14]);
});

test("the same job gives the same bytes later, whatever the registry has become", async () => {
  const file = join(folder, "metrics", "orders.yaml");
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replaceAll("Revenue", "Turnover").replace("goal: increase", "goal: decrease"));
  const later = await openWorkspace(folder);
  const again = await reportOf(later, 1);
  closeStore(later.store);
  await writeFile(file, text);
  expect(JSON.stringify(again)).toBe(JSON.stringify(report));
  expect(JSON.stringify(await reportOf(workspace, 1))).toBe(JSON.stringify(report));
});

test("the date of a report is its job's", () => {
  expect(report.view.job!.createdAt).toBe(reportedAt);
});

test("the hash is SHA-256 of everything else, however its keys are ordered", () => {
  const {hash, ...content} = report;
  const shuffled = Object.fromEntries(Object.entries(content).reverse());
  expect(bytesToHex(sha256(utf8ToBytes(canonical(shuffled))))).toBe(hash);
  expect(verify(report)).toMatchObject({isWhole: true, differences: [], comparisons: 2});
});

test("a figure that is changed is caught by the table and by the hash", () => {
  const changed = structuredClone(report);
  changed.published.rows[0].effect!.lift.value! += 0.01;
  const {isWhole, differences} = verify(changed);
  expect(isWhole).toBe(false);
  expect(differences.length).toBe(1);
  expect(differences[0]).toMatch(/^revenue, express: lift: 0\.\d+ was published, 0\.\d+ computed$/);
});

test("a moment that is changed is caught by the table and by the hash", () => {
  const changed = structuredClone(report);
  changed.view.metrics[1].arms[1].moments!.means[0] *= 1.01;
  const {isWhole, differences} = verify(changed);
  expect([isWhole, differences.some((line) => line.startsWith("buyers, express: treatment:"))]).toEqual([false, true]); // prettier-ignore
});

test("a word or a cell that is changed is caught by the hash alone", () => {
  const words = structuredClone(report);
  words.view.experiment.conclusion = "Do not ship it.";
  const cell = structuredClone(report);
  cell.cells!.metrics[0].means[0][0] += 1;
  for (const changed of [words, cell])
    expect(verify(changed)).toMatchObject({isWhole: false, differences: []});
});

test("a definition names the commit its job was calculated at, or none where the file was changed since", async () => {
  const {folder, workspace} = await reportedWorkspace();
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", folder, "-c", "user.name=t", "-c", "user.email=t@example.com", ...args], {
      encoding: "utf8"
    }).trim();
  git("init", "-q");
  git("add", "metrics");
  git("commit", "-q", "-m", "metrics");
  const commits = async () => {
    await calculate(workspace, 1);
    return (await reportOf(workspace, 1)).definitions.map(({source, commit}) => [source, commit]);
  };
  const commit = git("rev-parse", "HEAD");
  expect(await commits()).toEqual([
    ["orders.yaml:3", commit],
    ["orders.yaml:4", commit]
  ]);
  const file = join(folder, "metrics", "orders.yaml");
  await writeFile(file, `${await readFile(file, "utf8")}# more to come\n`);
  expect((await commits())[0]).toEqual(["orders.yaml:3", null]);
  closeStore(workspace.store);
});

test("an experiment without a control is refused with what to do", async () => {
  const experiment = experimentById(workspace.store, 1)!;
  saveExperiment(workspace.store, {...experiment, variants: []}, {id: 1});
  await expect(reportOf(workspace, 1)).rejects.toThrow(`${experiment.name} declares no control`);
  declareVariants(workspace.store, 1, experiment.variants);
});

test("an observation that was never calculated is calculated first", async () => {
  const {workspace} = await reportedWorkspace();
  workspace.store.exec("update calculation_jobs set status = 'failed'");
  const {view} = await reportOf(workspace, 1);
  closeStore(workspace.store);
  expect(view.job).toMatchObject({id: 2, status: "completed"});
});

test("nothing of the machine a job ran on is in a report", () => {
  expect(JSON.stringify(report)).not.toContain(resolve("queries"));
  expect(Object.keys(report.view.job!.facts)).not.toContain("cacheKey");
});
