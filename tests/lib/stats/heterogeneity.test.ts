import {expect, test} from "vitest";
import {heterogeneity} from "../../../lib/stats/heterogeneity.js";

test("effects that differ by more than their noise are told from those that do not", () => {
  // By hand: weights 100, 100, 25 give the mean 0.2; Q = 100·0.01 + 100·0.01 + 0 = 2. p from SciPy 1.17.1, chi2.sf.
  const found = heterogeneity([
    {value: 0.1, error: 0.1},
    {value: 0.3, error: 0.1},
    {value: 0.2, error: 0.2}
  ])!;
  expect(found.statistic).toBeCloseTo(2, 12);
  expect(found.df).toBe(2);
  expect(found.pvalue).toBeCloseTo(0.36787944117144233, 12);
});

test("an effect without an error does not count, and one alone differs from nothing", () => {
  expect(
    heterogeneity([
      {value: 0.1, error: 0.1},
      {value: null, error: null}
    ])
  ).toBeNull();
  expect(
    heterogeneity([
      {value: 0.1, error: 0.1},
      {value: 0.1, error: 0},
      {value: 0.1, error: 0.2}
    ])
  ).toMatchObject({
    statistic: 0,
    df: 1,
    pvalue: 1
  });
});
