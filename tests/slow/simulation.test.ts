import {describe, expect, test} from "vitest";
import {armOf, differenceError} from "../../lib/stats/arm.js";
import {compare} from "../../lib/stats/compare.js";
import {pvalueOf} from "../../lib/stats/estimate.js";
import type {Moments} from "../../lib/stats/types.js";
import {
  alike,
  type Decide,
  decisions,
  type Design,
  isBelow,
  normal
} from "../../scripts/simulation/design.js";
import {designs} from "../../scripts/simulation/designs.js";
import {familyErrors} from "../../scripts/simulation/designs/many.js";
import {isDifferent} from "../../scripts/simulation/designs/means.js";
import {clicksOfViews} from "../../scripts/simulation/designs/rates.js";
import {simulate} from "../../scripts/simulation/runner.js";
import {acceptedAt, readTargets, type Target} from "../../scripts/simulation/targets.js";
import {variatesOf} from "../../scripts/simulation/variates.js";

const seed = 20260304;
const targets = readTargets();

test("every target has its design, and every design its target", () => {
  expect(Object.keys(designs).sort()).toEqual(targets.map(({id}) => id).sort());
});

describe("a tenth of the runs", () => {
  test.each(targets.map((target) => [target.id, target] as const))("%s does what it says", (id, target) => {
    const {measured, accepted, verdict} = simulate(target, designs[id], {seed, fraction: 0.1});
    const expected = target.negative_control ? "caught" : "ok";
    expect({verdict, measured, accepted}).toEqual({verdict: expected, measured, accepted});
  });
});

describe("a planted fault is a miss", () => {
  const faults: [fault: string, id: string, design: Design][] = [
    ["the normal in place of t", "welch-tiny", decisions(alike(5, normal()), isNormalDifferent)],
    [
      "a variance divided by n",
      "welch-tiny",
      decisions(alike(5, normal()), (...arms) => isDifferent(dividedByN(arms[0]), dividedByN(arms[1])))
    ],
    [
      "one variance for both arms",
      "welch-unequal",
      decisions({n: [10, 40], units: [normal(0, 2), normal()]}, isPooledDifferent)
    ],
    [
      "a ratio without its covariance",
      "ratio-200",
      decisions(alike(200, clicksOfViews, 2), (...arms) =>
        isBelow(compare("ratio", independent(arms[0]), independent(arms[1])).difference.pvalue)
      )
    ],
    ["no correction for many tests", "holm-null", familyErrors((pvalues) => pvalues, 0)],
    ["a fixed test at every look", "acs-20looks", designs.peeking],
    ["an interval that leaves out the control's noise", "rel-fieller", designs["rel-naive"]],
    ["a plan for another effect", "power-t", designs["welch-normal"]],
    ["a wrong method that looks sound", "peeking", designs["acs-20looks"]]
  ];
  test.each(faults)("%s, in %s", (_, id, design) => {
    expect(simulate(targetOf(id), design, {seed, fraction: 0.5}).verdict).toBe("MISS");
  });
});

test("the same seed measures the same, another seed something else", () => {
  const measure = (other: number): number =>
    simulate(targetOf("welch-normal"), designs["welch-normal"], {seed: other, fraction: 0.1}).measured;
  expect(measure(seed)).toBe(measure(seed));
  expect(new Set([measure(seed), measure(seed + 1), measure(seed + 2 ** 32)]).size).toBeGreaterThan(1);
});

test("the accepted range is the target's at full length and wider by chance at a part of it", () => {
  expect(acceptedAt(targetOf("prop-10pct"), 20_000)).toEqual([0.04483, 0.05497]);
  const [low, high] = acceptedAt(targetOf("prop-10pct"), 2000);
  expect([low.toFixed(5), high.toFixed(5)]).toEqual(["0.03388", "0.06592"]);
});

describe("variates follow their laws", () => {
  // Mean and variance of each law; four standard errors of 200,000 draws are allowed.
  const laws: [law: string, draw: (variates: ReturnType<typeof variatesOf>) => number, number, number][] = [
    ["uniform", (variates) => variates.uniform(), 1 / 2, 1 / 12],
    ["normal", (variates) => variates.normal(), 0, 1],
    ["beta(0.5, 2)", (variates) => variates.beta(0.5, 2), 0.2, 1 / 21.875],
    ["geometric(0.25)", (variates) => variates.geometric(0.25), 3, 12],
    ["binomial(5, 0.3)", (variates) => variates.binomial(5, 0.3), 1.5, 1.05],
    ["binomial(10,000, 0.05)", (variates) => variates.binomial(10_000, 0.05), 500, 475]
  ];
  test.each(laws)("%s", (law, draw, mean, variance) => {
    const variates = variatesOf(seed, law);
    const draws = Float64Array.from({length: 200_000}, () => draw(variates));
    const error = Math.sqrt(variance / draws.length);
    const squares = draws.map((value) => (value - mean) ** 2);
    expect(Math.abs(meanOf(draws) - mean)).toBeLessThan(4 * error);
    expect(Math.abs(meanOf(squares) - variance)).toBeLessThan(4 * errorOf(squares));
  });

  test("a normal's tail is as heavy as it should be", () => {
    const variates = variatesOf(seed, "tail");
    let beyond = 0;
    for (let i = 0; i < 1_000_000; i++) beyond += Math.abs(variates.normal()) > 3 ? 1 : 0;
    // 2700 are expected, with a standard deviation of 52.
    expect(Math.abs(beyond - 2699.8)).toBeLessThan(4 * 52);
  });
});

function targetOf(id: string): Target {
  return targets.find((target) => target.id === id)!;
}

function isNormalDifferent(control: Moments, treatment: Moments): boolean {
  const arms = [armOf("mean", control), armOf("mean", treatment)] as const;
  const z = (arms[1].value - arms[0].value) / differenceError(...arms);
  return isBelow(pvalueOf(z, "two-sided").pvalue);
}

const isPooledDifferent: Decide = (control, treatment) => {
  const freedom = control.n + treatment.n - 2;
  const squares = [control, treatment].map(({n, covariance}) => (n - 1) * covariance[0][0]);
  const error = Math.sqrt(((squares[0] + squares[1]) / freedom) * (1 / control.n + 1 / treatment.n));
  return isBelow(pvalueOf((treatment.means[0] - control.means[0]) / error, "two-sided", freedom).pvalue);
};

function dividedByN({n, means, covariance}: Moments): Moments {
  return {n, means, covariance: [[(covariance[0][0] * (n - 1)) / n]]};
}

function independent({n, means, covariance}: Moments): Moments {
  return {n, means, covariance: covariance.map((row, i) => row.map((value, j) => (i === j ? value : 0)))};
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function errorOf(values: Float64Array): number {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)) / values.length);
}
