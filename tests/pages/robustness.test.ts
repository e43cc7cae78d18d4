import {expect, test} from "vitest";
import type {MetricMoments, ResultsView} from "../../lib/view-types.js";
import type {Cells} from "../../lib/stats/cells.js";
import {periodsOf} from "../../lib/stats/periods.js";
import {otherReadings} from "../../src/components/robustness.js";
import {slicedView} from "../../src/stats/segments.js";

// Two countries, three days, two variants, one unit column of a mean: every cell has its own moments.
const days = ["2025-10-01", "2025-10-02", "2025-10-03"];
const spots = ["DE", "FR"].flatMap((country) => days.map((day) => ({country, day})));
const at = [...spots.map((spot) => ({...spot, variant: 0})), ...spots.map((spot) => ({...spot, variant: 1}))];
const units = at.map((_, cell) => 400 + 10 * cell);
const means = at.map(
  ({variant, country}, cell) => 10 + (variant && country === "FR" ? 0.9 : 0) + 0.01 * cell
);
const cells: Cells = {
  variants: ["A", "B"],
  keys: [
    {name: "country", values: ["DE", "FR"]},
    {name: "day", values: days}
  ],
  variant: at.map(({variant}) => variant),
  at: [at.map(({country}) => ["DE", "FR"].indexOf(country)), at.map(({day}) => days.indexOf(day))],
  units,
  metrics: [{alias: "revenue", n: null, means: [means], products: [units.map((n) => 25 * (n - 1))]}]
};

const metric = {alias: "revenue", title: "Revenue", type: "mean", role: "primary", goal: "increase"};
const empty = {metric, arms: ["A", "B"].map((variant) => ({variant, moments: null, reason: null}))};
const blank = {
  metrics: [empty as unknown as MetricMoments],
  exposures: [],
  periods: periodsOf([], []),
  series: [],
  job: {facts: {}}
};
const whole = slicedView(blank as unknown as ResultsView, cells, {});
const options = {
  control: "A",
  treatments: ["B"],
  scale: "relative",
  isValid: true,
  confidence: 0.95
} as const;
const question = {metric: "revenue", treatment: "B", slice: {}, options: {...options, treatments: ["B"]}};

test("every reading that moments allow is there, and each changes one thing", () => {
  const readings = otherReadings({whole, results: whole, cells}, question);
  expect(readings.map(({name}) => name)).toEqual([
    "as asked",
    "Fieller’s interval",
    "log of the ratio",
    "corrected by Holm",
    "corrected by Benjamini–Hochberg",
    "without those who came on 1 Oct, the first day",
    "without those who came on 3 Oct, the last day",
    "without country FR",
    "without country DE"
  ]);
  const lifts = new Map(readings.map(({name, finding}) => [name, finding!.effect!.lift]));
  expect(lifts.get("Fieller’s interval")!.value).toBe(lifts.get("as asked")!.value);
  expect(lifts.get("Fieller’s interval")!.low).not.toBe(lifts.get("as asked")!.low);
});

test("leaving out where the effect is takes it away, by the moments of the rest", () => {
  const readings = otherReadings({whole, results: whole, cells}, question);
  const without = (country: string) =>
    readings.find(({name}) => name === `without country ${country}`)!.finding!;
  expect([readings[0].finding!.verdict, without("DE").verdict, without("FR").verdict]).toEqual([
    "better",
    "better",
    "unclear"
  ]);
  const own = slicedView(whole, cells, {country: ["DE"]}).metrics[0].arms;
  expect(without("FR").arms).toEqual(own);
  expect(own[0].moments!.n).toBe(400 + 410 + 420);
});

test("without cells only the methods differ, and a slice keeps its own days and values", () => {
  const named = (readings: ReturnType<typeof otherReadings>) => readings.map(({name}) => name);
  expect(named(otherReadings({whole, results: whole, cells: null}, question))).toHaveLength(5);
  const slice = {country: ["FR"], day: days.slice(0, 2)};
  const results = slicedView(whole, cells, slice);
  // Two days are too few to leave one out, and one country cannot be left out.
  expect(named(otherReadings({whole, results, cells}, {...question, slice}))).toHaveLength(5);
});
