import fc from "fast-check";
import {expect, test} from "vitest";
import {adjust, type Correction} from "../../../lib/stats/adjust.js";
import {compare} from "../../../lib/stats/compare.js";
import {momentsOf} from "../../../lib/stats/moments.js";
import {study, type StudiedMetric} from "../../../lib/stats/study.js";
import type {Moments} from "../../../lib/stats/types.js";
import {gaussians} from "./random.js";

const arm = (mean: number, n = 1000): Moments => ({n, means: [mean], covariance: [[16]]});
const metric = (means: number[], isInFamily = true): StudiedMetric => ({
  type: "mean",
  control: arm(10),
  treatments: means.map((mean) => arm(mean)),
  isInFamily
});

test("without a correction every effect is that of compare()", () => {
  const metrics = [metric([10.2, 10.6]), metric([9.8, 10])];
  const expected = metrics.map(({treatments}) =>
    treatments.map((treatment) => ({...compare("mean", arm(10), treatment!), adjusted: null}))
  );
  expect(study(metrics)).toEqual(expected);
});

test("the family is all its metrics in all variants; a guardrail is left out of it", () => {
  const rows = study([metric([10.6, 10.5]), metric([10.45, 10.1]), metric([9.5, 9.4], false)], {
    correction: "holm"
  });
  const raw = [10.6, 10.5, 10.45, 10.1].map((mean) => compare("mean", arm(10), arm(mean)).lift.pvalue);
  const adjusted = rows.flat().map((effect) => effect!.adjusted?.pvalue ?? null);
  expect(adjusted).toEqual([...adjust(raw, "holm"), null, null]);
  expect(rows[2]).toEqual(study([metric([9.5, 9.4], false)])[0]);
});

test("an interval leaves out 0 exactly where the adjusted p is at most alpha, by every procedure and scale", () => {
  const means = fc.array(fc.double({min: 9.2, max: 10.8, noNaN: true}), {minLength: 2, maxLength: 12});
  const corrections = fc.constantFrom<Correction>("bonferroni", "holm", "hochberg", "bh", "by");
  fc.assert(
    fc.property(
      means,
      corrections,
      fc.constantFrom("lift" as const, "difference" as const),
      fc.constantFrom(null, 3000),
      (means, correction, scale, nStar) => {
        for (const effect of study([metric(means)], {correction, scale, nStar})[0]) {
          const {low, high} = effect![scale];
          expect(low! > 0 || high! < 0).toBe(effect!.adjusted!.pvalue <= 0.05);
          expect(effect!.adjusted!.pvalue).toBeGreaterThanOrEqual(effect![scale].pvalue!);
        }
      }
    )
  );
});

test("what has no p takes no place in the family, and a missing variant stays missing", () => {
  const metrics: StudiedMetric[] = [
    {type: "mean", control: arm(10), treatments: [arm(10.4), null, {...arm(NaN)}], isInFamily: true}
  ];
  const [first, second, third] = study(metrics, {correction: "bonferroni"})[0];
  expect(first!.adjusted).toEqual({pvalue: first!.lift.pvalue, alpha: expect.closeTo(0.05, 12)});
  expect([second, third!.adjusted]).toEqual([null, null]);
  expect(third!.reason).toMatch(/treatment: .*missing/);
});

test("covariates, a sequence and a correction work together", () => {
  const next = gaussians(11);
  const rows = (shift: number) =>
    momentsOf(
      Array.from({length: 4000}, () => {
        const before = next();
        return [20 + shift + 2 * before + next(), before];
      })
    );
  const metrics: StudiedMetric[] = [
    {type: "mean", control: rows(0), treatments: [rows(0.3), rows(0)], isInFamily: true},
    {type: "mean", control: rows(0), treatments: [rows(0), rows(-0.3)], isInFamily: true}
  ];
  const plain = study(metrics, {correction: "holm", nStar: 8000});
  const adjusted = study(metrics, {correction: "holm", nStar: 8000, isAdjusted: true});
  const rejected = adjusted.map((row) => row.map((effect) => effect!.adjusted!.pvalue < 0.05));
  expect(rejected).toEqual([
    [true, false],
    [false, true]
  ]);
  for (const [i, j] of [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1]
  ]) {
    const effect = adjusted[i][j]!;
    expect(effect.varianceReduction).toBeCloseTo(0.8, 1);
    expect(effect.lift.error! / plain[i][j]!.lift.error!).toBeCloseTo(Math.sqrt(0.2), 1);
  }
});
