import fc from "fast-check";
import {expect, test} from "vitest";
import {daysFor, liftFor, type PlanOptions, powerFor, unitsFor} from "../../../lib/stats/plan.js";
import {meanPower} from "../../../lib/stats/power-mean.js";
import type {MetricType, Moments} from "../../../lib/stats/types.js";

const baselines: Record<MetricType, Moments> = {
  mean: {n: 5000, means: [12], covariance: [[90]]},
  proportion: {n: 5000, means: [0.1], covariance: [[0.09]]},
  ratio: {
    n: 5000,
    means: [5, 2],
    covariance: [
      [30, 6],
      [6, 4]
    ]
  }
};
const types = fc.constantFrom<MetricType>("mean", "proportion", "ratio");
const unitsOf = (type: MetricType, lift: number, options?: PlanOptions) => {
  const answer = unitsFor(type, baselines[type], lift, options);
  if ("reason" in answer) throw new Error(answer.reason);
  return answer.units;
};

test("a proportion of 10% needs 14,751 units a variant to see a lift of 10% in four of five experiments", () => {
  expect(unitsFor("proportion", baselines.proportion, 0.1)).toEqual({units: [14751, 14751], total: 29502});
});

test("units, power and lift agree: the planned units reach the power, one less only by the far tail", () => {
  fc.assert(
    fc.property(types, fc.double({min: 0.02, max: 0.4, noNaN: true}), (type, lift) => {
      const [n] = unitsOf(type, lift);
      expect(powerFor(type, baselines[type], lift, [n, n])).toBeGreaterThanOrEqual(0.8 - 1e-9);
      expect(powerFor(type, baselines[type], lift, [n - 1, n - 1])).toBeLessThan(0.8 + 1e-5);
    })
  );
});

test("the smallest lift of the planned units is the lift planned for", () => {
  for (const type of ["mean", "ratio"] as const) {
    const units = unitsOf(type, 0.05);
    expect(liftFor(type, baselines[type], units)).toBeCloseTo(0.05, 4);
  }
  // The smallest lift of a proportion takes the unpooled error.
  expect(liftFor("proportion", baselines.proportion, unitsOf("proportion", 0.05))).toBeCloseTo(0.05, 3);
});

test("a bigger lift needs fewer units, more power needs more", () => {
  fc.assert(
    fc.property(types, fc.double({min: 0.02, max: 0.2, noNaN: true}), (type, lift) => {
      const [n] = unitsOf(type, lift);
      expect(unitsOf(type, lift * 1.5)[0]).toBeLessThan(n);
      expect(unitsOf(type, lift, {power: 0.9})[0]).toBeGreaterThan(n);
      expect(unitsOf(type, lift, {comparisons: 4})[0]).toBeGreaterThan(n);
      expect(unitsOf(type, lift, {alternative: "greater"})[0]).toBeLessThan(n);
    })
  );
});

test("covariates that explain half of the variance halve the units", () => {
  for (const type of ["mean", "proportion", "ratio"] as const) {
    const [plain, reduced] = [0, 0.5].map((varianceReduction) => unitsOf(type, 0.05, {varianceReduction})[0]);
    expect(reduced / plain).toBeCloseTo(0.5, 2);
    expect(powerFor(type, baselines[type], 0.05, [reduced, reduced], {varianceReduction: 0.5})).toBeCloseTo(
      0.8,
      2
    );
  }
});

test("shares give every variant its units, and the smallest treatment decides", () => {
  const [control, large, small] = unitsOf("mean", 0.05, {shares: [5, 3, 2]});
  expect(large / control).toBeCloseTo(0.6, 3);
  expect(small / control).toBeCloseTo(0.4, 3);
  expect(powerFor("mean", baselines.mean, 0.05, [control, large, small])).toBeCloseTo(0.8, 3);
});

test("a lift in either direction needs the same units of a mean", () => {
  expect(unitsOf("mean", -0.02)).toEqual(unitsOf("mean", 0.02));
  expect(liftFor("mean", baselines.mean, [5000, 5000], {alternative: "less"})).toBeLessThan(0);
});

test("a plan that cannot be made says why", () => {
  expect(unitsFor("mean", {n: 9, means: [0], covariance: [[1]]}, 0.1)).toEqual({
    reason: expect.stringContaining("baseline is 0")
  });
  expect(unitsFor("mean", baselines.mean, 0)).toEqual({reason: expect.stringContaining("0 cannot be seen")});
  expect(unitsFor("proportion", baselines.proportion, 20)).toEqual({
    reason: expect.stringContaining("outside 0 and 1")
  });
  expect(liftFor("mean", {n: 1, means: [1], covariance: [[1]]}, [9, 9])).toBe(null);
});

test("the days come from the running count of unique units", () => {
  expect(daysFor(250, [100, 180, 240, 290])).toBe(4);
  expect(daysFor(300, [100, 180, 240, 290])).toBe(null);
});

test("power is alpha where there is no effect and grows with n", () => {
  const design = {alpha: 0.05, alternative: "two-sided"} as const;
  expect(meanPower(0, 20, 30, design)).toBeCloseTo(0.05, 12);
  const powers = [3, 10, 100, 1e4, 1e6].map((n) => meanPower(0.05, n, n, design));
  expect(powers).toEqual(powers.toSorted((a, b) => a - b));
});
