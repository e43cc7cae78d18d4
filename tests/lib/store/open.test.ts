import Database from "better-sqlite3";
import {mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterEach, beforeEach, describe, expect, test} from "vitest";
import {
  closeStore,
  declareVariants,
  experimentById,
  experimentByName,
  jobById,
  latestCompletedJob,
  listExperiments,
  observationsOf,
  openStore,
  precomputesOf,
  saveExperiment,
  type ExperimentInput,
  type Store
} from "../../../lib/store.js";

const latest = readdirSync(new URL("../../../lib/store/migrations", import.meta.url)).length;
const monday = "2025-10-06T08:00:00.000Z";
const tuesday = "2025-10-07T08:00:00.000Z";

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

function pythonOriginal(): string {
  const file = join(folder, "expanto.db");
  const db = new Database(file);
  db.pragma("foreign_keys = OFF");
  db.exec(readFileSync(new URL("../../fixtures/store/python-original.sql", import.meta.url), "utf8"));
  db.close();
  return file;
}

describe("opening", () => {
  test("a new file in a new folder gets the latest schema and can be opened again", async () => {
    closeStore(await openStore(join(folder, "deep/er/expanto.db")));
    const db = await open("deep/er/expanto.db");
    expect(db.pragma("user_version", {simple: true})).toBe(latest);
    expect(readdirSync(join(folder, "deep/er")).filter((name) => name.endsWith(".backup"))).toEqual([]);
  });

  test("the store writes ahead and to the disk, waits for others and keeps references whole", async () => {
    const db = await open();
    const settings = ["journal_mode", "synchronous", "busy_timeout", "foreign_keys"].map((name) =>
      db.pragma(name, {simple: true})
    );
    expect(settings).toEqual(["wal", 2, 5000, 1]);
  });

  test("a store in memory works", async () => {
    const db = await openStore(":memory:");
    saveExperiment(db, banner);
    expect(listExperiments(db)).toHaveLength(1);
    closeStore(db);
  });

  test("a new file opened three times at once is made once", async () => {
    const stores = await Promise.all([open(), open(), open()]);
    saveExperiment(stores[0], banner, {now: monday});
    expect(experimentByName(stores[2], "banner")?.createdAt).toBe(monday);
  });

  test("a file that is not SQLite is refused and left as it is", async () => {
    writeFileSync(join(folder, "expanto.db"), "unit,variant\n".repeat(100));
    await expect(open()).rejects.toMatchObject({
      name: "UserError",
      message: `${join(folder, "expanto.db")} is not a SQLite database`,
      hint: expect.stringMatching(/^put a copy in its place: .* restore FILE/)
    });
    expect(readFileSync(join(folder, "expanto.db"), "utf8")).toBe("unit,variant\n".repeat(100));
  });

  test("a folder given as the file is refused", async () => {
    await expect(openStore(folder)).rejects.toMatchObject({
      name: "UserError",
      message: `${folder} cannot be opened`,
      hint: "check that its folder exists and can be written"
    });
  });

  test("a folder that cannot be made is refused", async () => {
    writeFileSync(join(folder, "data"), "");
    await expect(open("data/expanto.db")).rejects.toMatchObject({
      name: "UserError",
      hint: "check the path: a part is a file"
    });
  });

  test("somebody else's SQLite database is refused and not written to", async () => {
    const other = new Database(join(folder, "expanto.db"));
    other.exec("create table songs (title text)");
    other.close();
    await expect(open()).rejects.toMatchObject({
      name: "UserError",
      message: expect.stringContaining("not Expanto's")
    });
    const tables = new Database(join(folder, "expanto.db"))
      .prepare("select name from sqlite_schema")
      .pluck()
      .all();
    expect(tables).toEqual(["songs"]);
  });

  test("a database of a newer version is refused", async () => {
    const db = await open();
    db.pragma(`user_version = ${latest + 1}`);
    await expect(open()).rejects.toMatchObject({
      name: "UserError",
      message: `${join(folder, "expanto.db")} has schema version ${latest + 1}, this Expanto knows up to ${latest}`,
      hint: "update Expanto, or open another database"
    });
  });
});

describe("the Python original's database", () => {
  test("opens as it is: times to the millisecond, JSON null as no list, blank text as none", async () => {
    pythonOriginal();
    const db = await open();
    expect(experimentById(db, 4)).toEqual({
      id: 4,
      name: "old checkout",
      status: "completed",
      description: null,
      hypotheses: "Fewer steps, more orders",
      keyMetrics: ["orders", "revenue"],
      guardrails: [],
      design: null,
      conclusion: "Kept",
      owner: null,
      start: "2024-03-01T00:00:00.000Z",
      end: "2024-03-15T12:30:15.250Z",
      variants: [],
      createdAt: "2024-02-28T09:15:01.123Z",
      updatedAt: "2024-03-16T10:00:00.000Z"
    });
    expect(listExperiments(db).map(({name, keyMetrics}) => ({name, keyMetrics}))).toEqual([
      {name: "new banner", keyMetrics: []},
      {name: "old checkout", keyMetrics: ["orders", "revenue"]}
    ]);
    expect(observationsOf(db, 4)).toEqual([
      {
        id: 9,
        experimentId: 4,
        name: "two weeks",
        dbExperimentName: "checkout_v2",
        splitId: "user_id",
        scenario: "base",
        exposureStart: "2024-03-01T00:00:00.000Z",
        exposureEnd: "2024-03-15T00:00:00.000Z",
        calcStart: "2024-03-01T00:00:00.000Z",
        calcEnd: "2024-03-16T00:00:00.000Z",
        exposureEvent: null,
        audienceTables: [],
        filters: ["country = 'BR'"],
        eventFilters: [],
        customTestIdsQuery: null,
        metricTags: ["core"],
        metricGroups: [],
        dimensions: [],
        preDays: 0,
        horizonDays: 0,
        createdAt: "2024-03-15T09:00:00.000Z",
        updatedAt: "2024-03-15T09:00:00.000Z"
      }
    ]);
  });

  test("keeps its jobs and its results, avg read as mean", async () => {
    pythonOriginal();
    const db = await open();
    expect(latestCompletedJob(db, 9)).toEqual({
      id: 21,
      observationId: 9,
      status: "completed",
      query: "select 1",
      error: null,
      facts: {},
      createdAt: "2024-03-16T09:30:00.500Z"
    });
    expect(precomputesOf(db, 21)).toEqual([
      {
        jobId: 21,
        variant: "control",
        metric: "revenue",
        title: "Revenue per user",
        type: "mean",
        n: 1000,
        value: 2.5,
        numeratorMean: 2.5,
        denominatorMean: null,
        numeratorVariance: 4,
        denominatorVariance: null,
        covariance: null
      },
      {
        jobId: 21,
        variant: "treatment",
        metric: "aov",
        title: "Order value",
        type: "ratio",
        n: 990,
        value: 12.5,
        numeratorMean: 2.5,
        denominatorMean: 0.2,
        numeratorVariance: 4,
        denominatorVariance: 0.1,
        covariance: 0.05
      }
    ]);
  });

  test("a job without an observation counts as none", async () => {
    pythonOriginal();
    expect(jobById(await open(), 22)).toBeNull();
  });

  test("keeps every row with its id when the results table is rebuilt, orphans too", async () => {
    const file = pythonOriginal();
    const before = new Database(file, {readonly: true}).prepare("select * from precomputes").all();
    const after = (await open()).prepare("select * from precomputes").all();
    expect(after).toEqual((before as object[]).map((row) => ({...row, moments: null})));
  });

  test("is copied aside, unchanged, before it is migrated, and only then", async () => {
    const file = pythonOriginal();
    await open();
    await open();
    const copies = readdirSync(folder).filter((name) => name.endsWith(".backup"));
    expect(copies).toEqual(["expanto.db.v0-2025-10-06T08-00-00.000Z.backup"]);
    const copy = new Database(join(folder, copies[0]), {readonly: true});
    expect(copy.pragma("user_version", {simple: true})).toBe(0);
    expect(copy.prepare("select count(*) from precomputes").pluck().get()).toBe(3);
    copy.close();
    expect(new Database(file).pragma("user_version", {simple: true})).toBe(latest);
  });

  test("accepts variants once and for all", async () => {
    pythonOriginal();
    const db = await open();
    declareVariants(
      db,
      4,
      [
        {name: "control", allocation: 3, isControl: true},
        {name: "treatment", allocation: 1, isControl: false}
      ],
      {now: tuesday}
    );
    const {variants, createdAt, updatedAt} = experimentById(db, 4)!;
    expect({variants, createdAt, updatedAt}).toEqual({
      variants: [
        {name: "control", allocation: 0.75, isControl: true},
        {name: "treatment", allocation: 0.25, isControl: false}
      ],
      createdAt: "2024-02-28T09:15:01.123Z",
      updatedAt: tuesday
    });
  });

  test("a failed migration changes nothing and names the copy", async () => {
    const file = pythonOriginal();
    const db = new Database(file);
    db.exec("alter table experiments add column owner text");
    db.close();
    await expect(open()).rejects.toMatchObject({
      name: "UserError",
      message: `${file} could not be brought to schema version 2: duplicate column name: owner`,
      hint: `it was copied to ${file}.v0-2025-10-06T08-00-00.000Z.backup before anything was changed`
    });
    const names = new Database(file)
      .prepare("select name from sqlite_schema where type = 'table'")
      .pluck()
      .all();
    expect(names).not.toContain("exposures");
  });
});

test.each([
  ["select * from experiments order by _created_at desc, id desc limit 50", "experiments_by_age"],
  [
    "select * from experiments where status = 'running' order by _created_at desc limit 50",
    "experiments_by_status"
  ],
  [
    "select * from observations where experiment_id = 1 order by _created_at desc",
    "observations_by_experiment"
  ],
  [
    "select * from calculation_jobs where observation_id = 1 order by _created_at desc, id desc",
    "jobs_by_observation"
  ],
  ["update calculation_jobs set status = 'failed' where status in ('pending', 'running')", "jobs_unfinished"],
  ["select * from precomputes where job_id = 1 order by id", "precomputes_by_job"],
  ["select * from precomputes where metric_name = 'a' order by job_id desc", "precomputes_by_metric"]
])("an index answers: %s", async (query, index) => {
  const db = await open();
  const plan = db.prepare<[], {detail: string}>(`explain query plan ${query}`).all();
  expect(plan[0].detail).toContain(index);
});
