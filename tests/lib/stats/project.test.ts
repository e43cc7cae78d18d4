import {expect, test} from "vitest";
import {compare} from "../../../lib/stats/compare.js";
import {conditionalPower, project} from "../../../lib/stats/project.js";
import type {Moments} from "../../../lib/stats/types.js";

const arm = (mean: number): Moments => ({n: 5000, means: [mean], covariance: [[16]]});
const two = {alternative: "two-sided", critical: 1.959963985} as const;

test("conditional power is the B-value's: z 1.5 at half time with an expected z of 2.8 ends clear in 76%", () => {
  // B = 1.5·√½ = 1.06066, expected 1.06066 + 2.8·½ = 2.46066; Φ((2.46066 − 1.95996)/√½) = Φ(0.70809).
  expect(conditionalPower({z: 1.5, share: 0.5, drift: 2.8}, two)).toBeCloseTo(0.76055, 4);
  expect(conditionalPower({z: 2.1, share: 1, drift: 9}, two)).toBe(1);
  expect(conditionalPower({z: 1.9, share: 1, drift: 9}, two)).toBe(0);
});

test("waiting for four times the units halves the interval and raises power", () => {
  const [control, treatment] = [arm(10), arm(10.1)];
  const days = project("mean", control, treatment, {lift: 0.02, cumulativeUnits: [10_000, 20_000, 40_000]});
  if ("reason" in days) throw new Error(days.reason);
  const now = compare("mean", control, treatment).lift;
  expect(days[0].halfWidth).toBeCloseTo((now.high! - now.low!) / 2, 12);
  expect(days[2].halfWidth / days[0].halfWidth).toBeCloseTo(0.5, 12);
  expect(days.map(({power}) => power)).toEqual(days.map(({power}) => power).toSorted((a, b) => a - b));
  // Today nothing more can happen: the lift of 1% is clear or it is not.
  expect(days[0].conditional).toEqual({trend: 0, planned: 0});
  expect(days[2].conditional.planned).toBeGreaterThan(days[2].conditional.trend);
});

test("without a lift there is nothing to wait for, with the reason", () => {
  const none = {n: 1, means: [1], covariance: [[1]]};
  const options = {lift: 0.02, cumulativeUnits: [10]};
  expect(project("mean", none, none, options)).toEqual({reason: expect.stringContaining("two units")});
});
