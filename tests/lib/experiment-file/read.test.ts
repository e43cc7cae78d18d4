import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, relative} from "node:path";
import {fileURLToPath} from "node:url";
import {afterEach, beforeEach, describe, expect, test} from "vitest";
import {UserError} from "../../../lib/errors.js";
import {parseExperiment, readExperimentFile, type ExperimentFile} from "../../../lib/experiment-file.js";

const fixtures = fileURLToPath(new URL("../../fixtures/store/", import.meta.url));

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "expanto-file-"));
});

afterEach(() => {
  rmSync(folder, {recursive: true});
});

const checkout = () => readExperimentFile(join(fixtures, "checkout.yaml"), {defaultScenario: "base"});

async function readText(text: string): Promise<ExperimentFile> {
  const file = join(folder, "experiment.yaml");
  writeFileSync(file, text);
  return readExperimentFile(file, {defaultScenario: "base"});
}

async function problemsIn(text: string): Promise<string[]> {
  const message = await readText(text).then(
    () => "",
    (error: UserError) => error.message
  );
  return message.split("\n").map((line) => line.replace(`${join(folder, "experiment.yaml")}`, "file"));
}

function minimal(more: object = {}, observation: object = {}): object {
  return {
    experiment: {name: "banner", ...more},
    observations: [{name: "week", split_id: "user_id", calculation_scenario: "base", ...observation}]
  };
}

function problemsOf(value: unknown): string[] {
  try {
    parseExperiment(value);
  } catch (error) {
    if (error instanceof UserError) return error.message.split("\n");
    throw error;
  }
  return [];
}

describe("reading", () => {
  test("a file becomes an experiment: dates in UTC, weights as shares, names left out by default", async () => {
    expect(await checkout()).toEqual({
      experiment: {
        name: "checkout",
        status: "running",
        owner: "ana",
        description: "One page instead of three.\nAsked for by support.\n",
        hypotheses: "Fewer steps, more orders",
        keyMetrics: ["orders", "revenue"],
        guardrails: ["page_load"],
        design: null,
        conclusion: null,
        start: "2025-10-01T00:00:00.000Z",
        end: "2025-10-15T10:30:00.000Z",
        variants: [
          {name: "three pages", allocation: 0.5, isControl: true},
          {name: "one page", allocation: 0.25, isControl: false},
          {name: "one page, short", allocation: 0.25, isControl: false}
        ]
      },
      observations: [
        {
          name: "two weeks",
          dbExperimentName: "checkout_2025",
          splitId: "user_id",
          scenario: "base",
          exposureStart: "2025-10-01T00:00:00.000Z",
          exposureEnd: "2025-10-15T00:00:00.000Z",
          calcStart: "2025-10-01T00:00:00.000Z",
          calcEnd: "2025-10-15T06:00:00.000Z",
          exposureEvent: "checkout_opened",
          audienceTables: [],
          filters: ["country = 'BR'"],
          eventFilters: ["is_test = false"],
          customTestIdsQuery: null,
          metricTags: ["core"],
          metricGroups: [],
          dimensions: ["platform"],
          preDays: 0,
          horizonDays: 0
        },
        {
          name: "first week",
          dbExperimentName: "checkout",
          splitId: "user_id",
          scenario: "base",
          exposureStart: null,
          exposureEnd: null,
          calcStart: null,
          calcEnd: null,
          exposureEvent: null,
          audienceTables: [],
          filters: [],
          eventFilters: [],
          customTestIdsQuery: null,
          metricTags: [],
          metricGroups: [],
          dimensions: [],
          preDays: 0,
          horizonDays: 0
        }
      ]
    });
  });

  test("every problem of a file is told at once, with its place and what to do", async () => {
    const file = relative(process.cwd(), join(fixtures, "broken.yaml"));
    const error: unknown = await readExperimentFile(file).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message.replaceAll(file, "broken.yaml")).toMatchInlineSnapshot(`
      "17 problems in broken.yaml
      broken.yaml:3:3  unknown field: statuss; did you mean status?
      broken.yaml:4:11  unknown status: runing; did you mean running? the statuses are planned, running, paused, completed, cancelled
      broken.yaml:5:16  key_metrics must be a list, not orders; write one item a line, each after a dash
      broken.yaml:6:10  owner must be text, not 42; put it in quotes
      broken.yaml:8:17  end_datetime is before start_datetime: 2025-10-01 < 2025-10-15; swap them, or correct one
      broken.yaml:10:5  only some variants have an allocation; give every variant one, or none for equal shares
      broken.yaml:10:5  exactly one variant must be the control, found none; mark one variant with control: true, name each once
      broken.yaml:10:5  variant declared twice: a; mark one variant with control: true, name each once
      broken.yaml:11:19  allocation must be positive: -1; give a share, such as 0.5
      broken.yaml:13:7  unknown field: controll; did you mean control?
      broken.yaml:15:5  split_id is missing
      broken.yaml:15:5  calculation_scenario is missing
      broken.yaml:16:30  exposure_start_datetime is not a date: 2025-02-30; write 2025-10-01 or 2025-10-01T12:30:00Z
      broken.yaml:18:24  calc_end_datetime is before calc_start_datetime: 2025-10-01 < 2025-10-02; swap them, or correct one
      broken.yaml:19:11  observation written twice: week; rename one
      broken.yaml:24:9  item 2 of filters must be text, not 7; put it in quotes
      broken.yaml:25:1  unknown field: colour; the fields here are experiment, observations"
    `);
  });

  test("variants without allocations share equally", () => {
    const variants = [{name: "a", control: true}, {name: "b"}, {name: "c"}];
    expect(
      parseExperiment(minimal({variants})).experiment.variants.map(({allocation}) => allocation)
    ).toEqual([1 / 3, 1 / 3, 1 / 3]);
  });

  test.each([
    ["2025-10-01", "2025-10-01T00:00:00.000Z"],
    ["2025-10-01 12:30", "2025-10-01T12:30:00.000Z"],
    ["2025-10-01T12:30:15.123456", "2025-10-01T12:30:15.123Z"],
    ["2025-10-01T12:30:15Z", "2025-10-01T12:30:15.000Z"],
    ["2025-10-01T00:30:00+03:00", "2025-09-30T21:30:00.000Z"],
    [new Date("2025-10-01T12:00:00Z"), "2025-10-01T12:00:00.000Z"],
    ["2024-02-29", "2024-02-29T00:00:00.000Z"]
  ])("the date %s is %s", (start_datetime, instant) => {
    expect(parseExperiment(minimal({start_datetime})).experiment.start).toBe(instant);
  });

  test.each([
    "2025-02-29",
    "2025-13-01",
    "01.10.2025",
    "2025-10-01 25:00",
    "2025-10-01 12",
    "tomorrow",
    "",
    2025,
    true
  ])("%s is not a date", (start_datetime) => {
    expect(problemsOf(minimal({start_datetime}))).toEqual([
      `experiment.start_datetime  start_datetime is not a date: ${start_datetime}; write 2025-10-01 or 2025-10-01T12:30:00Z`
    ]);
  });

  test.each([
    [[{name: "a"}, {name: "b"}], "exactly one variant must be the control, found none"],
    [
      [
        {name: "a", control: true},
        {name: "b", control: true}
      ],
      "exactly one variant must be the control, found 2"
    ],
    [[{name: "a", control: true}], "only one variant: an experiment compares at least two"],
    [[{name: "a", control: true}, {name: "a"}], "variant declared twice: a"]
  ])("the variants %j are refused", (variants, rule) => {
    expect(problemsOf(minimal({variants}))).toEqual([
      `experiment.variants  ${rule}; mark one variant with control: true, name each once`
    ]);
  });

  test("an empty window is refused for an observation; an experiment may start and end on one day", () => {
    const day = {start_datetime: "2025-10-01", end_datetime: "2025-10-01"};
    const window = {calc_start_datetime: "2025-10-01", calc_end_datetime: "2025-10-01 00:00"};
    expect(problemsOf(minimal(day, window))).toEqual([
      "observations[0].calc_end_datetime  calc_end_datetime equals calc_start_datetime: nothing is before it, the window is empty; write the first moment after the window, such as the next day"
    ]);
  });

  test("a share must be a positive number", () => {
    const shares = [0, Infinity, NaN, "half"];
    const variants = shares.map((allocation, i) => ({name: `v${i}`, control: i === 0, allocation}));
    expect(problemsOf(minimal({variants}))).toEqual([
      "experiment.variants[0].allocation  allocation must be positive: 0; give a share, such as 0.5",
      "experiment.variants[1].allocation  allocation must be a number, not Infinity; write it as 0.5",
      "experiment.variants[2].allocation  allocation must be a number, not NaN; write it as 0.5",
      "experiment.variants[3].allocation  allocation must be a number, not half; write it as 0.5"
    ]);
  });

  test("an allocation for some variants only is refused", () => {
    const variants = [{name: "a", control: true, allocation: 0.5}, {name: "b"}];
    expect(problemsOf(minimal({variants}))).toEqual([
      "experiment.variants  only some variants have an allocation; give every variant one, or none for equal shares"
    ]);
  });

  test("a plain object follows the same rules and names each field by its path", () => {
    const value = minimal({status: "done"}, {splitid: "user_id", split_id: undefined});
    expect(problemsOf(value)).toEqual([
      "experiment.status  unknown status: done; the statuses are planned, running, paused, completed, cancelled",
      "observations[0].split_id  split_id is missing",
      "observations[0].splitid  unknown field: splitid; did you mean split_id?"
    ]);
  });

  test("an observation without a scenario needs the configured one", () => {
    const value = minimal({}, {calculation_scenario: null});
    expect(problemsOf(value)).toEqual([
      "observations[0].calculation_scenario  calculation_scenario is missing"
    ]);
    expect(parseExperiment(value, {defaultScenario: "base"}).observations[0].scenario).toBe("base");
  });

  test.each([
    ["", ["file is empty"]],
    ["# nothing yet\n", ["file is empty"]],
    [
      "- a\n",
      [
        "one problem in file",
        'file:1:1  the file must be a set of fields, not ["a"]; write field: value, one a line'
      ]
    ],
    ["experiment:\n", ["one problem in file", "file:1:12  experiment is missing"]],
    [
      "experiment:\n  name: a\n  name: b\n",
      ["one problem in file", "file:3:3  broken YAML: Map keys must be unique"]
    ],
    [
      "experiment:\n  name: [a\n",
      [
        "one problem in file",
        "file:3:1  broken YAML: Flow sequence in block collection must be sufficiently indented and end with a ]"
      ]
    ]
  ])("the text %j is refused", async (text, problems) => {
    expect(await problemsIn(text)).toEqual(problems);
  });

  test("a problem behind a YAML alias is told where the text stands", async () => {
    const text = `experiment: {name: a}
observations:
  - &week {name: one, split_id: user_id, filters: &few [1]}
  - {name: two, split_id: user_id, filters: *few}
`;
    expect(await problemsIn(text)).toEqual([
      "2 problems in file",
      "file:3:57  item 1 of filters must be text, not 1; put it in quotes",
      "file:3:57  item 1 of filters must be text, not 1; put it in quotes"
    ]);
  });

  test("observations may share fields through a YAML merge", async () => {
    const text = `experiment: {name: a}
observations:
  - &week {name: one, split_id: user_id, filters: [x > 1]}
  - {<<: *week, name: two}
`;
    const {observations} = await readText(text);
    expect(observations.map(({name, filters}) => [name, filters])).toEqual([
      ["one", ["x > 1"]],
      ["two", ["x > 1"]]
    ]);
  });

  test("a file that is not there is told by its path", async () => {
    await expect(readExperimentFile("nowhere/x.yaml")).rejects.toMatchObject({
      name: "UserError",
      message: expect.stringContaining("cannot read nowhere/x.yaml"),
      hint: "check the path"
    });
  });
});
