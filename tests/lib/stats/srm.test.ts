import {expect, test} from "vitest";
import {srm} from "../../../lib/stats/srm.js";

test("counts near the planned split are no mismatch, and weights need not sum to 1", () => {
  expect(srm([5010, 4990], [1, 1])).toEqual({
    statistic: 0.04,
    df: 1,
    pvalue: expect.closeTo(0.841480581, 8),
    log10p: expect.closeTo(-0.074955899, 6),
    expected: [5000, 5000],
    isMismatch: false,
    hasLowCounts: false
  });
});

test("a loss that no one would see by eye is a mismatch in a large experiment", () => {
  expect(srm([821588, 815482], [0.5, 0.5])).toMatchObject({
    isMismatch: true,
    pvalue: expect.closeTo(1.82e-6, 8)
  });
});

test("an arm of zero weight is left out with its units", () => {
  expect(srm([1000, 1200, 900], [0.5, 0.5, 0])).toMatchObject({df: 1, expected: [1100, 1100, 0]});
});

test("a p that a double cannot hold has its log10", () => {
  expect(srm([1_000_000, 100_000], [0.5, 0.5])).toMatchObject({
    pvalue: 0,
    log10p: expect.closeTo(-159902.36358, 5)
  });
});

test("one arm, no units or a negative count leave nothing to test", () => {
  for (const observed of [
    [0, 0],
    [5, -1],
    [NaN, 3]
  ])
    expect(srm(observed, [1, 1]).statistic).toBe(null);
  expect(srm([10], [1])).toMatchObject({statistic: null, isMismatch: false});
});

test("expected counts under 5 are warned of", () => {
  expect(srm([4, 3], [1, 1]).hasLowCounts).toBe(true);
});
