import Database from "better-sqlite3";
import fc from "fast-check";
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {fileURLToPath} from "node:url";
import {afterEach, beforeEach, describe, expect, test} from "vitest";
import {
  applyExperimentFile,
  describeChanges,
  exportExperiment,
  observationsLeftAlone,
  parseExperiment,
  planChanges,
  readExperimentFile,
  type ExperimentFile
} from "../../lib/experiment-file.js";
import {fieldsAt} from "../../lib/experiment-file/schema.js";
import {
  closeStore,
  experimentByName,
  experimentById,
  listExperiments,
  observationByName,
  observationsOf,
  openStore,
  type Store
} from "../../lib/store.js";

const fixtures = fileURLToPath(new URL("../fixtures/store/", import.meta.url));
const monday = "2025-10-06T08:00:00.000Z";
const tuesday = "2025-10-07T08:00:00.000Z";

let folder: string;
let db: Store;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "expanto-file-"));
  db = await openStore(join(folder, "expanto.db"), {now: monday});
});

afterEach(() => {
  closeStore(db);
  rmSync(folder, {recursive: true});
});

const checkout = () => readExperimentFile(join(fixtures, "checkout.yaml"), {defaultScenario: "base"});

async function readText(text: string): Promise<ExperimentFile> {
  const file = join(folder, "experiment.yaml");
  writeFileSync(file, text);
  return readExperimentFile(file, {defaultScenario: "base"});
}

test("the guide names every field, and its example can be applied", async () => {
  const guide = readFileSync(new URL("../../docs/experiments-as-files.md", import.meta.url), "utf8");
  const fields = [...fieldsAt([]), ...fieldsAt(["experiment"]), ...fieldsAt(["experiment", "variants", 0])];
  const missing = [...fields, ...fieldsAt(["observations", 0])].filter(
    (field) => !guide.includes(`\`${field}\``)
  );
  expect(missing).toEqual([]);
  const [, example] = /```yaml\n([^]*?)```/.exec(guide)!;
  expect(applyExperimentFile(db, await readText(example))).not.toEqual([]);
});

describe("applying", () => {
  test("a new experiment is created with its observations, and the plan says so first", async () => {
    const file = await checkout();
    const planned = planChanges(db, file);
    expect(listExperiments(db)).toEqual([]);
    expect(applyExperimentFile(db, file, {now: monday})).toEqual(planned);
    const experiment = experimentByName(db, "checkout")!;
    expect(experiment).toEqual({...file.experiment, id: 1, createdAt: monday, updatedAt: monday});
    expect(observationsOf(db, 1).map(({name}) => name)).toEqual(["first week", "two weeks"]);
    expect(describeChanges(planned)).toMatchInlineSnapshot(`
      "+ experiment "checkout"
          + status: running
          + owner: ana
          + description: "One page instead of three.\\nAsked for by support.\\n"
          + hypotheses: Fewer steps, more orders
          + key_metrics: ["orders","revenue"]
          + guardrails: ["page_load"]
          + start_datetime: 2025-10-01
          + end_datetime: 2025-10-15T10:30:00Z
          + variants: [{"name":"three pages","allocation":0.5,"control":true},{"name":"one page","allocation":0.25},{"name":"one page, short","allocation":0.25}]
      + observation "two weeks"
          + db_experiment_name: checkout_2025
          + split_id: user_id
          + calculation_scenario: base
          + exposure_start_datetime: 2025-10-01
          + exposure_end_datetime: 2025-10-15
          + calc_start_datetime: 2025-10-01
          + calc_end_datetime: 2025-10-15T06:00:00Z
          + exposure_event: checkout_opened
          + filters: ["country = 'BR'"]
          + event_filters: ["is_test = false"]
          + metric_tags: ["core"]
          + dimensions: ["platform"]
      + observation "first week"
          + db_experiment_name: checkout
          + split_id: user_id
          + calculation_scenario: base"
    `);
  });

  test("a second run changes nothing and touches nothing", async () => {
    const file = await checkout();
    applyExperimentFile(db, file, {now: monday});
    expect(applyExperimentFile(db, file, {now: tuesday})).toEqual([]);
    expect(experimentById(db, 1)?.updatedAt).toBe(monday);
    expect(observationsOf(db, 1).map(({updatedAt}) => updatedAt)).toEqual([monday, monday]);
    expect(describeChanges(planChanges(db, file))).toBe("no change");
  });

  test("only what differs is updated, field by field", async () => {
    const file = await checkout();
    applyExperimentFile(db, file, {now: monday});
    const [twoWeeks, firstWeek] = file.observations;
    const edited: ExperimentFile = {
      experiment: file.experiment,
      observations: [
        {
          ...twoWeeks,
          calcEnd: null,
          filters: ["country = 'BR'", "age > 18"],
          customTestIdsQuery: "select 1\nunion"
        },
        firstWeek
      ]
    };
    const changes = applyExperimentFile(db, edited, {now: tuesday});
    expect(changes).toEqual([
      {
        on: "observation",
        name: "two weeks",
        action: "update",
        field: "calc_end_datetime",
        from: "2025-10-15T06:00:00Z",
        to: null
      },
      {
        on: "observation",
        name: "two weeks",
        action: "update",
        field: "filters",
        from: ["country = 'BR'"],
        to: ["country = 'BR'", "age > 18"]
      },
      {
        on: "observation",
        name: "two weeks",
        action: "update",
        field: "custom_test_ids_query",
        from: null,
        to: "select 1\nunion"
      }
    ]);
    expect(describeChanges(changes)).toBe(
      [
        '~ observation "two weeks"',
        "    - calc_end_datetime: 2025-10-15T06:00:00Z",
        `    ~ filters: ["country = 'BR'"] → ["country = 'BR'","age > 18"]`,
        '    + custom_test_ids_query: "select 1\\nunion"'
      ].join("\n")
    );
    expect(experimentById(db, 1)?.updatedAt).toBe(monday);
    expect(observationByName(db, 1, "first week")?.updatedAt).toBe(monday);
    expect(observationByName(db, 1, "two weeks")?.updatedAt).toBe(tuesday);
  });

  test("observations the file does not mention are left alone and named", async () => {
    const file = await checkout();
    applyExperimentFile(db, file, {now: monday});
    const shorter = {...file, observations: file.observations.slice(0, 1)};
    const leftAlone = observationsLeftAlone(db, shorter);
    expect(leftAlone).toEqual(["first week"]);
    expect(describeChanges(applyExperimentFile(db, shorter), leftAlone)).toBe(
      "no change\nnot in the file, left alone: first week"
    );
    expect(observationsOf(db, 1)).toHaveLength(2);
  });

  test("an error in the middle leaves the store as it was", async () => {
    const file = await checkout();
    const unsaveable = {...file.observations[1], calcStart: "not an instant"};
    expect(() =>
      applyExperimentFile(db, {...file, observations: [file.observations[0], unsaveable]})
    ).toThrow();
    expect(listExperiments(db)).toEqual([]);
  });

  test("two stored observations of one name are refused, not guessed", async () => {
    const file = await checkout();
    applyExperimentFile(db, file, {now: monday});
    db.exec("update observations set name = 'first week'");
    expect(() => applyExperimentFile(db, file)).toThrow("are both called first week");
    expect(() => exportExperiment(db, experimentById(db, 1)!)).toThrow("are both called first week");
  });
});

describe("exporting", () => {
  test("writes what was said and nothing else", async () => {
    applyExperimentFile(db, await checkout(), {now: monday});
    expect(exportExperiment(db, experimentById(db, 1)!)).toMatchInlineSnapshot(`
      "experiment:
        name: checkout
        status: running
        owner: ana
        description: |
          One page instead of three.
          Asked for by support.
        hypotheses: Fewer steps, more orders
        key_metrics:
          - orders
          - revenue
        guardrails:
          - page_load
        start_datetime: 2025-10-01
        end_datetime: 2025-10-15T10:30:00Z
        variants:
          - name: three pages
            control: true
            allocation: 0.5
          - name: one page
            allocation: 0.25
          - name: one page, short
            allocation: 0.25
      observations:
        - name: two weeks
          db_experiment_name: checkout_2025
          split_id: user_id
          calculation_scenario: base
          exposure_start_datetime: 2025-10-01
          exposure_end_datetime: 2025-10-15
          calc_start_datetime: 2025-10-01
          calc_end_datetime: 2025-10-15T06:00:00Z
          exposure_event: checkout_opened
          filters:
            - country = 'BR'
          event_filters:
            - is_test = false
          metric_tags:
            - core
          dimensions:
            - platform
        - name: first week
          db_experiment_name: checkout
          split_id: user_id
          calculation_scenario: base
      "
    `);
  });

  test("an exported experiment of the Python original applies with no change", async () => {
    const file = join(folder, "original.db");
    const original = new Database(file);
    original.pragma("foreign_keys = OFF");
    original.exec(readFileSync(join(fixtures, "python-original.sql"), "utf8"));
    original.close();
    const store = await openStore(file, {now: monday});
    for (const experiment of listExperiments(store)) {
      expect(planChanges(store, await readText(exportExperiment(store, experiment)))).toEqual([]);
    }
    closeStore(store);
  });

  test("export, apply, export gives the same text, whatever the texts and shares", async () => {
    await fc.assert(
      fc.asyncProperty(anyFile(), async (file) => {
        const store = await openStore(":memory:", {now: monday});
        applyExperimentFile(store, file, {now: monday});
        const text = exportExperiment(store, listExperiments(store)[0]);
        const again = await readText(text);
        expect(planChanges(store, again)).toEqual([]);
        const other = await openStore(":memory:", {now: monday});
        applyExperimentFile(other, again, {now: tuesday});
        expect(exportExperiment(other, listExperiments(other)[0])).toBe(text);
        closeStore(store);
        closeStore(other);
      }),
      {numRuns: 60, seed: 7}
    );
  });
});

function anyFile(): fc.Arbitrary<ExperimentFile> {
  const special = fc.constantFrom(
    "null",
    "2025-10-01",
    "yes",
    "1e3",
    "a: b # c",
    "- x",
    " lead",
    "trail ",
    "l1\n\nl2\n",
    "é'\"\\"
  );
  const word = fc
    .oneof(special, fc.string({minLength: 1, maxLength: 40}))
    .filter((text) => text.trim() !== "");
  const instant = fc
    .option(fc.date({min: new Date("2000-01-01"), max: new Date("2050-01-01"), noInvalidDate: true}))
    .map((date) => date?.toISOString() ?? null);
  const weights = fc.array(fc.double({min: 0.01, max: 100, noNaN: true}), {minLength: 2, maxLength: 6});
  return fc
    .record({
      name: word,
      description: word,
      conclusion: fc.option(word),
      start: instant,
      filters: fc.array(word),
      weights
    })
    .map(({name, description, conclusion, start, filters, weights}) => {
      const variants = weights.map((allocation, i) => ({name: `${name} ${i}`, allocation, control: i === 0}));
      const value = {
        experiment: {name, description, conclusion, start_datetime: start, variants},
        observations: [
          {name: "week", split_id: "user_id", calculation_scenario: name, filters, calc_start_datetime: start}
        ]
      };
      return parseExperiment(value);
    });
}
