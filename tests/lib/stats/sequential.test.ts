import {expect, test} from "vitest";
import {compare} from "../../../lib/stats/compare.js";
import {mergeMoments, momentsOf} from "../../../lib/stats/moments.js";
import {sequenceRho} from "../../../lib/stats/sequential.js";
import type {Moments} from "../../../lib/stats/types.js";
import {gaussians} from "./random.js";

const arm = (n: number, mean: number): Moments => ({n, means: [mean], covariance: [[4]]});

test("the price of looking at any time is a wider interval, least near the planned units", () => {
  const widening = (n: number) => {
    const fixed = compare("mean", arm(n, 10), arm(n, 10.1)).difference;
    const always = compare("mean", arm(n, 10), arm(n, 10.1), {nStar: 10_000}).difference;
    return (always.high! - always.low!) / (fixed.high! - fixed.low!);
  };
  expect(widening(5000)).toBeGreaterThan(1.3);
  expect(widening(5000)).toBeLessThan(1.6);
  expect(widening(50)).toBeGreaterThan(widening(5000));
  expect(widening(5_000_000)).toBeGreaterThan(widening(5000));
});

test("interval and p agree, one-sided too", () => {
  for (const alternative of ["two-sided", "greater", "less"] as const) {
    for (const mean of [9.8, 9.9, 9.95, 10.05, 10.1, 10.2]) {
      const options = {nStar: 8000, alternative};
      const {low, high, pvalue} = compare("mean", arm(4000, 10), arm(4000, mean), options).difference;
      expect(low! > 0 || high! < 0).toBe(pvalue! < 0.05);
    }
  }
});

test("rho shrinks with the root of the units planned", () => {
  expect(sequenceRho(0.05, 100) / sequenceRho(0.05, 10_000)).toBeCloseTo(10, 12);
});

// 20 looks at 500 experiments without an effect: looking each time at a fixed interval errs in a quarter of them.
test("twenty looks keep the false alarms under 5%, where fixed intervals do not", () => {
  const next = gaussians(7);
  const rows = () => Array.from({length: 50}, () => [next() + 5]);
  let [always, naive] = [0, 0];
  for (let run = 0; run < 500; run++) {
    let [a, b] = [momentsOf([]), momentsOf([])];
    let seen = {always: false, naive: false};
    for (let look = 0; look < 20; look++) {
      [a, b] = [mergeMoments(a, momentsOf(rows())), mergeMoments(b, momentsOf(rows()))];
      const isAlarm = compare("mean", a, b, {nStar: 1000}).difference.pvalue! < 0.05;
      seen = {
        always: seen.always || isAlarm,
        naive: seen.naive || compare("mean", a, b).difference.pvalue! < 0.05
      };
    }
    always += Number(seen.always);
    naive += Number(seen.naive);
  }
  expect(always / 500).toBeLessThan(0.05);
  expect(naive / 500).toBeGreaterThan(0.18);
});
