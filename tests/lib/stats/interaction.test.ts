import {expect, test} from "vitest";
import {compare} from "../../../lib/stats/compare.js";
import {interaction, type Crossing} from "../../../lib/stats/interaction.js";
import type {Moments} from "../../../lib/stats/types.js";
import {gaussians} from "./random.js";

const mean = (n: number, value: number, variance: number): Moments => ({
  n,
  means: [value],
  covariance: [[variance]]
});
const rate = (n: number, value: number): Moments => ({
  n,
  means: [value],
  covariance: [[(value * (1 - value) * n) / (n - 1)]]
});

// Under the other's control 10 → 11, under its treatment 12 → 15.
const crossing: Crossing = {
  control: [mean(100, 10, 4), mean(200, 12, 8)],
  treatment: [mean(100, 11, 4), mean(200, 15, 8)]
};

test("a mean by hand: three minus one, with the noise of all four groups", () => {
  const found = interaction("mean", crossing);
  if ("reason" in found && !("difference" in found)) throw new Error(found.reason!);
  expect(found.under).toEqual([
    {difference: 1, lift: 0.1},
    {difference: 3, lift: 0.25}
  ]);
  // 4/100 + 8/200 + 4/100 + 8/200 = 0.16, so se is 0.4; df = 0.16² / (2·0.04²/99 + 2·0.04²/199) = 528.89.
  expect(found.difference.value).toBeCloseTo(2, 12);
  expect(found.difference.error).toBeCloseTo(0.4, 12);
  // jStat 1.9.6: studentt.inv(0.975, 528.8859) = 1.9644594.
  expect(found.difference.high).toBeCloseTo(2 + 1.9644594 * 0.4, 6);
  // Lifts: √(0.04/100 + 1.21·0.04/100 + 0.04/144 + 1.5625·0.04/144).
  expect(found.lift.value).toBeCloseTo(0.15, 12);
  expect(found.lift.error).toBeCloseTo(Math.sqrt(0.0004 * 2.21 + (0.04 / 144) * 2.5625), 12);
});

test("which experiment is called the first changes nothing of the difference", () => {
  const {control, treatment} = crossing;
  const turned: Crossing = {control: [control[0], treatment[0]], treatment: [control[1], treatment[1]]};
  const [one, other] = [crossing, turned].map((each) => interaction("mean", each));
  expect("difference" in one && "difference" in other && other.difference).toEqual(
    "difference" in one && one.difference
  );
});

test("with one other group alike, a proportion's interval is that of two comparisons apart", () => {
  const found = interaction("proportion", {
    control: [rate(4000, 0.2), rate(4000, 0.25)],
    treatment: [rate(4000, 0.22), rate(4000, 0.27)]
  });
  if (!("difference" in found)) throw new Error(found.reason!);
  const alone = compare("proportion", rate(4000, 0.2), rate(4000, 0.22));
  const under = compare("proportion", rate(4000, 0.25), rate(4000, 0.27));
  expect(found.difference.value).toBeCloseTo(0, 12);
  const wald = [alone, under].map(({difference}) => (difference.high! - difference.low!) / 2 / 1.959964);
  expect(found.difference.error).toBeCloseTo(Math.hypot(...wald), 7);
  expect(found.lift.value).toBeCloseTo(0.08 - 0.1, 12);
});

test("without an interaction a twentieth of tests finds one, whatever the two effects are", () => {
  const draw = gaussians(11);
  const runs = 2000;
  const group = (value: number) => {
    const units = Array.from({length: 20}, () => value + draw());
    const own = units.reduce((sum, x) => sum + x, 0) / units.length;
    const variance = units.reduce((sum, x) => sum + (x - own) ** 2, 0) / (units.length - 1);
    return mean(units.length, own, variance);
  };
  const rejected = Array.from({length: runs}, () =>
    interaction("mean", {control: [group(1), group(3)], treatment: [group(2), group(4)]})
  ).filter((found) => "difference" in found && found.difference.pvalue! < 0.05).length;
  expect(Math.abs(rejected / runs - 0.05)).toBeLessThan(4 * Math.sqrt((0.05 * 0.95) / runs));
});

test("what cannot be compared says why", () => {
  const nothing = interaction("mean", {...crossing, control: [mean(1, 10, 0), mean(200, 12, 8)]});
  expect(nothing).toEqual({reason: expect.stringMatching(/unit/)});
  const zero = interaction("mean", {...crossing, control: [mean(100, 0, 4), mean(200, 12, 8)]});
  expect(zero).toMatchObject({lift: {value: null}, reason: "a control's value is 0, so there is no lift"});
});
