import {describe, expect, test} from "vitest";
import {computeFamily} from "../../../lib/stats/families.js";
import {compare} from "../../../lib/stats/compare.js";
import {exactRanks, quantileArm, quantileMoments, quantileRanks} from "../../../lib/stats/quantile.js";
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

describe("a quantile as moments", () => {
  const next = gaussians(3);
  const draw = (n: number, shift = 0) => Array.from({length: n}, () => Math.exp(next() + shift));
  const momentsOf = (values: number[], q: number) => {
    const sorted = values.toSorted((a, b) => a - b);
    const known = new Map(quantileRanks(values.length, q).map((rank) => [rank, sorted[rank - 1]]));
    return quantileMoments(values.length, q, (rank) => known.get(rank)!);
  };

  test("is told by four values at most, and compared as all the values are", () => {
    for (const [n, q] of [
      [2, 0.5],
      [150, 0.5],
      [5000, 0.99]
    ] as const) {
      expect(quantileRanks(n, q).length).toBeLessThanOrEqual(4);
      const [a, b] = [draw(n), draw(n, 0.2)];
      const exact = computeFamily("quantile", {data_1: a, data_2: b, q, alpha: 0.05});
      const {difference} = compare("quantile", momentsOf(a, q), momentsOf(b, q));
      expect([difference.value, difference.pvalue]).toEqual([
        exact.diff_abs,
        expect.closeTo(exact.p_value as number, 12)
      ]);
    }
  });

  test("without noise next to it, it has no interval", () => {
    const flat = momentsOf([1, 1, 1, 1], 0.5);
    expect(compare("quantile", flat, flat)).toMatchObject({
      difference: {value: 0, low: null},
      reason: "the values around the quantile are all the same"
    });
  });

  test("rejects 5% of true nulls at the 90th percentile", () => {
    let rejected = 0;
    for (let i = 0; i < 400; i++) {
      const [a, b] = [momentsOf(draw(800), 0.9), momentsOf(draw(800), 0.9)];
      if (compare("quantile", a, b).difference.pvalue! < 0.05) rejected++;
    }
    // 20 expected, 4.4 the standard deviation.
    expect(rejected).toBeGreaterThan(4);
    expect(rejected).toBeLessThan(35);
  });
});
