import {describe, expect, test} from "vitest";
import {computeFamily} from "../../../lib/stats/families.js";
import {
  compareQuantile,
  exactRanks,
  outerInterval,
  quantileArm,
  rankSketch
} from "../../../lib/stats/quantile.js";
import {gaussians} from "./random.js";

const oneTo = (n: number) => Array.from({length: n}, (_, i) => i + 1);

test("a quantile interpolates between order statistics", () => {
  expect(quantileArm([4, 1, 3, 2], 0.5, 0.05).value).toBe(2.5);
  expect(quantileArm(oneTo(101), 0.9, 0.05).value).toBe(91);
});

test("the outer interval goes from rank to rank", () => {
  expect(quantileArm(oneTo(100), 0.5, 0.05)).toMatchObject({
    shareError: 0.05,
    ranks: [40, 61],
    outer: [40, 61]
  });
});

test("the exact ranks of the median of 100 values are 40 and 61", () => {
  expect(exactRanks(100, 0.5, 0.05)).toEqual([40, 61]);
  expect(exactRanks(3, 0.5, 0.05)).toEqual([null, null]);
});

test("rows of one unit count as one: ten copies of every row widen the share's error by √10", () => {
  const values = oneTo(100);
  const tenfold = values.flatMap((value) => Array<number>(10).fill(value));
  const clusters = values.flatMap((value) => Array<number>(10).fill(value));
  const [iid, clustered] = [quantileArm(tenfold, 0.5, 0.05), quantileArm(tenfold, 0.5, 0.05, clusters)];
  expect(clustered.shareError / iid.shareError).toBeCloseTo(Math.sqrt(10), 1);
});

test("the outer interval of the median holds it in 95 of 100 samples", () => {
  const next = gaussians(11);
  const isHeld = () => {
    const {outer} = quantileArm(Array.from({length: 200}, next), 0.5, 0.05);
    return outer[0] <= 0 && 0 <= outer[1];
  };
  const held = Array.from({length: 2000}, isHeld).filter(Boolean).length;
  expect(held / 2000).toBeGreaterThan(0.94);
  expect(held / 2000).toBeLessThan(0.98);
});

describe("a sketch of ranks", () => {
  const next = gaussians(3);
  const draw = (n: number, shift = 0) => Array.from({length: n}, () => Math.exp(next() + shift));

  test("gives the interval of all the values, or one a little wider, at any confidence", () => {
    for (const [n, q] of [
      [150, 0.5],
      [5000, 0.9],
      [100_000, 0.99]
    ] as const) {
      const values = draw(n);
      const sketch = rankSketch(values, q);
      expect(sketch.ranks.length).toBeLessThanOrEqual(203);
      for (const alpha of [0.5, 0.2, 0.05, 0.01, 1e-5]) {
        const [low, high] = quantileArm(values, q, alpha).outer;
        const [from, to] = outerInterval(sketch, alpha);
        expect(from).toBeLessThanOrEqual(low);
        expect(to).toBeGreaterThanOrEqual(high);
        expect((to - from) / (high - low)).toBeLessThan(1.25);
      }
    }
  });

  test("compares as the values do", () => {
    const [a, b] = [draw(150), draw(150, 0.2)];
    const exact = computeFamily("quantile", {data_1: a, data_2: b, q: 0.5, alpha: 0.05});
    const {difference} = compareQuantile(rankSketch(a, 0.5), rankSketch(b, 0.5));
    expect([difference.value, difference.pvalue]).toEqual([
      exact.diff_abs,
      expect.closeTo(exact.p_value as number, 12)
    ]);
    const flat = rankSketch([1, 1, 1, 1], 0.5);
    expect(compareQuantile(flat, flat).reason).toMatch(/no noise/);
  });

  test("rejects 5% of true nulls at the 90th percentile", () => {
    let rejected = 0;
    for (let i = 0; i < 400; i++) {
      const [a, b] = [rankSketch(draw(800), 0.9), rankSketch(draw(800), 0.9)];
      if (compareQuantile(a, b).difference.pvalue! < 0.05) rejected++;
    }
    // 20 expected, 4.4 the standard deviation.
    expect(rejected).toBeGreaterThan(4);
    expect(rejected).toBeLessThan(35);
  });
});
