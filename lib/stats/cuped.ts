// CUPED (Deng et al. 2013) with the within-arm slope, which is the analysis of covariance.

import type {Arm} from "./arm.js";
import {mergeMoments} from "./moments.js";
import type {MetricType, Moments} from "./types.js";

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
 * Returns both arms adjusted for their covariates, or why they cannot be. Columns: of a mean or proportion the value,
 * then its covariates; of a ratio numerator and denominator, then those of each pre-period, which become one covariate
 * each, its ratio.
 */
export function adjustedArms(
  type: MetricType,
  control: Moments,
  treatment: Moments
): Adjusted | {reason: string} {
  if (Math.min(control.n, treatment.n) < control.means.length + 4)
    return {reason: "there are too few units to adjust for covariates"};
  if (type !== "ratio") return cuped(control, treatment);
  const isEmpty = [control, treatment].some(({means}) => means.some((mean, i) => i % 2 === 1 && mean === 0));
  if (isEmpty) return {reason: "a covariate's denominator is 0"};
  return cuped(linearised(control), linearised(treatment));
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

// Each pair of columns, a ratio's, as one that has the ratio's value and its delta-method variance.
function linearised({n, means, covariance}: Moments): Moments {
  const ratios: number[] = [];
  const gradients: number[][] = [];
  for (let i = 0; i + 1 < means.length; i += 2) {
    const ratio = means[i] / means[i + 1];
    ratios.push(ratio);
    gradients.push(means.map((_, j) => (j === i ? 1 : j === i + 1 ? -ratio : 0) / means[i + 1]));
  }
  const product = (a: number[], b: number[]): number =>
    a.reduce((sum, x, i) => (x === 0 ? sum : sum + x * dot(b, covariance[i])), 0);
  return {n, means: ratios, covariance: gradients.map((a) => gradients.map((b) => product(a, b)))};
}

function dot(a: number[], b: number[]): number {
  return a.reduce((sum, x, i) => sum + x * b[i], 0);
}
