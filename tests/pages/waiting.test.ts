import {expect, test} from "vitest";
import type {Finding, Reading} from "../../lib/stats/analysis.js";
import {findingsOf} from "../../lib/stats/analysis.js";
import {prospectOf} from "../../src/components/waiting.js";

const reading: Reading = {
  confidence: 0.95,
  alternative: "two-sided",
  lift: "delta",
  isAdjusted: false,
  correction: null,
  nStar: null
};
const arm = (variant: string, mean: number) => ({
  variant,
  moments: {n: 5000, means: [mean], covariance: [[400]]},
  reason: null
});
const metric = {alias: "revenue", title: "Revenue", type: "mean", role: "primary", goal: "increase"};
const finding = findingsOf(
  [{metric: metric as Finding["metric"], arms: [arm("control", 10), arm("treatment", 10.5)]}],
  {control: "control", treatments: ["treatment"], scale: "relative", isValid: true, ...reading}
)[0][0];
// 1,000 new units a day of each variant, for five days.
const exposures = [1, 2, 3, 4, 5].flatMap((day) =>
  ["control", "treatment"].map((variant) => ({variant, day: `2025-10-0${day}`, units: 1000}))
);

test("with four times the units the interval is half as wide, and waiting for nothing brings nothing", () => {
  const {days, seen, planned} = prospectOf(finding, {reading, plan: null, exposures})!;
  expect([seen.toFixed(6), planned, days[0].all, days[15].all]).toEqual(["0.050000", null, 10_000, 40_000]);
  expect(days[15].halfWidth / days[0].halfWidth).toBeCloseTo(0.5, 3);
  expect(days[0].wait).toBe(0);
  // What is seen now, 1.25 errors from zero, is not clear; today it cannot become so.
  expect(days[0].conditional.trend).toBe(0);
  const chances = days.map(({conditional}) => conditional.trend);
  expect(chances).toEqual(chances.toSorted((a, b) => a - b));
});

test("a third variant’s units are no units of the two that are compared", () => {
  const others = exposures.map((each) => ({...each, variant: "other"}));
  const {days} = prospectOf(finding, {reading, plan: null, exposures: [...exposures, ...others]})!;
  expect(days[10].units).toBeCloseTo(30_000, 6);
  expect(days[10].all).toBe(60_000);
});

test("where there is no effect, or nobody was exposed, there is nothing to wait for", () => {
  expect(prospectOf(undefined, {reading, plan: null, exposures})).toBe(null);
  expect(prospectOf(finding, {reading, plan: null, exposures: []})).toBe(null);
});
