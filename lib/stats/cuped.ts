// CUPED (Deng et al. 2013) with the within-arm slope, which is the analysis of covariance.

import type {Arm} from "./arm.js";
import type {Moments} from "./types.js";

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
  const theta = slopes(control, treatment);
  const share = treatment.n / (control.n + treatment.n);
  const centre: number[] = [];
  for (let i = 1; i <= theta.length; i++)
    centre.push(control.means[i] + (treatment.means[i] - control.means[i]) * share);
  const adjusted = {
    control: adjustedArm(control, theta, centre),
    treatment: adjustedArm(treatment, theta, centre)
  };
  const before = control.covariance[0][0] / control.n + treatment.covariance[0][0] / treatment.n;
  const after = adjusted.control.variance / control.n + adjusted.treatment.variance / treatment.n;
  const varianceReduction = before > 0 && theta.length > 0 ? 1 - after / before : 0;
  return {control: adjusted.control, treatment: adjusted.treatment, theta, centre, varianceReduction};
}

function adjustedArm({n, means, covariance}: Moments, theta: number[], centre: number[]): Arm {
  let value = means[0];
  let variance = covariance[0][0];
  for (let i = 0; i < theta.length; i++) {
    value -= theta[i] * (means[i + 1] - centre[i]);
    variance -= 2 * theta[i] * covariance[0][i + 1];
    for (let j = 0; j < theta.length; j++) variance += theta[i] * theta[j] * covariance[i + 1][j + 1];
  }
  return {value, variance: Math.max(0, variance), n};
}

// By the sums of squares within arms.
function slopes(control: Moments, treatment: Moments): number[] {
  const [a, b] = [control.covariance, treatment.covariance];
  const within = (i: number, j: number): number => (control.n - 1) * a[i][j] + (treatment.n - 1) * b[i][j];
  const covariates = control.means.length - 1;
  if (covariates === 1) return [within(1, 1) > 0 ? within(0, 1) / within(1, 1) : 0];
  const indexes = Array.from({length: covariates}, (_, i) => i + 1);
  return solve(
    indexes.map((i) => indexes.map((j) => within(i, j))),
    indexes.map((i) => within(0, i))
  );
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

/** Returns a ratio's moments with each pair of columns as one, that has the ratio's value and its delta-method variance. */
export function linearised({n, means, covariance}: Moments): Moments {
  const ratios: number[] = [];
  for (let i = 0; i + 1 < means.length; i += 2) ratios.push(means[i] / means[i + 1]);
  // Cov(a/b, c/d), with r = a/b and s = c/d.
  const between = (i: number, j: number): number => {
    const [r, s] = [ratios[i], ratios[j]];
    const [top, bottom] = [covariance[2 * i], covariance[2 * i + 1]];
    const sum = top[2 * j] - r * bottom[2 * j] - s * top[2 * j + 1] + r * s * bottom[2 * j + 1];
    return sum / (means[2 * i + 1] * means[2 * j + 1]);
  };
  return {n, means: ratios, covariance: ratios.map((_, i) => ratios.map((_, j) => between(i, j)))};
}
