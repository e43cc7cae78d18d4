import {describe, expect, test} from "vitest";
import {
  differenceBefore,
  driftOf,
  splitByDimension,
  crossoverShare,
  fewestEvents,
  implausible,
  smallestVisible,
  splitByDay,
  withinMargin
} from "../../../lib/stats/checks.js";
import {compare} from "../../../lib/stats/compare.js";
import {nonInferiority} from "../../../lib/stats/non-inferiority.js";
import {srm} from "../../../lib/stats/srm.js";
import {powerFor} from "../../../lib/stats/plan.js";
import type {Moments} from "../../../lib/stats/types.js";
import {gaussians} from "./random.js";

const half = [
  {variant: "a", allocation: 0.5},
  {variant: "b", allocation: 0.5}
];
const day = (number: number, a: number, b: number) => {
  const name = `2025-10-${String(number).padStart(2, "0")}`;
  return [
    {variant: "a", day: name, units: a},
    {variant: "b", day: name, units: b}
  ];
};
const mean = (n: number, value: number, sd = 1): Moments => ({n, means: [value], covariance: [[sd * sd]]});

describe("the split by day", () => {
  // 600 against 500: chi-square 9.0909 at 1 df, p = 0.00256883.
  const odd = day(1, 600, 500);

  test("a day's p is multiplied by what Holm asks for that many days", () => {
    const fair = [day(2, 500, 500), day(3, 510, 500)].flat();
    expect(splitByDay(odd, half)[0].adjusted).toBeCloseTo(0.00256883, 7);
    expect(splitByDay([...fair, ...odd], half)[0].adjusted).toBeCloseTo(3 * 0.00256883, 7);
    const twice = splitByDay([...odd, ...day(2, 500, 600), ...day(3, 500, 500)], half);
    expect(twice[1].adjusted).toBeCloseTo(3 * 0.00256883, 7);
  });

  test("a mismatch on one day alone stops being one among many days", () => {
    const many = Array.from({length: 10}, (_, i) => day(i + 2, 500, 500)).flat();
    const isOff = (exposures: typeof odd) =>
      splitByDay(exposures, half, {threshold: 0.01}).map(({isMismatch}) => isMismatch);
    expect(isOff(odd)).toEqual([true]);
    expect(isOff([...odd, ...many])).toEqual(Array(11).fill(false));
  });

  test("days come in order, with the units of each variant against the plan", () => {
    const thirds = [
      {variant: "a", allocation: 2},
      {variant: "b", allocation: 1}
    ];
    expect(splitByDay([...day(9, 200, 100), ...day(8, 3, 3)], thirds)).toEqual([
      {
        day: "2025-10-08",
        units: [
          {variant: "a", units: 3},
          {variant: "b", units: 3}
        ],
        expected: [4, 2],
        adjusted: null,
        isMismatch: false
      },
      {
        day: "2025-10-09",
        units: [
          {variant: "a", units: 200},
          {variant: "b", units: 100}
        ],
        expected: [200, 100],
        adjusted: 1,
        isMismatch: false
      }
    ]);
  });

  test("a variant that is missing on a day counts as no units there", () => {
    const [gone] = splitByDay([{variant: "a", day: "2025-10-01", units: 100}], half);
    expect(gone).toMatchObject({isMismatch: true, expected: [50, 50]});
    expect(gone.units[1]).toEqual({variant: "b", units: 0});
  });
});

test("the share of crossovers is among all units, those left out included", () => {
  expect(crossoverShare(990, 10)).toBe(0.01);
  expect(crossoverShare(0, 0)).toBe(0);
});

test("the fewest events are successes or failures, in the arm that has least, and of proportions alone", () => {
  const effect = (control: number, treatment: number) => ({
    n: {control: 200, treatment: 1000},
    control,
    treatment
  });
  expect(fewestEvents("proportion", effect(0.045, 0.5))).toBe(9);
  expect(fewestEvents("proportion", effect(0.5, 0.992))).toBe(8);
  expect(fewestEvents("proportion", effect(0.98, 0.5))).toBe(4);
  expect(fewestEvents("proportion", effect(0.5, 0.5))).toBe(100);
  expect(fewestEvents("mean", effect(0.045, 0.5))).toBe(null);
  expect(fewestEvents(undefined, effect(0.045, 0.5))).toBe(null);
});

describe("implausible effects", () => {
  test("a lift counts as too large only where its whole interval does", () => {
    const lifted = (value: number) =>
      implausible(compare("mean", mean(10_000, 1, 20), mean(10_000, value, 20)));
    expect(lifted(1.8)).toBe(null);
    expect(lifted(3)).toBe("size");
    expect(lifted(-1)).toBe("size");
  });

  test("evidence counts as too strong above |z| = 20, on the scale shown", () => {
    // A difference of z standard errors between arms of 10,000 units.
    const at = (z: number) => {
      const difference = z * Math.sqrt(2 / 10_000);
      return implausible(compare("ratio", ratio(10), ratio(10 + difference)), "difference");
    };
    const ratio = (value: number): Moments => ({
      n: 10_000,
      means: [value, 1],
      covariance: [
        [1, 0],
        [0, 0]
      ]
    });
    expect([at(19.99), at(20.01), at(-19.99), at(-20.01)]).toEqual([null, "strength", null, "strength"]);
  });
});

describe("harm within a margin", () => {
  const effect = (value: number) => compare("mean", mean(20_000, 10), mean(20_000, value));
  // The lift's standard error is 0.001, so the interval is ±0.00196.

  test("is ruled out, open or shown, by the end of the interval on the bad side", () => {
    expect(withinMargin(effect(9.95), "increase", 0.01)).toMatchObject({state: "met"});
    expect(withinMargin(effect(9.95), "increase", 0.005)).toMatchObject({state: "open"});
    expect(withinMargin(effect(9.95), "increase", 0.002)).toMatchObject({state: "violated"});
    expect(withinMargin(effect(9.95), "increase", 0.01)!.bound).toBeCloseTo(-0.00696, 4);
  });

  test("turns with the goal, and asks for one", () => {
    expect(withinMargin(effect(10.05), "decrease", 0.002)).toMatchObject({state: "violated"});
    expect(withinMargin(effect(9.95), "decrease", 0.002)).toMatchObject({state: "met"});
    expect(withinMargin(effect(9.95), null, 0.002)).toBe(null);
  });

  test("agrees with the test of moments at half the interval's alpha", () => {
    for (const value of [9.9, 9.94, 9.96, 9.98, 10, 10.04]) {
      for (const margin of [0.001, 0.004, 0.006, 0.01]) {
        const {isMet, bound} = nonInferiority("mean", mean(20_000, 10), mean(20_000, value), {
          goal: "increase",
          margin,
          confidence: 0.975
        });
        const within = withinMargin(effect(value), "increase", margin)!;
        expect([value, margin, within.state === "met"]).toEqual([value, margin, isMet]);
        expect(within.bound).toBeCloseTo(bound!, 12);
      }
    }
  });
});

describe("the smallest visible effect", () => {
  test("is (1.95996 + 0.84162) standard errors at 95% and 80%", () => {
    expect(smallestVisible({error: 1})).toBeCloseTo(2.801585, 5);
    const narrow = smallestVisible({error: 2}, {confidence: 0.9, power: 0.9});
    expect(narrow).toBeCloseTo(2 * (1.644854 + 1.281552), 5);
    expect(smallestVisible({error: null})).toBe(null);
  });

  test("is what the planner finds with that power", () => {
    const control = mean(5000, 10, 4);
    const visible = smallestVisible(compare("mean", control, mean(5000, 10.1, 4)).difference)!;
    expect(powerFor("mean", control, visible / 10, [5000, 5000])).toBeCloseTo(0.8, 3);
  });
});

test("the split by day raises a false alarm over ten days as often as its threshold says", () => {
  const noise = gaussians(20251101);
  const hasAlarm = () => {
    const exposures = Array.from({length: 10}, (_, i) => {
      const a = Math.round(500 + Math.sqrt(250) * noise());
      return day(i + 1, a, 1000 - a);
    }).flat();
    return splitByDay(exposures, half, {threshold: 0.2}).some(({isMismatch}) => isMismatch);
  };
  const alarms = Array.from({length: 400}, hasAlarm).filter(Boolean).length;
  // 0.18 expected; 0.89 without a correction.
  expect(alarms / 400).toBeGreaterThan(0.12);
  expect(alarms / 400).toBeLessThan(0.25);
});

describe("the split within a dimension", () => {
  const allocation = [
    {variant: "A", allocation: 0.5},
    {variant: "B", allocation: 0.5}
  ];
  const counts = (value: string, a: number, b: number) => [
    {dimension: "country", value, variant: "A", units: a},
    {dimension: "country", value, variant: "B", units: b}
  ];

  test("names the value that is off, corrected for how many there are, and skips those too small", () => {
    const splits = splitByDimension(
      [...counts("DE", 1000, 1010), ...counts("FR", 1000, 800), ...counts("LU", 3, 0)],
      allocation
    );
    expect(splits.map(({value, isMismatch, adjusted}) => [value, isMismatch, adjusted === null])).toEqual([
      ["DE", false, false],
      ["FR", true, false],
      ["LU", false, true]
    ]);
    // Two are tested: Holm doubles the smaller p.
    expect(splits[1].adjusted).toBeCloseTo(2 * srm([1000, 800], [1, 1]).pvalue!, 15);
  });
});

test("what differed before exposure is compared by the covariates alone", () => {
  const arm = (value: number, before: number) => ({
    n: 1000,
    means: [value, before],
    covariance: [
      [4, 1],
      [1, 9]
    ]
  });
  const plain = (before: number) => ({n: 1000, means: [before], covariance: [[9]]});
  expect(differenceBefore("mean", arm(5, 2), arm(9, 2.4))).toEqual(compare("mean", plain(2), plain(2.4)));
  expect(differenceBefore("mean", plain(2), plain(2.4))).toBe(null);
});

describe("an effect by days since exposure", () => {
  const day = (day: number, lift: number) => ({
    day,
    effect: compare("mean", mean(20_000, 10), mean(20_000, 10 * (1 + lift)))
  });

  test("that fades is told, with its line from the first day to the last", () => {
    const fading = [0.09, 0.07, 0.05, 0.03, 0.01].map((lift, i) => day(i, lift));
    const drift = driftOf(fading)!;
    expect(drift.slope).toBeCloseTo(-0.02, 3);
    expect([drift.first, drift.last]).toEqual([expect.closeTo(0.09, 2), expect.closeTo(0.01, 2)]);
    expect(drift.pvalue).toBeLessThan(0.01);
  });

  test("that stays is not told, and four days say nothing", () => {
    expect(driftOf([0, 1, 2, 3, 4, 5].map((i) => day(i, 0.05)))!.pvalue).toBeCloseTo(1, 6);
    expect(driftOf([0, 1, 2, 3].map((i) => day(i, 0.05)))).toBe(null);
  });
});
