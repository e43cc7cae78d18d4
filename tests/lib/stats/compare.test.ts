import fc from "fast-check";
import {describe, expect, test} from "vitest";
import {compare} from "../../../lib/stats/compare.js";
import type {Effect, Moments} from "../../../lib/stats/types.js";
import {goldenCases, misses} from "./golden.js";

const mean = (n: number, value: number, variance: number): Moments => ({
  n,
  means: [value],
  covariance: [[variance]]
});
const rate = (x: number, n: number): Moments => mean(n, x / n, ((x / n) * (1 - x / n) * n) / (n - 1));
const ratio = (n: number, means: number[], covariance: number[][]): Moments => ({n, means, covariance});

test("a mean is Welch's test, with the reference's p and interval", () => {
  for (const item of goldenCases("welch").filter((item) => item.expected.status === "ok")) {
    const {mean_1, var_1, n_1, mean_2, var_2, n_2, alpha, alternative} = item.input as Record<string, never>;
    const options = {confidence: 1 - alpha, alternative};
    const {difference} = compare("mean", mean(n_1, mean_1, var_1), mean(n_2, mean_2, var_2), options);
    const {value, low, high, pvalue, log10p} = difference;
    const {ci_lower, ci_upper, diff_abs, p_value, log10_p} = item.expected;
    const expected = {ci_lower, ci_upper, diff_abs, p_value, log10_p};
    const output = {ci_lower: low, ci_upper: high, diff_abs: value, p_value: pvalue, log10_p: log10p};
    expect(misses({...item, expected}, output)).toEqual([]);
  }
});

test("a proportion is tested pooled and has Wald's interval where counts are large", () => {
  const {difference, lift, reason} = compare("proportion", rate(300, 3000), rate(360, 3000));
  expect(reason).toBe(null);
  expect(difference.pvalue).toBeCloseTo(0.0133004, 6);
  expect([difference.low, difference.high]).toEqual([
    expect.closeTo(0.004174, 6),
    expect.closeTo(0.035826, 6)
  ]);
  expect(lift.value).toBeCloseTo(0.2, 12);
});

test("a proportion with a count under 10 has Newcombe's interval, which stays inside [−1, 1]", () => {
  const {difference} = compare("proportion", rate(1, 3), rate(3, 3));
  expect(difference.high).toBeLessThan(1);
  expect(compare("proportion", rate(0, 100), rate(0, 100)).difference).toEqual({
    value: 0,
    low: expect.closeTo(-0.0369935, 6),
    high: expect.closeTo(0.0369935, 6),
    pvalue: null,
    log10p: null,
    error: null
  });
});

test("a ratio's noise counts the covariance of its parts", () => {
  const arm = (numerator: number) =>
    ratio(
      900,
      [numerator, 8],
      [
        [150, 50],
        [50, 17]
      ]
    );
  // Var = (150 − 2·3·50 + 9·17)/64 = 3/64 for the control, whose ratio is 3.
  const {difference} = compare("ratio", arm(24), arm(24.8), {confidence: 0.9});
  const treatmentVariance = (150 - 2 * 3.1 * 50 + 3.1 ** 2 * 17) / 64;
  const half = 1.6448536269514722 * Math.sqrt((3 / 64 + treatmentVariance) / 900);
  expect(difference.value).toBeCloseTo(0.1, 12);
  expect((difference.high as number) - 0.1).toBeCloseTo(half, 12);
});

test("the lift's sign is the direction of change also where the baseline is negative", () => {
  const effect = compare("mean", mean(100, -2, 1), mean(100, -1, 1));
  expect(effect.lift.value).toBe(0.5);
  expect(effect.lift.low).toBeGreaterThan(0);
});

describe("a number that cannot be computed is null with a reason", () => {
  test.each<[string, Effect, RegExp]>([
    ["a control of 0", compare("mean", mean(50, 0, 1), mean(50, 1, 1)), /control's value is 0/],
    ["no variance", compare("mean", mean(50, 1, 0), mean(50, 2, 0)), /no noise/],
    ["the same constant", compare("mean", mean(50, 1, 0), mean(50, 1, 0)), /same value/],
    ["one unit", compare("mean", mean(1, 1, 0), mean(50, 1, 1)), /control: .*two units/],
    ["a negative variance", compare("mean", mean(50, 1, -1), mean(50, 1, 1)), /negative/],
    ["a missing mean", compare("mean", mean(50, NaN, 1), mean(50, 1, 1)), /missing/],
    ["no columns", compare("mean", {n: 9, means: [], covariance: []}, mean(50, 1, 1)), /1 column/],
    ["a treatment of zeros", compare("proportion", rate(50, 100), rate(0, 100)), /value 0/],
    [
      "a zero denominator",
      compare(
        "ratio",
        ratio(
          9,
          [1, 0],
          [
            [1, 0],
            [0, 1]
          ]
        ),
        ratio(
          9,
          [1, 1],
          [
            [1, 0],
            [0, 1]
          ]
        )
      ),
      /denominator/
    ]
  ])("%s", (_, effect, reason) => {
    expect(effect.reason).toMatch(reason);
    const {difference, lift} = effect;
    expect([difference.pvalue, lift.pvalue]).toContain(null);
    expect(Object.values({...difference, ...lift}).every((x) => x === null || Number.isFinite(x))).toBe(true);
  });
});

test("a confidence outside (0, 1) is refused", () => {
  for (const confidence of [0, 1, 95, NaN]) {
    expect(() => compare("mean", mean(9, 1, 1), mean(9, 1, 1), {confidence})).toThrow(RangeError);
  }
});

const arm = fc.record({
  n: fc.integer({min: 5, max: 1_000_000}),
  value: fc.double({min: 0.5, max: 20, noNaN: true}),
  variance: fc.double({min: 0.01, max: 100, noNaN: true})
});
const pair = fc.tuple(arm, arm).map((pair) => pair.map(({n, value, variance}) => mean(n, value, variance)));
const near = (x: number | null, y: number | null) =>
  expect(Math.abs(x! - y!)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(y!)));

test("swapping the arms mirrors the difference and keeps p", () => {
  fc.assert(
    fc.property(pair, ([a, b]) => {
      const there = compare("mean", a, b).difference;
      const back = compare("mean", b, a).difference;
      near(there.low, -(back.high as number));
      near(there.log10p, back.log10p);
    })
  );
});

test("a change of unit scales the difference and leaves lift and p alone", () => {
  const scaled = ({n, means, covariance}: Moments) => mean(n, means[0] * 1e-9, covariance[0][0] * 1e-18);
  fc.assert(
    fc.property(pair, ([a, b]) => {
      const plain = compare("mean", a, b);
      const tiny = compare("mean", scaled(a), scaled(b));
      near(tiny.lift.low, plain.lift.low);
      near((tiny.difference.high as number) * 1e9, plain.difference.high);
      near(tiny.difference.log10p, plain.difference.log10p);
    })
  );
});

test("a shift of both arms moves neither difference nor p, only the lift", () => {
  const shifted = ({n, means, covariance}: Moments) => mean(n, means[0] + 4, covariance[0][0]);
  fc.assert(
    fc.property(pair, ([a, b]) => {
      const [here, there] = [compare("mean", a, b), compare("mean", shifted(a), shifted(b))];
      near(there.difference.low, here.difference.low);
      expect(Math.abs(there.difference.log10p! - here.difference.log10p!)).toBeLessThan(
        1e-9 * Math.max(1, Math.abs(here.difference.log10p!)) * (1 + 20 / here.difference.error!)
      );
      expect(Math.abs(there.lift.value!)).toBeLessThanOrEqual(Math.abs(here.lift.value!));
    })
  );
});

test("more units of the same kind never widen an interval nor raise p", () => {
  const more = ({n, means, covariance}: Moments) => mean(4 * n, means[0], covariance[0][0]);
  fc.assert(
    fc.property(pair, fc.constantFrom(null, 50_000), ([a, b], nStar) => {
      const [few, many] = [
        compare("mean", a, b, {nStar}).difference,
        compare("mean", more(a), more(b), {nStar}).difference
      ];
      expect(many.high! - many.low!).toBeLessThan(few.high! - few.low!);
      if (nStar === null) expect(many.log10p!).toBeLessThanOrEqual(few.log10p!);
    })
  );
});

test("the interval leaves out 0 exactly where p is below alpha, on either scale", () => {
  fc.assert(
    fc.property(pair, fc.double({min: 0.5, max: 0.999, noNaN: true}), ([a, b], confidence) => {
      for (const {low, high, pvalue} of Object.values(scalesOf(compare("mean", a, b, {confidence})))) {
        // A control too near to 0 has a p, but no interval of the lift.
        if (low !== null) expect(low > 0 || high! < 0).toBe(pvalue! < 1 - confidence);
      }
    })
  );
});

test("more confidence never narrows an interval", () => {
  fc.assert(
    fc.property(pair, ([a, b]) => {
      const widths = [0.5, 0.8, 0.95, 0.999].map((confidence) => {
        const {low, high} = compare("mean", a, b, {confidence}).lift;
        return low === null ? Infinity : high! - low;
      });
      expect(widths).toEqual(widths.toSorted((x, y) => x - y));
    })
  );
});

test("the two one-sided p-values sum to 1 and the smaller is half the two-sided", () => {
  fc.assert(
    fc.property(pair, ([a, b]) => {
      const [two, greater, less] = (["two-sided", "greater", "less"] as const).map(
        (alternative) => compare("mean", a, b, {alternative}).difference
      );
      near(greater.pvalue! + less.pvalue!, 1);
      near(2 * Math.min(greater.pvalue!, less.pvalue!), two.pvalue);
      expect([greater.high, less.low]).toEqual([Infinity, -Infinity]);
    })
  );
});

describe("a lift by Fieller", () => {
  const [control, treatment] = [mean(1000, 10, 16), mean(1000, 10.5, 18)];

  test("is the reference's set, with the t quantile of Welch's df in place of z", () => {
    const {lift, difference, reason} = compare("mean", control, treatment, {lift: "fieller"});
    expect(reason).toBe(null);
    expect([lift.low, lift.high]).toEqual([expect.closeTo(0.0136275, 4), expect.closeTo(0.0876641, 4)]);
    expect(lift.pvalue).toBe(difference.pvalue);
  });

  test("holds every ratio that a test of treatment − ratio × control does not reject", () => {
    const {lift} = compare("mean", control, treatment, {lift: "fieller", confidence: 0.9});
    const critical = 1.6456166; // t of 1991.11 degrees of freedom at 0.95, by scipy 1.17.1
    for (const end of [lift.low!, lift.high!]) {
      const ratio = 1 + end;
      const error = Math.sqrt(0.018 + ratio ** 2 * 0.016);
      expect(Math.abs(10.5 - ratio * 10) / error).toBeCloseTo(critical, 5);
    }
  });

  test("mirrors where the control is below 0", () => {
    const below = compare("mean", mean(1000, -10, 16), mean(1000, -10.5, 18), {lift: "fieller"}).lift;
    const above = compare("mean", control, treatment, {lift: "fieller"}).lift;
    expect([below.value, below.low, below.high]).toEqual([-above.value!, -above.high!, -above.low!]);
  });

  test("takes over, and says so, where the control is less than five errors from 0", () => {
    const weak = compare("mean", mean(1000, 0.4, 16), mean(1000, 0.9, 16));
    expect(weak.reason).toMatch(/Fieller/);
    expect(weak.lift.low).toBe(
      compare("mean", mean(1000, 0.4, 16), mean(1000, 0.9, 16), {lift: "fieller"}).lift.low
    );
    const gone = compare("mean", mean(1000, 0.1, 16), mean(1000, 0.9, 16));
    expect([gone.lift.low, gone.lift.high]).toEqual([null, null]);
    expect(gone.lift.value).toBeCloseTo(8, 12);
    expect(gone.reason).toMatch(/too near to 0/);
  });
});

test("a lift on the log scale is the reference's, and needs values above 0", () => {
  const {lift} = compare("mean", mean(1000, 10, 16), mean(1000, 10.5, 18), {lift: "log"});
  expect(lift.low).toBeCloseTo(0.0136431, 4);
  expect(Math.log1p(lift.low!) + Math.log1p(lift.high!)).toBeCloseTo(2 * Math.log(1.05), 12);
  const below = compare("mean", mean(1000, 10, 16), mean(1000, -1, 18), {lift: "log"});
  expect([below.lift.low, below.reason]).toEqual([null, expect.stringMatching(/above 0/)]);
});

function scalesOf({difference, lift}: Effect) {
  return {difference, lift};
}
