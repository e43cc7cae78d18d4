import {mkdir, writeFile} from "node:fs/promises";
import {join} from "node:path";
import {afterEach, beforeEach, describe, expect, test} from "vitest";
import {accessEvents, recordAccess} from "../../lib/access/trail.js";
import {main} from "../../lib/cli/main.js";
import {applyRetention} from "../../lib/retention.js";
import {reportOf} from "../../lib/report.js";
import {carrier} from "../../lib/report/page.js";
import {
  closeStore,
  completeJob,
  createJob,
  jobsOf,
  latestCompletedJob,
  markJob,
  precomputesOf,
  recordEvent,
  trailOf,
  type Store
} from "../../lib/store.js";
import {tablesOfJobs} from "../../lib/store/results.js";
import type {Retention} from "../../lib/config/types.js";
import type {JobFacts, JobStatus} from "../../lib/types.js";
import {reportsFolder, type Workspace} from "../../lib/workspace.js";
import {reportedWorkspace} from "../fixtures/reported.js";

let folder: string;
let workspace: Workspace;
let store: Store;
// The fixture's own job is 1, of 1 November.
const now = "2025-12-01T00:00:00.000Z";

beforeEach(async () => {
  ({folder, workspace} = await reportedWorkspace());
  ({store} = workspace);
});
afterEach(() => closeStore(store));

function job(status: JobStatus, day: number, facts: JobFacts = {}): number {
  const at = `2025-11-${String(day).padStart(2, "0")}T08:00:00.000Z`;
  const id = createJob(store, {observationId: 1, query: "select 1", status: "running", now: at});
  const row = {
    variant: "control", metric: "revenue", title: "Revenue", type: "mean" as const, n: 1, value: 1,
    numeratorMean: 1, denominatorMean: null, numeratorVariance: 0, denominatorVariance: null, covariance: null
  }; // prettier-ignore
  if (status === "completed") completeJob(store, id, {precomputes: [row], exposures: [], facts, now: at});
  else markJob(store, id, {status});
  return id;
}

const keep = async (retention: Partial<Retention>) => {
  workspace.config.retention = {jobs: null, jobsDays: null, trailDays: null, ...retention};
  return await applyRetention(workspace, {now});
};
const left = () =>
  jobsOf(store, 1)
    .map(({id}) => id)
    .sort((a, b) => a - b);

describe("jobs", () => {
  test("all of them stay where nothing is configured", async () => {
    job("completed", 2);
    expect([await keep({}), left()]).toEqual([{jobs: 0, changes: 0}, [1, 2]]);
  });

  test("beyond the newest so many completed ones go with all their numbers, and with them what failed before", async () => {
    expect([
      job("failed", 2),
      job("completed", 3),
      job("cancelled", 4),
      job("completed", 5),
      job("failed", 6)
    ]).toEqual([2, 3, 4, 5, 6]);
    expect(await keep({jobs: 2})).toEqual({jobs: 2, changes: 0});
    expect(left()).toEqual([3, 4, 5, 6]);
    const rows = (table: string) =>
      store.prepare<[], number>(`select count(*) from ${table} where job_id in (1, 2)`).pluck().get();
    expect(tablesOfJobs.map(rows)).toEqual(tablesOfJobs.map(() => 0));
    expect(precomputesOf(store, 3)).toHaveLength(1);
  });

  test("of before so many days go, but never the newest completed one, nor what waits or runs", async () => {
    const [, running] = [job("completed", 2), job("running", 3), job("failed", 4)];
    expect(await keep({jobsDays: 7})).toMatchObject({jobs: 1});
    expect(left()).toEqual([2, running, 4]);
    expect(latestCompletedJob(store, 1)!.id).toBe(2);
  });

  test("that failed go too where none completes after them, but the newest", async () => {
    for (const day of [2, 3, 4, 5]) job("failed", day);
    expect(await keep({jobsDays: 7})).toMatchObject({jobs: 3});
    expect(left()).toEqual([1, 5]);
  });

  test("go only where they are beyond each limit", async () => {
    for (const day of [2, 28, 29]) job("completed", day);
    expect(await keep({jobs: 1, jobsDays: 7})).toMatchObject({jobs: 2});
    expect(left()).toEqual([3, 4]);
  });

  test("that are published, or came with a report, stay", async () => {
    const reports = reportsFolder(workspace.config);
    await mkdir(reports);
    await writeFile(join(reports, "any.html"), carrier("report", await reportOf(workspace, 1)));
    const origin = {name: "another’s", hash: "0", link: "report.html"};
    job("completed", 2);
    job("completed", 3, {origin});
    job("completed", 4);
    expect(await keep({jobs: 1})).toMatchObject({jobs: 1});
    expect(left()).toEqual([1, 3, 4]);
  });
});

test("the trail forgets old edits, and no step or share of an experiment", async () => {
  const old = "2025-10-01T00:00:00.000Z";
  for (const kind of ["edit", "status", "allocation"] as const) recordEvent(store, 1, {kind, at: old});
  recordEvent(store, 1, {kind: "edit", at: "2025-11-30T00:00:00.000Z"});
  const before = trailOf(store, 1).length;
  const {changes} = await keep({trailDays: 30});
  const kinds = trailOf(store, 1).map(({kind, at}) => `${kind} ${at.slice(0, 10)}`);
  expect(before - changes).toBe(kinds.length);
  expect(kinds).toEqual(
    expect.arrayContaining(["edit 2025-11-30", "status 2025-10-01", "allocation 2025-10-01"])
  );
  expect(kinds).not.toContain("edit 2025-10-01");
});

test("the trail forgets who signed in long ago", async () => {
  const happened = {kind: "login" as const, who: "ana", words: null};
  recordAccess(store, {...happened, at: "2025-10-01T00:00:00.000Z"});
  recordAccess(store, {...happened, at: "2025-11-30T00:00:00.000Z"});
  await keep({trailDays: 30});
  expect(accessEvents(store).map(({at}) => at)).toEqual(["2025-11-30T00:00:00.000Z"]);
});

test("prune says how much goes, first without removing it", async () => {
  const config = join(folder, "expanto.config.yaml");
  await writeFile(config, `folders: {queries: ${workspace.config.folders.queries}}\nretention: {jobs: 1}\n`);
  job("completed", 2);
  const said: string[] = [];
  const write = (text: string) => void said.push(text);
  const io = {out: write, err: write, input: async () => "", now: () => now, folder};
  const run = async (...args: string[]) => main(args, {start: async () => {}, publish: async () => [], io});
  expect([await run("prune", "--dry-run"), left(), await run("prune"), left()]).toEqual([0, [1, 2], 0, [2]]);
  expect(said).toEqual([
    "1 job and 0 remembered changes would be removed.",
    "1 job and 0 remembered changes removed."
  ]);
});
