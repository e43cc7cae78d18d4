import {expect, test} from "vitest";
import {nonInferiority} from "../../../lib/stats/non-inferiority.js";
import type {Moments} from "../../../lib/stats/types.js";

const arm = (n: number, mean: number): Moments => ({n, means: [mean], covariance: [[4]]});

test("a guardrail holds where the bad end of its interval stays inside the margin", () => {
  const options = {goal: "increase", margin: 0.02} as const;
  expect(nonInferiority("mean", arm(20_000, 10), arm(20_000, 9.95), options)).toEqual({
    bound: expect.closeTo(-0.00828, 4),
    pvalue: expect.any(Number),
    isMet: true,
    reason: null
  });
  expect(nonInferiority("mean", arm(500, 10), arm(500, 9.95), options).isMet).toBe(false);
});

test("a metric that should fall is bounded from above", () => {
  const {bound, isMet} = nonInferiority("mean", arm(20_000, 10), arm(20_000, 10.05), {
    goal: "decrease",
    margin: 0.02
  });
  expect({bound, isMet}).toEqual({bound: expect.closeTo(0.0083, 3), isMet: true});
});

test("interval and p agree whatever the margin", () => {
  for (const margin of [0, 0.001, 0.005, 0.01, 0.02, 0.1]) {
    for (const goal of ["increase", "decrease"] as const) {
      const {pvalue, isMet} = nonInferiority("mean", arm(5000, 10), arm(5000, 9.98), {goal, margin});
      expect(isMet).toBe(pvalue! < 0.05);
    }
  }
});

test("without a baseline there is no margin to hold", () => {
  expect(nonInferiority("mean", arm(50, 0), arm(50, 1), {goal: "increase", margin: 0.1})).toEqual({
    bound: null,
    pvalue: null,
    isMet: false,
    reason: "the control's value is 0, so there is no lift"
  });
});
