import fc from "fast-check";
import {expect, test} from "vitest";
import {daysFor, liftFor, type PlanOptions, powerFor, unitsFor} from "../../../lib/stats/plan.js";
import {guardrailPower, guardrailUnits} from "../../../lib/stats/plan-guardrail.js";
import {compare} from "../../../lib/stats/compare.js";
import {nonInferiority} from "../../../lib/stats/non-inferiority.js";
import {gaussians} from "./random.js";
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
  },
  quantile: {n: 5000, means: [30], covariance: [[400]]}
};
const types = fc.constantFrom<MetricType>("mean", "proportion", "ratio", "quantile");
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

test("always-valid plans: units, power and lift agree, cost more units, most where n* is far from them", () => {
  fc.assert(
    fc.property(
      types,
      fc.double({min: 0.02, max: 0.2, noNaN: true}),
      fc.constantFrom("two-sided" as const, "greater" as const),
      fc.constantFrom<number[]>([1, 1], [3, 1], [2, 1, 1]),
      fc.constantFrom(undefined, 5000, 200_000),
      (type, lift, alternative, shares, nStar) => {
        const options = {alternative, shares, sequential: {nStar}};
        const units = unitsOf(type, lift, options);
        expect(powerFor(type, baselines[type], lift, units, options)).toBeCloseTo(0.8, 2);
        expect(liftFor(type, baselines[type], units, options)! / lift).toBeCloseTo(1, 1);
        expect(units[0]).toBeGreaterThan(1.3 * unitsOf(type, lift, {alternative, shares})[0]);
      }
    )
  );
  expect(unitsOf("mean", 0.05, {sequential: {nStar: 500}})[0]).toBeGreaterThan(
    unitsOf("mean", 0.05, {sequential: {}})[0]
  );
});

const meanArm = (next: () => number, n: number, mean: number): Moments => ({
  n,
  means: [mean + next() * Math.sqrt(90 / n)],
  covariance: [[90]]
});

// The means of 2,000 experiments, drawn from their own sampling distribution: 0.8 ± 3 errors of 0.009.
test("the power of always-valid plans and of guardrails is what simulated experiments show", () => {
  const next = gaussians(5);
  const share = (isSeen: () => boolean) => Array.from({length: 2000}, isSeen).filter(Boolean).length / 2000;
  const options = {sequential: {}};
  const [n, m] = unitsOf("mean", 0.05, options);
  const seen = () =>
    compare("mean", meanArm(next, n, 12), meanArm(next, m, 12.6), {nStar: n + m}).difference.low! > 0;
  expect(Math.abs(share(seen) - 0.8)).toBeLessThan(0.027);

  const plan = guardrailUnits("mean", baselines.mean, {margin: 0.02, lift: 0.004});
  if ("reason" in plan) throw new Error(plan.reason);
  const [a, b] = plan.units;
  const shown = () =>
    nonInferiority("mean", meanArm(next, a, 12), meanArm(next, b, 12.048), {goal: "increase", margin: 0.02})
      .isMet;
  expect(Math.abs(share(shown) - 0.8)).toBeLessThan(0.027);
});

test("a guardrail needs the units its power says, fewer for a wider margin, more for a harm that is there", () => {
  fc.assert(
    fc.property(
      types,
      fc.double({min: 0.01, max: 0.1, noNaN: true}),
      fc.constantFrom("increase" as const, "decrease" as const),
      (type, margin, goal) => {
        const of = (plan: object) => {
          const answer = guardrailUnits(type, baselines[type], {margin, goal, ...plan});
          return "reason" in answer ? NaN : answer.units[0];
        };
        const n = of({});
        expect(guardrailPower(type, baselines[type], [n, n], {margin, goal})).toBeCloseTo(0.8, 2);
        expect(of({margin: 2 * margin})).toBeLessThan(n);
        expect(of({lift: goal === "increase" ? -margin / 2 : margin / 2})).toBeGreaterThan(n);
        expect(of({varianceReduction: 0.5})).toBeLessThan(0.51 * n + 2);
      }
    )
  );
  expect(guardrailUnits("mean", baselines.mean, {margin: 0})).toEqual({
    reason: expect.stringContaining("above 0")
  });
  expect(guardrailUnits("mean", baselines.mean, {margin: 0.1, lift: -0.2})).toEqual({
    reason: expect.stringContaining("as bad as")
  });
});

test("a design that cannot be planned says why", () => {
  for (const [options, reason] of [
    [{confidence: 1}, "confidence"],
    [{power: 0}, "power"],
    [{shares: [1]}, "two variants"],
    [{shares: [1, 0]}, "above 0"],
    [{varianceReduction: 1}, "covariates"]
  ] as const) {
    expect(unitsFor("mean", baselines.mean, 0.1, options as unknown as PlanOptions)).toEqual({
      reason: expect.stringContaining(reason)
    });
  }
});
