import {expect, test} from "vitest";
import {finding} from "../../../lib/audit/finding.js";

test("the band holds the binomial's middle 99.9 % and the bins hold every p", () => {
  // scipy 1.17.1: binom.ppf([0.0005, 0.9995], 2000, 0.05) is 69 and 133; sums of exact fractions say the same.
  const pvalues = Float64Array.from({length: 2000}, (_, i) => (i + 0.5) / 2000);
  const found = finding(pvalues, {alpha: 0.05, observed: 0.01, largestShare: null, reason: null});
  expect([found.band, found.rate, found.histogram, found.uniformity, found.observed]).toEqual([
    {low: 69 / 2000, high: 133 / 2000},
    0.05,
    Array(20).fill(100),
    {statistic: 0, df: 19, pvalue: 1},
    {pvalue: 0.01, permutationPvalue: 21 / 2001}
  ]);
});
