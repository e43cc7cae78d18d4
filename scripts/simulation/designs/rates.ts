// Proportions, ratios of sums over units, and the split of the traffic.

import {compare} from "../../../lib/stats/compare.js";
import {computeFamily} from "../../../lib/stats/families.js";
import {proportionSize} from "../../../lib/stats/power.js";
import {srm} from "../../../lib/stats/srm.js";
import type {Moments} from "../../../lib/stats/types.js";
import {alike, alpha, average, decisions, type Design, isBelow} from "../design.js";
import type {Variates} from "../variates.js";

export const rateDesigns: Record<string, Design> = {
  "prop-10pct": proportions([0.1, 0.1], 1000),
  "prop-1pct": proportions([0.01, 0.01], 500),
  "prop-small": proportions([0.5, 0.5], 50),
  "power-prop": plannedPower(0.5, 0.05),
  "power-prop-low": plannedPower(0.1, 0.1),
  "newcombe-1pct": () => exactCoverage("ci_newcombe", [0.01, 0.02], 100),
  "wald-1pct": () => exactCoverage("ci_wald", [0.01, 0.02], 100),
  "ratio-1000": decisions(alike(1000, clicksOfViews, 2), isRatioDifferent),
  "ratio-200": decisions(alike(200, clicksOfViews, 2), isRatioDifferent),
  "ratio-naive": decisions(alike(2000, allOrNothing, 2), isRateDifferent),
  "srm-001": mismatches([0.5, 0.5]),
  "srm-3arm": mismatches([0.9, 0.05, 0.05])
};

function proportions(rates: [number, number], n: number): Design {
  return average((variates) => {
    const [control, treatment] = rates.map((rate) => rateMoments(variates.binomial(n, rate), n));
    return isBelow(compare("proportion", control, treatment).difference.pvalue);
  });
}

function rateMoments(count: number, n: number): Moments {
  const rate = count / n;
  return {n, means: [rate], covariance: [[(rate * (1 - rate) * n) / (n - 1)]]};
}

function plannedPower(rate: number, lift: number): Design {
  const raised = rate * (1 + lift);
  const {unpooled} = proportionSize(rate, raised, {alpha, alternative: "two-sided", power: 0.8, ratio: 1});
  return proportions([rate, raised], Math.ceil(unpooled));
}

// Every pair of counts with its probability: no chance is left in the result.
function exactCoverage(interval: string, [p1, p2]: [number, number], n: number): number {
  const [first, second] = [binomialChances(n, p1), binomialChances(n, p2)];
  let covered = 0;
  for (let x1 = 0; x1 <= n; x1++) {
    for (let x2 = 0; x2 <= n; x2++) {
      const counts = {x_1: x1, n_1: n, x_2: x2, n_2: n};
      const output = computeFamily("proportion", {...counts, alpha, alternative: "two-sided"});
      const [low, high] = ["lower", "upper"].map((end) => Number(output[`${interval}_${end}`]));
      if (low <= p2 - p1 && p2 - p1 <= high) covered += first[x1] * second[x2];
    }
  }
  return covered;
}

function binomialChances(n: number, p: number): number[] {
  const chances = [(1 - p) ** n];
  for (let x = 1; x <= n; x++) chances.push((chances[x - 1] * (n - x + 1) * p) / (x * (1 - p)));
  return chances;
}

/** Writes a unit's clicks, then its views; every unit clicks at a rate of its own. */
export function clicksOfViews(row: Float64Array, variates: Variates): void {
  row[1] = 1 + variates.geometric(0.25);
  row[0] = variates.binomial(row[1], variates.beta(0.5, 2));
}

// A unit clicks on all of its views or on none.
function allOrNothing(row: Float64Array, variates: Variates): void {
  row[1] = Math.ceil(Math.exp(1 + 1.2 * variates.normal()));
  row[0] = variates.uniform() < 0.3 ? row[1] : 0;
}

function isRatioDifferent(control: Moments, treatment: Moments): boolean {
  return isBelow(compare("ratio", control, treatment).difference.pvalue);
}

// Wrong: a ratio of sums is tested as if it were the rate of so many units.
function isRateDifferent(control: Moments, treatment: Moments): boolean {
  const [left, right] = [control, treatment].map(({n, means}) => rateMoments((n * means[0]) / means[1], n));
  return isBelow(compare("proportion", left, right).difference.pvalue);
}

function mismatches(shares: number[]): Design {
  return average((variates) => srm(multinomial(10_000, shares, variates), shares).isMismatch);
}

function multinomial(n: number, shares: number[], variates: Variates): number[] {
  let [units, rest] = [n, 1];
  return shares.map((share, i) => {
    const count = i === shares.length - 1 ? units : variates.binomial(units, share / rest);
    units -= count;
    rest -= share;
    return count;
  });
}
