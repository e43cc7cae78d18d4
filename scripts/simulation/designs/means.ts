// Means: Welch's test, its planned size, CUPED, and intervals of the lift.

import {armOf, liftError, welchDf} from "../../../lib/stats/arm.js";
import {compare} from "../../../lib/stats/compare.js";
import {criticalValue} from "../../../lib/stats/estimate.js";
import {computeFamily} from "../../../lib/stats/families.js";
import {meanSize} from "../../../lib/stats/power-mean.js";
import {fieller} from "../../../lib/stats/relative.js";
import type {Estimate, Moments} from "../../../lib/stats/types.js";
import {
  alike,
  alpha,
  average,
  type Decide,
  decisions,
  type Design,
  isBelow,
  lognormal,
  normal,
  sample,
  type Samples
} from "../design.js";
import type {Variates} from "../variates.js";

const strongBaseline = alike(1000, normal(10, 10));
const weakBaseline: Samples = {n: [60, 60], units: [normal(10, 30), normal(15, 30)]};

export const meanDesigns: Record<string, Design> = {
  "welch-normal": decisions(alike(50, normal()), isDifferent),
  "welch-unequal": decisions({n: [10, 40], units: [normal(0, 2), normal()]}, isDifferent),
  "welch-tiny": decisions(alike(5, normal()), isDifferent),
  "welch-lognormal": decisions(alike(200, lognormal()), isDifferent),
  "power-t": plannedPower(0.5),
  "power-t-small": plannedPower(1),
  "cuped-1000": decisions(alike(1000, correlated, 2), isCupedDifferent),
  "cuped-200": decisions(alike(200, correlated, 2), isCupedDifferent),
  "cuped-50": decisions(alike(50, correlated, 2), isCupedDifferent),
  "cuped-varratio": average((variates) => {
    const [control, treatment] = [1000, 1000].map((n) => sample(n, correlated, variates, 2));
    return Number(cuped(control, treatment).adj_var_1) / control.covariance[0][0];
  }),
  "rel-delta": decisions(strongBaseline, (...arms) => covers(compare("mean", ...arms).lift, 0)),
  "rel-delta-weak": decisions(weakBaseline, isInDeltaInterval(0.5)),
  "rel-fieller": decisions(weakBaseline, isInFiellerSet(0.5)),
  "rel-naive": decisions(weakBaseline, isInDividedInterval(0.5))
};

/** Returns true where Welch's test tells two samples apart. */
export function isDifferent(control: Moments, treatment: Moments): boolean {
  return isBelow(compare("mean", control, treatment, {confidence: 1 - alpha}).difference.pvalue);
}

function plannedPower(effect: number): Design {
  const plan = meanSize(effect, {alpha, alternative: "two-sided", power: 0.8, ratio: 1});
  return decisions({n: [plan.control, plan.treatment], units: [normal(), normal(effect)]}, isDifferent);
}

// Outcome, then a covariate from before, with a correlation of 0.7.
function correlated(row: Float64Array, variates: Variates): void {
  row[1] = variates.normal();
  row[0] = 0.7 * row[1] + Math.sqrt(0.51) * variates.normal();
}

function cuped(control: Moments, treatment: Moments): Record<string, unknown> {
  return computeFamily("cuped", {
    ...cupedArm(1, control),
    ...cupedArm(2, treatment),
    alpha,
    alternative: "two-sided"
  });
}

function cupedArm(arm: 1 | 2, {n, means, covariance}: Moments): Record<string, number> {
  const values = {n, mean_y: means[0], mean_x: means[1]};
  const noise = {var_y: covariance[0][0], var_x: covariance[1][1], cov_xy: covariance[0][1]};
  return Object.fromEntries(
    Object.entries({...values, ...noise}).map(([name, value]) => [`${name}_${arm}`, value])
  );
}

function isCupedDifferent(control: Moments, treatment: Moments): boolean {
  return isBelow(cuped(control, treatment).p_value);
}

function covers({low, high}: Pick<Estimate, "low" | "high">, truth: number): boolean {
  return low !== null && high !== null && low <= truth && truth <= high;
}

// compare() itself takes Fieller's set so near to 0: this is what the delta method would do there.
function isInDeltaInterval(truth: number): Decide {
  return (control, treatment) => {
    const [a, b] = [armOf("mean", control), armOf("mean", treatment)];
    const half = criticalValue(alpha, "two-sided", welchDf(a, b)) * liftError(a, b);
    return Math.abs((b.value - a.value) / Math.abs(a.value) - truth) <= half;
  };
}

function isInFiellerSet(truth: number): Decide {
  return (control, treatment) => {
    const arms = [armOf("mean", control), armOf("mean", treatment)] as const;
    const {status, low, high} = fieller(...arms, criticalValue(alpha, "two-sided", welchDf(...arms)));
    if (status === "unbounded") return true;
    return covers({low, high}, truth) === (status === "bounded");
  };
}

// Wrong: the control's own noise is left out.
function isInDividedInterval(truth: number): Decide {
  return (control, treatment) => {
    const {difference} = compare("mean", control, treatment);
    const ends = [difference.low, difference.high].map((end) => Number(end) / control.means[0]);
    return covers({low: Math.min(...ends), high: Math.max(...ends)}, truth);
  };
}
