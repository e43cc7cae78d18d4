import {expect, test} from "vitest";
import {exactRanks, quantileArm} from "../../../lib/stats/quantile.js";
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
