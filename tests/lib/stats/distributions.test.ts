import gammainc from "@stdlib/math-base-special-gammainc";
import studentCdfOfStdlib from "@stdlib/stats-base-dists-t-cdf";
import fc from "fast-check";
import {expect, test} from "vitest";
import {fQuantile, fSurvival} from "../../../lib/stats/beta.js";
import {chiSquareCdf, chiSquareQuantile, chiSquareSurvival} from "../../../lib/stats/gamma.js";
import {
  noncentralTCdf,
  noncentralTQuantile,
  noncentralTSurvival,
  noncentralTTails
} from "../../../lib/stats/noncentral-t.js";
import {normalLogSurvival, normalQuantile, normalSurvival} from "../../../lib/stats/normal.js";
import {
  studentCdf,
  studentLogSurvival,
  studentSurvival,
  studentUpperQuantile
} from "../../../lib/stats/student.js";

const degrees = fc.double({min: 0, max: 9, noNaN: true}).map((power) => 10 ** power);
const tail = fc.double({min: -290, max: -0.4, noNaN: true}).map((power) => 10 ** power);
const relative = (got: number, want: number) => Math.abs(got / want - 1);

test("quantiles undo tails, to 1e-290 and from 1 to 1e9 degrees of freedom", () => {
  fc.assert(
    fc.property(tail, degrees, (q, df) => {
      expect(relative(studentSurvival(studentUpperQuantile(q, df), df), q)).toBeLessThan(1e-10);
      expect(relative(normalSurvival(-normalQuantile(q)), q)).toBeLessThan(1e-11);
    })
  );
});

test("quantiles of chi-square and F undo their cdf", () => {
  fc.assert(
    fc.property(fc.double({min: 0.001, max: 0.999, noNaN: true}), fc.integer({min: 1, max: 200}), (p, k) => {
      expect(chiSquareCdf(chiSquareQuantile(p, k), k)).toBeCloseTo(p, 11);
      expect(1 - fSurvival(fQuantile(p, k, 30), k, 30)).toBeCloseTo(p, 11);
    })
  );
});

test("a second implementation agrees: t and chi-square of @stdlib", () => {
  fc.assert(
    fc.property(fc.double({min: -30, max: -0.01, noNaN: true}), fc.integer({min: 1, max: 400}), (t, df) => {
      expect(relative(studentCdf(t, df), studentCdfOfStdlib(t, df))).toBeLessThan(1e-8);
      const x = -20 * t;
      expect(relative(chiSquareSurvival(x, df), gammainc(x / 2, df / 2, true, true))).toBeLessThan(1e-8);
    })
  );
});

test("t is the normal at infinite degrees of freedom and near it at 1e9", () => {
  expect(relative(studentSurvival(3, Infinity), normalSurvival(3))).toBeLessThan(1e-15);
  expect(relative(studentSurvival(3, 1e9), normalSurvival(3))).toBeLessThan(1e-7);
});

test("log tails go on where a probability has underflowed", () => {
  expect(normalSurvival(50)).toBe(0);
  expect(normalLogSurvival(50)).toBeCloseTo(-1254.8313611394, 9);
  expect(studentLogSurvival(1e200, 3)).toBeCloseTo(
    3 * -Math.log(1e200) + Math.log((2 * Math.sqrt(3)) / Math.PI),
    6
  );
});

test("the two tails of the noncentral t sum to 1, and without a shift are those of t", () => {
  fc.assert(
    fc.property(
      fc.double({min: -6, max: 30, noNaN: true}),
      fc.double({min: 2, max: 500, noNaN: true}),
      fc.double({min: -4, max: 20, noNaN: true}),
      (t, df, shift) => {
        expect(noncentralTSurvival(t, df, shift) + noncentralTCdf(t, df, shift)).toBeCloseTo(1, 11);
        expect(relative(noncentralTSurvival(t, df, 0), studentSurvival(t, df))).toBeLessThan(1e-10);
        const {above, below} = noncentralTTails(t, df, shift);
        expect(above).toBeCloseTo(noncentralTSurvival(t, df, shift), 12);
        expect(below).toBeCloseTo(noncentralTCdf(-t, df, shift), 12);
      }
    )
  );
});

test("what is no number gives no number", () => {
  for (const value of [
    normalSurvival(NaN),
    studentSurvival(NaN, 5),
    studentSurvival(1, NaN),
    chiSquareSurvival(NaN, 2)
  ]) {
    expect(value).toBe(NaN);
  }
  expect([normalQuantile(2), normalQuantile(0), studentUpperQuantile(0, 4)]).toEqual([
    NaN,
    -Infinity,
    Infinity
  ]);
});

test("the noncentral t quantile is that of scipy 1.17.1, and goes back to its probability", () => {
  const references = [
    [0.025, 10, 1.5, -0.4828235843757106],
    [0.9, 3, -2, -0.7245257915048426],
    [0.999, 200, 4, 7.295203156736102],
    [1e-6, 30, 0.5, -5.144677232221454],
    [0.5, 1.5, 3, 3.7765690274838284]
  ];
  for (const [p, df, shift, t] of references) {
    const got = noncentralTQuantile(p, df, shift);
    expect(Math.abs(got / t - 1)).toBeLessThan(1e-9);
    expect(Math.abs(noncentralTCdf(got, df, shift) / p - 1)).toBeLessThan(1e-10);
  }
  expect([noncentralTQuantile(0, 5, 1), noncentralTQuantile(1, 5, 1)]).toEqual([-Infinity, Infinity]);
});
