// What every comparison starts from: one arm's value with the variance of one unit, whatever the metric's type.

import type {MetricType, Moments} from "./types.js";

/** One arm's own value (mean, rate, ratio or quantile), the variance of one unit about it, and the number of units. */
export type Arm = {value: number; variance: number; n: number};

/** Returns an arm's own value: its mean, its rate, its quantile, or the ratio of its means. */
export function valueOf(type: MetricType, {means}: Moments): number {
  return type === "ratio" ? means[0] / means[1] : means[0];
}

/** Returns the arm of moments that `checkMoments` lets pass. */
export function armOf(type: MetricType, moments: Moments): Arm {
  const {n, means, covariance} = moments;
  const value = valueOf(type, moments);
  if (type === "proportion") return {value, variance: value * (1 - value), n};
  if (type === "ratio") return {value, variance: ratioVariance(means, covariance), n};
  return {value, variance: covariance[0][0], n};
}

/**
 * Returns the variance of one unit's share in a ratio of means, by the delta method (Deng et al. 2018, eq. 4);
 * a value below zero by no more than rounding counts as zero, a lower one means an impossible covariance.
 */
export function ratioVariance([numerator, denominator]: number[], [[vn, c], [, vd]]: number[][]): number {
  const ratio = numerator / denominator;
  const square = denominator * denominator;
  const variance = (vn - 2 * ratio * c + ratio * ratio * vd) / square;
  const rounding = (1e-12 * (Math.abs(vn) + ratio * ratio * Math.abs(vd))) / square;
  return variance < 0 && variance >= -rounding ? 0 : variance;
}

/** Returns the standard error of the difference of two arms. */
export function differenceError(control: Arm, treatment: Arm): number {
  return Math.sqrt(control.variance / control.n + treatment.variance / treatment.n);
}

/** Returns the standard error of the lift, by the delta method: the control's own noise widens it. */
export function liftError(control: Arm, treatment: Arm): number {
  const noise = (treatment.value / control.value) ** 2 * (control.variance / control.n);
  return Math.sqrt(treatment.variance / treatment.n + noise) / Math.abs(control.value);
}

/** Returns Welch's degrees of freedom, a real number (Welch 1947). */
export function welchDf(control: Arm, treatment: Arm): number {
  const a = control.variance / control.n;
  const b = treatment.variance / treatment.n;
  const share = a / (a + b);
  return 1 / (share ** 2 / (control.n - 1) + (1 - share) ** 2 / (treatment.n - 1));
}
