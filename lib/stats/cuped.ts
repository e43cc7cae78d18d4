// CUPED (Deng et al. 2013) with the within-arm slope, which is the analysis of covariance.

import {type Arm, welchDf} from "./arm.js";
import {effectOf, withoutEffect} from "./compare.js";
import {checkMoments, mergeMoments} from "./moments.js";
import type {CompareOptions, Effect, MetricType, Moments} from "./types.js";

export type Adjusted = {
  control: Arm;
  treatment: Arm;
  /** Slope of the outcome on each covariate, within arms. */
  theta: number[];
  /** Means of the covariates over both arms, to which the outcomes are brought. */
  centre: number[];
  /** The share of the difference's variance that the covariates explain. */
  varianceReduction: number;
};

/**
 * Returns both arms with their first column, the outcome, adjusted for all further columns, the covariates. A
 * covariate that says nothing, or repeats another, gets the slope 0.
 */
export function cuped(control: Moments, treatment: Moments): Adjusted {
  const {within, theta} = slopes(control, treatment);
  const centre = mergeMoments(control, treatment).means.slice(1);
  const adjusted = [control, treatment].map((moments) => adjustedArm(moments, theta, centre));
  const noise = (variances: number[]): number => variances[0] / control.n + variances[1] / treatment.n;
  const before = noise([control.covariance[0][0], treatment.covariance[0][0]]);
  const after = noise(adjusted.map((arm) => arm.variance));
  const varianceReduction = before > 0 && within.length > 0 ? 1 - after / before : 0;
  return {control: adjusted[0], treatment: adjusted[1], theta, centre, varianceReduction};
}

/**
 * Returns the effect adjusted for covariates. Columns: of a mean or proportion the value, then its covariates; of a
 * ratio numerator and denominator, then those of the pre-period, which become one covariate, the pre-period ratio.
 * The variance is enlarged and df lowered for the slopes that were estimated.
 */
export function compareCuped(
  type: MetricType,
  control: Moments,
  treatment: Moments,
  {confidence = 0.95, alternative = "two-sided"}: CompareOptions = {}
): Effect & {varianceReduction: number} {
  const covariates = control.means.length - (type === "ratio" ? 2 : 1);
  const reason =
    checkMoments(type, control, {covariates}) ??
    checkMoments(type, treatment, {covariates}) ??
    thin(control, treatment);
  if (reason) return {...withoutEffect(type, control, treatment, reason), varianceReduction: 0};
  const moments = type === "ratio" ? [linearised(control), linearised(treatment)] : [control, treatment];
  const adjusted = cuped(moments[0], moments[1]);
  const inflation = 1 + (2 * adjusted.theta.length) / (control.n + treatment.n - 2);
  const widened = (arm: Arm): Arm => ({...arm, variance: arm.variance * inflation});
  const arms = [widened(adjusted.control), widened(adjusted.treatment)] as const;
  const df = type === "ratio" ? Infinity : welchDf(...arms) - adjusted.theta.length;
  const effect = effectOf(arms, df, {alpha: 1 - confidence, alternative});
  return {...effect, varianceReduction: adjusted.varianceReduction};
}

// With fewer units the slopes are mostly noise.
function thin(control: Moments, treatment: Moments): string | null {
  const isThin = Math.min(control.n, treatment.n) < control.means.length + 4;
  return isThin ? "there are too few units to adjust for covariates" : null;
}

function adjustedArm({n, means, covariance}: Moments, theta: number[], centre: number[]): Arm {
  let value = means[0];
  let variance = covariance[0][0];
  theta.forEach((slope, i) => {
    value -= slope * (means[i + 1] - centre[i]);
    variance -= 2 * slope * covariance[0][i + 1];
    theta.forEach((other, j) => (variance += slope * other * covariance[i + 1][j + 1]));
  });
  return {value, variance: Math.max(0, variance), n};
}

// The sums of squares within arms: first row and column the outcome's.
function slopes(control: Moments, treatment: Moments): {within: number[][]; theta: number[]} {
  const within = control.covariance.map((row, i) =>
    row.map((value, j) => (control.n - 1) * value + (treatment.n - 1) * treatment.covariance[i][j])
  );
  const covariates = within.slice(1).map((row) => row.slice(1));
  return {
    within,
    theta: solve(
      covariates,
      within.slice(1).map((row) => row[0])
    )
  };
}

// Cholesky's method for a symmetric matrix that is not negative; a pivot lost to rounding leaves its unknown 0.
function solve(matrix: number[][], right: number[]): number[] {
  const lower = matrix.map((row) => row.map(() => 0));
  const y = right.map(() => 0);
  const dot = (i: number, j: number): number =>
    lower[j].slice(0, j).reduce((sum, x, k) => sum + x * lower[i][k], 0);
  matrix.forEach((row, i) => {
    for (let j = 0; j < i; j++) lower[i][j] = lower[j][j] && (row[j] - dot(i, j)) / lower[j][j];
    const pivot = row[i] - dot(i, i);
    lower[i][i] = pivot > 1e-12 * row[i] ? Math.sqrt(pivot) : 0;
    y[i] =
      lower[i][i] && (right[i] - lower[i].slice(0, i).reduce((sum, x, k) => sum + x * y[k], 0)) / lower[i][i];
  });
  const x = right.map(() => 0);
  for (let i = right.length - 1; i >= 0; i--) {
    const known = x.slice(i + 1).reduce((sum, value, k) => sum + value * lower[i + 1 + k][i], 0);
    x[i] = lower[i][i] && (y[i] - known) / lower[i][i];
  }
  return x;
}

// A ratio's two columns as one that has the ratio's value and delta-method variance, and so for the pre-period.
function linearised({n, means, covariance}: Moments): Moments {
  const ratios = [means[0] / means[1], means[2] / means[3]];
  const gradients = [
    [1 / means[1], -ratios[0] / means[1], 0, 0],
    [0, 0, 1 / means[3], -ratios[1] / means[3]]
  ];
  const product = (a: number[], b: number[]): number =>
    a.reduce((sum, x, i) => sum + b.reduce((part, y, j) => part + x * y * covariance[i][j], 0), 0);
  return {n, means: ratios, covariance: gradients.map((a) => gradients.map((b) => product(a, b)))};
}
