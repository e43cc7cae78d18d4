import fc from "fast-check";
import {expect, test} from "vitest";
import {checkMoments, mergeMoments, momentsOf, momentsOfPrecompute} from "../../../lib/stats/moments.js";
import type {Moments} from "../../../lib/stats/types.js";

test("moments of rows are n, means and the sample covariance", () => {
  expect(
    momentsOf([
      [1, 2],
      [2, 4],
      [3, 9]
    ])
  ).toEqual({
    n: 3,
    means: [2, 5],
    covariance: [
      [1, 3.5],
      [3.5, 13]
    ]
  });
});

test("a large common offset costs no digits", () => {
  expect(momentsOf([[1e9 + 1], [1e9 + 2], [1e9 + 3]]).covariance).toEqual([[1]]);
});

const rows = fc.array(fc.tuple(fc.integer({min: -50, max: 50}), fc.integer({min: 0, max: 9})), {
  minLength: 2,
  maxLength: 60
});

test("moments of parts merge into the moments of the whole, wherever it is split", () => {
  fc.assert(
    fc.property(rows, fc.nat(60), (rows, cut) => {
      const merged = mergeMoments(momentsOf(rows.slice(0, cut)), momentsOf(rows.slice(cut)));
      const whole = momentsOf(rows);
      expect(merged.n).toBe(whole.n);
      const flat = ({means, covariance}: Moments) => [...means, ...covariance.flat()];
      flat(merged).forEach((value, i) => expect(value).toBeCloseTo(flat(whole)[i], 9));
    })
  );
});

const row = {
  type: "mean" as const,
  n: 100,
  value: 2,
  numeratorMean: 2,
  denominatorMean: null,
  numeratorVariance: 4,
  denominatorVariance: null,
  covariance: null
};

test("a mean's row gives its value and its variance", () => {
  expect(momentsOfPrecompute(row)).toEqual({moments: {n: 100, means: [2], covariance: [[4]]}});
});

test("a proportion's row needs only its rate", () => {
  expect(
    momentsOfPrecompute({...row, type: "proportion", n: 101, value: 0.2, numeratorVariance: null})
  ).toEqual({
    moments: {n: 101, means: [0.2], covariance: [[expect.closeTo(0.1616, 12)]]}
  });
});

test("a ratio's row gives both columns", () => {
  const ratio = {...row, type: "ratio" as const, denominatorMean: 5, denominatorVariance: 9, covariance: -3};
  expect(momentsOfPrecompute(ratio)).toEqual({
    moments: {
      n: 100,
      means: [2, 5],
      covariance: [
        [4, -3],
        [-3, 9]
      ]
    }
  });
  expect(momentsOfPrecompute({...ratio, covariance: 6.1})).toEqual({
    reason: expect.stringContaining("covariance 6.1")
  });
  expect(momentsOfPrecompute({...ratio, covariance: null})).toEqual({
    reason: expect.stringContaining("missing")
  });
});

test.each([
  [{...row, numeratorVariance: -1}, "a variance cannot be negative: -1"],
  [{...row, n: 1}, "a comparison needs two units or more, not 1"],
  [{...row, n: NaN}, "the number of units is missing"],
  [{...row, value: null}, "the value is missing or not a finite number"],
  [{...row, value: Infinity}, "the value is missing or not a finite number"],
  [{...row, type: "proportion" as const, value: 1.2}, "a proportion lies between 0 and 1, not at 1.2"]
])("a row that no units can give is refused in words (%#)", (row, reason) => {
  expect(momentsOfPrecompute(row)).toEqual({reason});
});

test("a correlation of one is lawful though rounding lifts it a little", () => {
  const covariance = [
    [148.598, 49.53 * (1 + 1e-13)],
    [49.53 * (1 + 1e-13), 49.53 ** 2 / 148.598]
  ];
  expect(checkMoments("ratio", {n: 9, means: [3, 1], covariance})).toBe(null);
});
