import fc from "fast-check";
import {describe, expect, test} from "vitest";
import {barnard, boschloo} from "../../../lib/stats/exact.js";

// scipy 1.17.1, boschloo_exact and barnard_exact with n = 200; its "less" is our "greater", for its first sample is control.
// Barnard's p of the second, and two-sided: numpy 2, every table at each of 4,000 rates (scipy leaves out the mirrored tables that rounding
// makes a little less extreme).
const references = [
  {
    control: {x: 7, n: 19},
    treatment: {x: 8, n: 11},
    boschloo: [0.06696132399, 0.03348066199658192, 0.9722842686],
    barnard: [0.067514098, 0.04802815719708827]
  },
  {
    control: {x: 1, n: 10},
    treatment: {x: 8, n: 10},
    boschloo: [0.00257682800292969, 0.001288414001464845, 0.9979524612],
    barnard: [0.002576827, 0.0012884135]
  },
  {
    control: {x: 30, n: 100},
    treatment: {x: 45, n: 100},
    boschloo: [0.029543212475355237, 0.014771606237677619, 0.9865672671],
    barnard: [0.029544055, 0.014772028267994026]
  }
];

describe.each(references)("$control.x of $control.n against $treatment.x of $treatment.n", (item) => {
  const {control, treatment} = item;

  test("Boschloo's p is the reference's, on each side", () => {
    const [two, greater, less] = item.boschloo;
    expect(boschloo(control, treatment, "two-sided")).toBeCloseTo(two, 8);
    expect(boschloo(control, treatment, "greater")).toBeCloseTo(greater, 8);
    expect(boschloo(control, treatment, "less")).toBeCloseTo(less, 8);
  });

  test("Barnard's p is the reference's", () => {
    const [two, greater] = item.barnard;
    expect(barnard(control, treatment, "two-sided")).toBeCloseTo(two, 7);
    expect(barnard(control, treatment, "greater")).toBeCloseTo(greater, 7);
  });
});

test("both tests hold their level whatever the rate: no rate rejects more than alpha", () => {
  const [n1, n2, alpha] = [12, 9, 0.05];
  const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k);
  const chance = (n: number, x: number, rate: number) => choose(n, x) * rate ** x * (1 - rate) ** (n - x);
  for (const exact of [boschloo, barnard]) {
    for (const rate of [0.05, 0.2, 0.5, 0.7, 0.93]) {
      let rejected = 0;
      for (let x1 = 0; x1 <= n1; x1++)
        for (let x2 = 0; x2 <= n2; x2++)
          if (exact({x: x1, n: n1}, {x: x2, n: n2}, "two-sided") <= alpha)
            rejected += chance(n1, x1, rate) * chance(n2, x2, rate);
      expect(rejected).toBeLessThanOrEqual(alpha);
    }
  }
});

test("swapping the arms swaps the sides", () => {
  const count = fc
    .integer({min: 3, max: 15})
    .chain((n) => fc.record({n: fc.constant(n), x: fc.integer({min: 0, max: n})}));
  fc.assert(
    fc.property(count, count, fc.constantFrom(boschloo, barnard), (a, b, exact) => {
      expect(exact(a, b, "greater")).toBeCloseTo(exact(b, a, "less"), 9);
      expect(exact(a, b, "two-sided")).toBeCloseTo(exact(b, a, "two-sided"), 9);
    }),
    {numRuns: 40}
  );
});
