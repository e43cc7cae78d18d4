import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterEach, beforeEach, describe, expect, test} from "vitest";
import {UserError} from "../../lib/errors.js";
import {thisProcess} from "../../lib/process.js";
import {
  closeStore,
  completeJob,
  createJob,
  declareVariants,
  experimentById,
  experimentByName,
  exposuresOf,
  failAbandonedJobs,
  jobById,
  jobsOf,
  latestCompletedJob,
  listExperiments,
  markJob,
  observationById,
  observationByName,
  observationsOf,
  openStore,
  precomputesOf,
  saveExperiment,
  saveObservation,
  type ExperimentInput,
  type ObservationInput,
  type Store
} from "../../lib/store.js";
import type {ExperimentStatus} from "../../lib/types.js";

const monday = "2025-10-06T08:00:00.000Z";
const tuesday = "2025-10-07T08:00:00.000Z";
const wednesday = "2025-10-08T08:00:00.000Z";

const banner: ExperimentInput = {
  name: "banner",
  status: "running",
  description: "A banner",
  hypotheses: null,
  keyMetrics: ["orders", "revenue"],
  guardrails: ["page_load"],
  design: null,
  conclusion: null,
  owner: "ana",
  start: "2025-10-01T00:00:00.000Z",
  end: "2025-10-15T12:30:15.250Z",
  variants: [
    {name: "control", allocation: 0.5, isControl: true},
    {name: 'it\'s "new"', allocation: 0.5, isControl: false}
  ]
};

const week: Omit<ObservationInput, "experimentId"> = {
  name: "week",
  dbExperimentName: "banner_2025",
  splitId: "user_id",
  scenario: "base",
  exposureStart: "2025-10-01T00:00:00.000Z",
  exposureEnd: "2025-10-08T00:00:00.000Z",
  calcStart: null,
  calcEnd: null,
  exposureEvent: "view",
  audienceTables: [],
  filters: ["country = 'BR'"],
  eventFilters: ["event != 'bot'"],
  customTestIdsQuery: null,
  metricTags: ["core"],
  metricGroups: [],
  dimensions: ["platform"],
  preDays: 0,
  horizonDays: 0
};

let folder: string;
const opened: Store[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "expanto-store-"));
});

afterEach(() => {
  for (const db of opened.splice(0)) closeStore(db);
  rmSync(folder, {recursive: true});
});

async function open(name = "expanto.db"): Promise<Store> {
  const db = await openStore(join(folder, name), {now: monday});
  opened.push(db);
  return db;
}

async function withObservation(): Promise<{db: Store; observationId: number; experimentId: number}> {
  const db = await open();
  const experimentId = saveExperiment(db, banner, {now: monday});
  return {db, experimentId, observationId: saveObservation(db, {...week, experimentId}, {now: monday})};
}

function userError(work: () => unknown): UserError {
  try {
    work();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

test("times and lists are written in the form of the Python original", async () => {
  const {db, experimentId} = await withObservation();
  const row = db
    .prepare("select start_datetime, end_datetime, _created_at, key_metrics from experiments where id = ?")
    .get(experimentId);
  expect(row).toEqual({
    start_datetime: "2025-10-01 00:00:00.000000",
    end_datetime: "2025-10-15 12:30:15.250000",
    _created_at: "2025-10-06 08:00:00.000000",
    key_metrics: '["orders","revenue"]'
  });
});

describe("experiments", () => {
  test("what is saved is what is read", async () => {
    const db = await open();
    const id = saveExperiment(db, banner, {now: monday});
    expect(experimentById(db, id)).toEqual({...banner, id, createdAt: monday, updatedAt: monday});
  });

  test("saving under the same name updates and keeps the day it was made", async () => {
    const db = await open();
    const id = saveExperiment(db, banner, {now: monday});
    expect(saveExperiment(db, {...banner, status: "completed"}, {now: tuesday})).toBe(id);
    expect(listExperiments(db)).toEqual([
      {...banner, id, status: "completed", createdAt: monday, updatedAt: tuesday}
    ]);
  });

  test("are listed newest first", async () => {
    const db = await open();
    saveExperiment(db, {...banner, name: "second"}, {now: tuesday});
    saveExperiment(db, {...banner, name: "first"}, {now: monday});
    saveExperiment(db, {...banner, name: "third"}, {now: tuesday});
    expect(listExperiments(db).map(({name}) => name)).toEqual(["third", "second", "first"]);
  });

  test("by id an experiment is renamed, but not to a name another has", async () => {
    const db = await open();
    const id = saveExperiment(db, banner, {now: monday});
    saveExperiment(db, {...banner, name: "taken"}, {now: monday});
    expect(userError(() => saveExperiment(db, {...banner, name: "taken"}, {id})).message).toBe(
      "there is already an experiment called taken"
    );
    saveExperiment(db, {...banner, name: "free"}, {id, now: tuesday});
    expect(experimentById(db, id)?.name).toBe("free");
  });

  test("an unknown status is refused with the known ones", async () => {
    const db = await open();
    const error = userError(() => saveExperiment(db, {...banner, status: "live" as ExperimentStatus}));
    expect([error.message, error.hint]).toEqual([
      "unknown experiment status: live",
      "use one of planned, running, paused, completed, cancelled"
    ]);
    expect(listExperiments(db)).toEqual([]);
  });

  test("nothing is found under an unknown id or name", async () => {
    const db = await open();
    expect([
      experimentById(db, 7),
      experimentByName(db, "x"),
      observationById(db, 7),
      jobById(db, 7)
    ]).toEqual([null, null, null, null]);
  });

  test.each([
    ["no control", [false, false], [1, 1], ["a", "b"], "exactly one variant must be the control, found none"],
    ["two controls", [true, true], [1, 1], ["a", "b"], "exactly one variant must be the control, found 2"],
    ["one variant", [true], [1], ["a"], "only one variant: an experiment compares at least two"],
    ["a share of zero", [true, false], [1, 0], ["a", "b"], "allocation of b must be positive: 0"],
    ["a name twice", [true, false], [1, 1], ["a", "a"], "variant declared twice: a"],
    ["no name", [true, false], [1, 1], ["a", " "], "a variant has no name"],
    ["none at all", [], [], [], "no variants given"]
  ])("variants with %s are refused", async (_, controls, shares, names, message) => {
    const db = await open();
    const id = saveExperiment(db, banner, {now: monday});
    const variants = names.map((name, i) => ({name, allocation: shares[i], isControl: controls[i]}));
    expect(userError(() => declareVariants(db, id, variants)).message).toBe(message);
    expect(experimentById(db, id)?.variants).toEqual(banner.variants);
  });
});

describe("observations", () => {
  test("what is saved is what is read", async () => {
    const {db, experimentId, observationId} = await withObservation();
    const expected = {...week, id: observationId, experimentId, createdAt: monday, updatedAt: monday};
    expect(observationById(db, observationId)).toEqual(expected);
    expect(observationsOf(db, experimentId)).toEqual([expected]);
  });

  test("saving under the same experiment and name updates; another experiment may use the name", async () => {
    const {db, experimentId, observationId} = await withObservation();
    const other = saveExperiment(db, {...banner, name: "other"}, {now: monday});
    const same = saveObservation(db, {...week, experimentId, filters: []}, {now: tuesday});
    const twin = saveObservation(db, {...week, experimentId: other}, {now: tuesday});
    expect([same, observationById(db, same)?.filters, observationById(db, same)?.updatedAt]).toEqual([
      observationId,
      [],
      tuesday
    ]);
    expect(twin).not.toBe(observationId);
  });

  test("an observation of no experiment is refused", async () => {
    const db = await open();
    expect(userError(() => saveObservation(db, {...week, experimentId: 5})).message).toBe(
      "there is no experiment 5"
    );
  });

  test("two of one name, as the original allowed, are named in the error", async () => {
    const {db, experimentId, observationId} = await withObservation();
    db.exec(`insert into observations (experiment_id, name, db_experiment_name, split_id, calculation_scenario,
      _created_at, _updated_at) values (${experimentId}, 'week', 'x', 'user_id', 'base', '2024-03-20', '2024-03-20')`);
    expect(userError(() => observationByName(db, experimentId, "week")).message).toBe(
      `observations ${observationId} and ${observationId + 1} are both called week`
    );
  });
});

describe("jobs", () => {
  const precompute = {
    variant: "control",
    metric: "revenue",
    title: "Revenue",
    type: "mean" as const,
    n: 10,
    value: 1.5,
    numeratorMean: 1.5,
    denominatorMean: null,
    numeratorVariance: 0.25,
    denominatorVariance: null,
    covariance: null
  };
  const empty = {
    ...precompute,
    variant: "treatment",
    n: 0,
    value: null,
    numeratorMean: null,
    numeratorVariance: null
  };
  const exposures = [
    {variant: "treatment", day: "2025-10-01", units: 4},
    {variant: "control", day: "2025-10-02", units: 5},
    {variant: "control", day: "2025-10-01", units: 6}
  ];

  test("a job is completed with its moments, exposures and facts", async () => {
    const {db, observationId} = await withObservation();
    const id = createJob(db, {observationId, query: "select 1", status: "pending", now: monday});
    markJob(db, id, {status: "running", facts: {cacheHit: false}});
    completeJob(db, id, {precomputes: [precompute, empty], exposures, facts: {rows: 10}, now: monday});
    expect(jobById(db, id)).toEqual({
      id,
      observationId,
      status: "completed",
      query: "select 1",
      error: null,
      facts: {cacheHit: false, rows: 10},
      createdAt: monday
    });
    expect(precomputesOf(db, id)).toEqual([
      {...precompute, jobId: id},
      {...empty, jobId: id}
    ]);
    expect(exposuresOf(db, id)).toEqual([
      {jobId: id, variant: "control", day: "2025-10-01", units: 6},
      {jobId: id, variant: "treatment", day: "2025-10-01", units: 4},
      {jobId: id, variant: "control", day: "2025-10-02", units: 5}
    ]);
    expect(db.prepare("select distinct metric_type from precomputes").pluck().all()).toEqual(["avg"]);
  });

  test("a result that cannot be kept leaves no trace of the others", async () => {
    const {db, observationId} = await withObservation();
    const id = createJob(db, {observationId, query: "select 1", status: "running", now: monday});
    const twice = [exposures[0], exposures[0]];
    const results = {precomputes: [precompute], exposures: twice, facts: {rows: 1}, now: monday};
    expect(() => completeJob(db, id, results)).toThrow("UNIQUE constraint failed");
    expect([jobById(db, id)?.status, precomputesOf(db, id), exposuresOf(db, id)]).toEqual([
      "running",
      [],
      []
    ]);
  });

  test.each([NaN, Infinity, -Infinity])("a moment of %s is never kept", async (value) => {
    const {db, observationId} = await withObservation();
    const id = createJob(db, {observationId, query: "select 1", status: "running", now: monday});
    const results = {precomputes: [{...precompute, value}], exposures: [], facts: {}, now: monday};
    expect(() => completeJob(db, id, results)).toThrow(`value of revenue in control is ${value}`);
    expect(jobById(db, id)?.status).toBe("running");
  });

  test.each(["cancelled", "completed"] as const)("a %s job cannot be completed again", async (status) => {
    const {db, observationId} = await withObservation();
    const id = createJob(db, {observationId, query: "select 1", status, now: monday});
    const results = {precomputes: [precompute], exposures: [], facts: {}, now: monday};
    expect(userError(() => completeJob(db, id, results)).message).toBe(`job ${id} is already ${status}`);
    expect(precomputesOf(db, id)).toEqual([]);
  });

  test("jobs are listed newest first though the clock went back, and a failed one does not hide the last completed", async () => {
    const {db, observationId} = await withObservation();
    const create = (now: string) => createJob(db, {observationId, query: "q", status: "completed", now});
    const [first, second, third] = [create(tuesday), create(monday), create(wednesday)];
    markJob(db, third, {status: "failed", error: "no such table"});
    expect(jobsOf(db, observationId).map(({id, error}) => [id, error])).toEqual([
      [third, "no such table"],
      [second, null],
      [first, null]
    ]);
    expect(latestCompletedJob(db, observationId)?.id).toBe(second);
    expect(latestCompletedJob(db, observationId + 1)).toBeNull();
  });

  test("unfinished jobs of processes that ended fail with the reason, and only those", async () => {
    const {db, observationId} = await withObservation();
    const create = (status: "pending" | "running" | "completed", process: string, now = monday) =>
      createJob(db, {observationId, query: "q", status, process, now});
    const taken = `${process.pid}-1`;
    const ids = [create("pending", taken), create("running", taken, wednesday), create("completed", taken)];
    const later = create("running", thisProcess());
    expect(failAbandonedJobs(db, tuesday)).toBe(2);
    const reason = `abandoned: the program that calculated it had ended by ${tuesday}; calculate the observation again`;
    expect([...ids, later].map((id) => [jobById(db, id)?.status, jobById(db, id)?.error])).toEqual([
      ["failed", reason],
      ["failed", reason],
      ["completed", null],
      ["running", null]
    ]);
  });

  test("a job taken for abandoned may still complete, without its error", async () => {
    const {db, observationId} = await withObservation();
    const id = createJob(db, {observationId, query: "q", status: "running", now: monday});
    failAbandonedJobs(db, tuesday);
    completeJob(db, id, {precomputes: [precompute], exposures: [], facts: {}, now: tuesday});
    expect([jobById(db, id)?.status, jobById(db, id)?.error]).toEqual(["completed", null]);
  });

  test("a job of no observation and a mark on no job are refused", async () => {
    const db = await open();
    const input = {observationId: 3, query: "q", status: "pending" as const, now: monday};
    expect(userError(() => createJob(db, input)).message).toBe("there is no observation 3");
    expect(userError(() => markJob(db, 8, {status: "failed"})).message).toBe("there is no job 8");
  });
});
