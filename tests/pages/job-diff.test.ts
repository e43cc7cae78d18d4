import {expect, test} from "vitest";
import type {JobInputs} from "../../lib/types.js";
import type {JobView} from "../../lib/view-types.js";
import {jobDiff} from "../../src/components/job-diff.js";

const metric = (alias: string) => ({alias, title: alias, type: "mean", role: "primary", goal: "increase"});
const moments = (n: number, mean: number) => ({n, means: [mean], covariance: [[4]]});
const options = {
  control: "A",
  treatments: ["B"],
  treatment: "B",
  confidence: 0.95,
  scale: "relative"
} as const;

type Made = {
  aliases?: string[];
  n?: number;
  observation?: object;
  cap?: number;
  source?: string;
  query?: string;
  units?: number;
  /** By how much more the treatment's mean is, relative to itself. */
  noise?: number;
};

function job({
  aliases = ["orders", "revenue"],
  n = 1000,
  observation = {},
  cap,
  source = "s",
  query = "select 1\nfrom a\n",
  units,
  noise = 0
}: Made): JobView {
  const arms = (n: number) => [
    {variant: "A", moments: moments(n, 5), reason: null},
    {variant: "B", moments: moments(n, 5.3 * (1 + noise)), reason: null}
  ];
  const metrics = aliases.map((alias) => ({
    metric: metric(alias),
    arms: arms(alias === "revenue" && cap ? n - 1 : n)
  }));
  const inputs = {
    observation: {name: "Main", filters: [], ...observation},
    metrics: aliases.map((alias) => ({
      alias,
      title: alias,
      ...(alias === "revenue" && cap ? {cap: {at: cap}} : {})
    }))
  };
  const experiment = {variants: ["A", "B"].map((name) => ({name, allocation: 0.5, isControl: name === "A"}))};
  const exposures = ["A", "B"].map((variant, i) => ({variant, day: "2025-10-01", units: [n, units ?? n][i]}));
  const view = {
    job: {query, facts: {source}},
    metrics,
    exposures,
    planned: {
      all: [
        {variant: "A", allocation: 0.5},
        {variant: "B", allocation: 0.5}
      ]
    },
    experiment,
    defaults: {srmThreshold: 0.001}
  };
  return {view: view as unknown as JobView["view"], inputs: inputs as unknown as JobInputs};
}

const diff = (a: Made, b: Made) => jobDiff(job(a), job(b), {...options, treatments: ["B"]});

test("two runs of the same differ in nothing", () => {
  const same = diff({}, {});
  expect(same.settings).toEqual([]);
  expect(same.metrics).toEqual([]);
  expect(same.movements.map(({because}) => because)).toEqual([[], []]);
  expect(same.sql.map(({kind}) => kind)).toEqual(["same"]);
});

test("a number that moved says which setting, definition or data moved it", () => {
  const found = diff(
    {},
    {
      n: 500,
      observation: {name: "iOS", filters: ["platform = 'ios'"]},
      cap: 99,
      source: "t",
      query: "select 1\nfrom b\n"
    }
  );
  expect(found.settings).toEqual([
    {field: "name", before: "Main", after: "iOS"},
    {field: "filters", before: null, after: "platform = 'ios'"}
  ]);
  expect(found.metrics).toMatchObject([
    {alias: "revenue", fields: [{field: "cap", before: null, after: "at: 99"}]}
  ]);
  expect(found.movements.map(({because}) => because)).toEqual([
    ["filters", "the warehouse’s data"],
    ["its definition: cap", "filters", "the warehouse’s data"]
  ]);
  expect(found.sql.filter(({kind}) => kind !== "same").map(({text}) => text)).toEqual([
    "from a\n",
    "from b\n"
  ]);
});

test("a definition that changed moves its own metric alone, and a metric of one job says so", () => {
  const found = diff({}, {aliases: ["orders", "revenue", "refunds"], cap: 99});
  expect(found.movements.map(({alias, because}) => [alias, because])).toEqual([
    ["orders", []],
    ["revenue", ["its definition: cap"]],
    ["refunds", ["only in the second job"]]
  ]);
});

test("the last digits of a sum, which another order of adding changes, move nothing", () => {
  const moved = ({movements}: ReturnType<typeof diff>) => movements.filter(({because}) => because.length);
  expect(moved(diff({query: "select 1\n"}, {query: "select 2\n", noise: 1e-13}))).toEqual([]);
  expect(moved(diff({query: "select 1\n"}, {query: "select 2\n", noise: 1e-6})).length).toBeGreaterThan(0);
});

test("a job whose units are not split as planned has no verdict to turn from", () => {
  const verdicts = (found: ReturnType<typeof diff>) =>
    found.movements.map(({before, after}) => [before!.verdict, after!.verdict]);
  expect(verdicts(diff({}, {units: 1400}))[0]).toEqual(["better", "invalid"]);
});

test("a job from before inputs were kept is compared by its numbers and SQL", () => {
  const old = {...job({}), inputs: null};
  const found = jobDiff(old, job({n: 900, query: "select 2\n"}), {...options, treatments: ["B"]});
  expect([found.settings, found.metrics]).toEqual([null, null]);
  expect(found.movements[0].because).toEqual(["the SQL"]);
});
