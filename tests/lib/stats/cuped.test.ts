import fc from "fast-check";
import {expect, test} from "vitest";
import {compare} from "../../../lib/stats/compare.js";
import {cuped} from "../../../lib/stats/cuped.js";
import {momentsOf} from "../../../lib/stats/moments.js";
import type {Moments} from "../../../lib/stats/types.js";
import {gaussians} from "./random.js";

const adjusting = {isAdjusted: true};

test("a covariate without covariance changes no point, and the interval by its one degree of freedom", () => {
  fc.assert(
    fc.property(fc.integer({min: 50, max: 5000}), fc.double({min: 1, max: 9, noNaN: true}), (n, mean) => {
      const arm = (mean: number, covariates: number[]): Moments => ({
        n,
        means: [mean, ...covariates],
        covariance: [4, ...covariates].map((variance, i, all) => all.map((_, j) => (i === j ? variance : 0)))
      });
      const plain = compare("mean", arm(mean, []), arm(mean + 1, []));
      const {varianceReduction, ...adjusted} = compare("mean", arm(mean, [3]), arm(mean + 1, [3]), adjusting);
      expect(varianceReduction).toBe(0);
      expect(adjusted.difference.value).toBeCloseTo(plain.difference.value!, 12);
      expect(adjusted.difference.high! / plain.difference.high!).toBeCloseTo(1, 1);
    })
  );
});

test("several covariates take the slopes of the least squares with an intercept for each arm", () => {
  const [a, b] = [rowsOf(1, 40), rowsOf(2, 60)];
  const {theta} = cuped(momentsOf(a), momentsOf(b));
  const [slope1, slope2] = leastSquares([...centred(a), ...centred(b)]);
  expect(theta).toEqual([expect.closeTo(slope1, 9), expect.closeTo(slope2, 9)]);
});

test("a covariate that repeats another changes nothing", () => {
  const twice = (seed: number) => momentsOf(rowsOf(seed, 50).map(([y, x]) => [y, x, x]));
  const once = (seed: number) => momentsOf(rowsOf(seed, 50).map(([y, x]) => [y, x]));
  expect(cuped(twice(1), twice(2)).control.value).toBeCloseTo(cuped(once(1), once(2)).control.value, 9);
});

test("a ratio is adjusted as its linearised values would be, unit by unit", () => {
  const [control, treatment] = [3, 4].map((seed) =>
    rowsOf(seed, 200).map(([y, x, z]) => [y + 5, x + 4, 2 * x + y + 6, z + 5])
  );
  const adjusted = compare("ratio", momentsOf(control), momentsOf(treatment), adjusting);
  const [a, b] = [control, treatment].map((rows) => momentsOf(linearised(rows)));
  const {control: left, treatment: right} = cuped(a, b);
  expect(adjusted.control).toBeCloseTo(left.value, 9);
  expect(adjusted.difference.value).toBeCloseTo(right.value - left.value, 9);
});

test("too few units, or moments that no units give, are refused with a reason", () => {
  const few = momentsOf(rowsOf(1, 4));
  expect(compare("mean", few, few, adjusting).reason).toMatch(/too few/);
  const broken = {
    n: 90,
    means: [1, 1],
    covariance: [
      [1, 3],
      [3, 1]
    ]
  };
  expect(compare("mean", broken, broken, adjusting).reason).toMatch(/covariance 3/);
});

function rowsOf(seed: number, n: number): number[][] {
  const next = gaussians(seed);
  return Array.from({length: n}, () => {
    const [x, z] = [next(), next()];
    return [2 * x - z + next(), x, z];
  });
}

function centred(rows: number[][]): number[][] {
  const {means} = momentsOf(rows);
  return rows.map((row) => row.map((value, i) => value - means[i]));
}

// The normal equations of two slopes, by Cramer's rule.
function leastSquares(rows: number[][]): [number, number] {
  const sum = (i: number, j: number) => rows.reduce((total, row) => total + row[i] * row[j], 0);
  const determinant = sum(1, 1) * sum(2, 2) - sum(1, 2) ** 2;
  return [
    (sum(0, 1) * sum(2, 2) - sum(0, 2) * sum(1, 2)) / determinant,
    (sum(0, 2) * sum(1, 1) - sum(0, 1) * sum(1, 2)) / determinant
  ];
}

function linearised(rows: number[][]): number[][] {
  const {means} = momentsOf(rows);
  const line = (top: number, bottom: number, i: number) => {
    const ratio = means[i] / means[i + 1];
    return ratio + (top - ratio * bottom) / means[i + 1];
  };
  return rows.map(([a, b, c, d]) => [line(a, b, 0), line(c, d, 2)]);
}
