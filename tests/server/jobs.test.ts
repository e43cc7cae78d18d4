import {mkdir, mkdtemp, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, expect, test} from "vitest";
import {applyExperimentFile, parseExperiment} from "../../lib/experiment-file.js";
import {closeStore, jobById, listExperiments, observationsOf} from "../../lib/store.js";
import {openWorkspace, type Workspace} from "../../lib/workspace.js";
import {jobQueue} from "../../server/jobs.js";
import {openLog} from "../../server/log.js";

// A query that would take hours: nobody waits for it here.
const slow = `select range::varchar as unit_id, 'A' as group_name, sum(hash(range, other)) as orders_cnt
from range(10000000) join (select range as other from range(10000000)) on true group by all`;
const metrics = `metric_group_name: Orders
metrics:
  - {alias: orders, type: avg, display_name: Orders, formula: {numerator: {alias: orders_cnt, sql: "COUNT(*)"}}}
`;

let workspace: Workspace;
let observation: number;
let other: number;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "expanto-jobs-"));
  for (const name of ["metrics", "queries", "tables"]) await mkdir(join(folder, name));
  await writeFile(
    join(folder, "expanto.config.yaml"),
    "folders: {metrics: metrics, queries: queries, data: data}\nwarehouse: {type: duckdb, path: tables, memory_limit: 1GB}\nscenarios: {default: slow, templates: {slow: slow.sql}}\n"
  );
  await writeFile(join(folder, "metrics", "orders.yaml"), metrics);
  await writeFile(join(folder, "queries", "slow.sql"), slow);
  await writeFile(join(folder, "tables", "assignments.csv"), "user_id\n1\n");
  workspace = await openWorkspace(folder);
  const observations = ["Main", "Other"].map((name) => ({name, split_id: "user_id"}));
  const file = {experiment: {name: "slow"}, observations};
  applyExperimentFile(workspace.store, parseExperiment(file, {defaultScenario: "slow"}), {});
  [{id: observation}, {id: other}] = observationsOf(workspace.store, listExperiments(workspace.store)[0].id);
});
afterAll(() => closeStore(workspace.store));

test("a job that runs is joined, says how far it is, and stops at the engine when it is cancelled", async () => {
  const jobs = jobQueue(workspace);
  const job = await jobs.calculate(observation);
  expect((await jobs.calculate(observation)).id).toBe(job.id);
  await expect
    .poll(() => jobs.withProgress(job).progress, {timeout: 10_000})
    .toMatchObject({phase: "asking the warehouse"});
  expect(await jobs.cancel(job.id)).toMatchObject({
    status: "cancelled",
    error: "cancelled before it finished"
  });
  await expect(jobs.cancel(job.id)).rejects.toThrow(`job ${job.id} is not running: it is cancelled`);
  await expect(jobs.cancel(999)).rejects.toThrow("there is no job 999");
});

test("who stops the queue stops what was only just asked for", async () => {
  const jobs = jobQueue(workspace);
  const asked = jobs.calculate(observation);
  await jobs.stop();
  const {id} = await asked;
  await expect(jobs.cancel(id)).rejects.toThrow("it is cancelled");
});

test("an end that cannot be told is logged, and neither ends the server nor keeps the queue from stopping", async () => {
  const lines: string[] = [];
  const jobs = jobQueue(workspace, {
    log: openLog({write: (line) => void lines.push(line)}),
    told: ({status}) => {
      if (status === "cancelled") throw new Error("nobody to tell");
    }
  });
  const {id} = await jobs.calculate(observation);
  expect(await jobs.cancel(id)).toMatchObject({status: "cancelled"});
  await jobs.stop();
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    {job: id, err: {message: "nobody to tell"}}
  ]);
});

test("a job waits for its turn, is joined and cancelled while it waits, and runs when it is free", async () => {
  const jobs = jobQueue(workspace, {atOnce: 1});
  const first = await jobs.calculate(observation);
  const second = await jobs.calculate(other);
  const status = (id: number) => jobById(workspace.store, id)?.status;
  await expect.poll(() => status(first.id)).toBe("running");
  expect([second.status, (await jobs.calculate(other)).id]).toEqual(["pending", second.id]);
  expect(await jobs.cancel(second.id)).toMatchObject({status: "cancelled"});
  const third = await jobs.calculate(other);
  expect(status(third.id)).toBe("pending");
  await jobs.cancel(first.id);
  await expect.poll(() => status(third.id)).toBe("running");
  await jobs.stop();
  expect(status(third.id)).toBe("cancelled");
});

test("who stops the queue and is patient lets what runs go on, and cancels what waits", async () => {
  const jobs = jobQueue(workspace, {atOnce: 1});
  const [first, second] = [await jobs.calculate(observation), await jobs.calculate(other)];
  const status = ({id}: {id: number}) => jobById(workspace.store, id)?.status;
  const patience = new AbortController();
  const stopped = jobs.stop(patience.signal);
  await expect.poll(() => status(second)).toBe("cancelled");
  expect(status(first)).toBe("running");
  await expect(jobs.calculate(other)).rejects.toThrow("the server is stopping");
  patience.abort();
  await stopped;
  expect(status(first)).toBe("cancelled");
});
