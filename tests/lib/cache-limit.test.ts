import {mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterEach, beforeEach, expect, test, vi} from "vitest";
import {calculate} from "../../lib/calculate.js";
import {keepInUse, pruneCache} from "../../lib/cache-report.js";
import {applyExperimentFile, parseExperiment} from "../../lib/experiment-file.js";
import {findObservation} from "../../lib/observations.js";
import {closeStore} from "../../lib/store.js";
import {openWorkspace, type Workspace} from "../../lib/workspace.js";

let folder: string;
let workspace: Workspace;
const now = "2025-11-01T00:00:00.000Z";

const observation = (name: string, start: string) => ({
  name,
  split_id: "user_id",
  calculation_scenario: "duckdb",
  exposure_start_datetime: start,
  exposure_end_datetime: "2025-10-08",
  calc_end_datetime: "2025-10-15"
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "expanto-limit-"));
  for (const name of ["metrics", "tables"]) await mkdir(join(folder, name));
  await writeFile(
    join(folder, "expanto.config.yaml"),
    `folders: {metrics: metrics, queries: ${resolve("queries")}, data: data}\nwarehouse: {type: duckdb, path: tables}\ncache: {limit: 1KB}\n`
  );
  await writeFile(
    join(folder, "metrics", "orders.yaml"),
    "metric_group_name: Orders\nmetrics:\n  - {alias: orders, type: avg, display_name: Orders, formula: {numerator: {alias: orders_cnt, agg: count, event: purchase}}}\n"
  );
  await writeFile(
    join(folder, "tables", "assignments.csv"),
    "experiment_name,user_id,group_name,assigned_at\ncheckout,u1,A,2025-10-01 10:00:00\ncheckout,u2,B,2025-10-02 10:00:00\n"
  );
  await writeFile(
    join(folder, "tables", "events.csv"),
    "user_id,event_name,event_value,event_timestamp\nu1,purchase,10,2025-10-03 10:00:00\n"
  );
  workspace = await openWorkspace(folder);
  const file = {
    experiment: {name: "checkout", status: "completed"},
    observations: [observation("first", "2025-10-01"), observation("second", "2025-09-30")]
  };
  applyExperimentFile(workspace.store, parseExperiment(file), {now});
});
afterEach(async () => {
  closeStore(workspace.store);
  await rm(folder, {recursive: true});
});

const run = async (name: string) =>
  calculate(workspace, findObservation(workspace.store, `checkout/${name}`));
const entries = async () =>
  (await readdir(join(folder, "data", "cache"))).filter((name) => /^[0-9a-f]{32}$/.test(name));
const entryOf = (key: string) => join(folder, "data", "cache", key);

async function unusedForHours(key: string) {
  const then = new Date(Date.now() - 3 * 3_600_000);
  await utimes(entryOf(key), then, then);
}

test("after a job what was not used for longest goes, and what was used just now stays though it is above the limit", async () => {
  const [first] = [await run("first")].map(({facts}) => facts.cacheKey!);
  expect(await entries()).toEqual([first]);
  await unusedForHours(first);
  const {status, facts} = await run("second");
  expect([status, await entries()]).toEqual(["completed", [facts.cacheKey]]);
  const again = await run("first");
  expect([again.status, again.facts.cacheHit, again.facts.cacheKey]).toEqual(["completed", false, first]);
});

test("what a job is using is never removed, however long ago it began", async () => {
  const [first] = [await run("first")].map(({facts}) => facts.cacheKey!);
  await unusedForHours(first);
  const stop = keepInUse(entryOf(first));
  const {facts} = await run("second");
  stop();
  expect((await entries()).sort()).toEqual([first, facts.cacheKey!].sort());
});

test("what a job is reading is not removed, though nobody had used it for hours before", async () => {
  const [first] = [await run("first")].map(({facts}) => facts.cacheKey!);
  await unusedForHours(first);
  const pruned: ReturnType<typeof pruneCache>[] = [];
  const later = Date.now() + 50 * 60_000;
  const prune = () => void pruned.push(pruneCache(join(folder, "data", "cache"), {bytes: 0, now: later}));
  const job = await calculate(workspace, findObservation(workspace.store, "checkout/first"), {
    onProgress: prune
  });
  const removed = (await Promise.all(pruned)).flatMap((each) => each.entries);
  expect([job.status, job.facts.cacheHit, removed, pruned.length > 0]).toEqual(["completed", true, [], true]);
});

test("an entry in use is marked again every ten minutes, until it is not", async () => {
  const [first] = [await run("first")].map(({facts}) => facts.cacheKey!);
  vi.useFakeTimers({toFake: ["setInterval", "clearInterval"]});
  try {
    const stop = keepInUse(entryOf(first));
    const marked = async () => {
      await unusedForHours(first);
      vi.advanceTimersByTime(600_000);
      // Marking is not waited for: the next thing that is asked of the file comes after it.
      for (let tries = 0; tries < 50; tries++) if ((await ageOf(first)) < 3_600_000) return true;
      return false;
    };
    const used = await marked();
    stop();
    expect([used, await marked()]).toEqual([true, false]);
  } finally {
    vi.useRealTimers();
  }
});

const ageOf = async (key: string) => Date.now() - (await stat(entryOf(key))).mtimeMs;
