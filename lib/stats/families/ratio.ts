import {differenceError, ratioVariance} from "../arm.js";
import type {Alternative} from "../types.js";
import {missing, pointsOf, testOf} from "./welch.js";

export type RatioInput = {
  mean_n_1: number;
  var_n_1: number;
  mean_d_1: number;
  var_d_1: number;
  cov_1: number;
  n_1: number;
  mean_n_2: number;
  var_n_2: number;
  mean_d_2: number;
  var_d_2: number;
  cov_2: number;
  n_2: number;
  alpha: number;
  alternative: Alternative;
};

/** Returns the delta-method test of two ratios of means. */
export function ratio(input: RatioInput): Record<string, unknown> {
  const control = ratioArm(
    input.mean_n_1,
    input.var_n_1,
    input.mean_d_1,
    input.var_d_1,
    input.cov_1,
    input.n_1
  );
  const treatment = ratioArm(
    input.mean_n_2,
    input.var_n_2,
    input.mean_d_2,
    input.var_d_2,
    input.cov_2,
    input.n_2
  );
  const arms = {
    ratio_1: finite(control.value),
    ratio_2: finite(treatment.value),
    unit_var_1: finite(control.variance),
    unit_var_2: finite(treatment.variance)
  };
  if (arms.ratio_1 === null || arms.ratio_2 === null)
    return {status: "zero_denominator", ...arms, diff_abs: null, diff_ratio: null, ...missing};
  const points = pointsOf(control, treatment);
  if (Math.min(control.variance, treatment.variance) < 0)
    return {status: "negative_variance", ...arms, ...points, ...missing};
  const se = differenceError(control, treatment);
  if (!(se > 0)) return {status: "zero_variance", ...arms, ...points, ...missing, se};
  return {status: "ok", ...arms, ...points, ...testOf(points.diff_abs, se, input)};
}

/** Returns the arm of a ratio of means. */
export function ratioArm(meanN: number, varN: number, meanD: number, varD: number, cov: number, n: number) {
  const covariance = [
    [varN, cov],
    [cov, varD]
  ];
  return {value: meanN / meanD, variance: ratioVariance([meanN, meanD], covariance), n};
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
