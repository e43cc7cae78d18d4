import {type Arm, differenceError, welchDf} from "../arm.js";
import {criticalValue, intervalOf, pvalueOf} from "../estimate.js";
import type {Alternative} from "../types.js";

export type MeansInput = Record<"mean_1" | "var_1" | "n_1" | "mean_2" | "var_2" | "n_2", number>;
export type WelchInput = MeansInput & {alpha: number; alternative: Alternative};

/** Returns control and treatment of means given by their moments. */
export function armsOfMeans(input: MeansInput): [Arm, Arm] {
  return [
    {value: input.mean_1, variance: input.var_1, n: input.n_1},
    {value: input.mean_2, variance: input.var_2, n: input.n_2}
  ];
}

/** Returns Welch's test of two means from their moments. */
export function welch(input: WelchInput): Record<string, unknown> {
  const [control, treatment] = armsOfMeans(input);
  return {...pointsOf(control, treatment), ...welchTest(control, treatment, input)};
}

/** Returns difference and lift; the lift divides by the control's value as it is, sign and all. */
export function pointsOf(control: Arm, treatment: Arm): {diff_abs: number; diff_ratio: number | null} {
  const difference = treatment.value - control.value;
  return {diff_abs: difference, diff_ratio: control.value === 0 ? null : difference / control.value};
}

/** Returns status, statistic, p and interval of a difference of two arms, by Student's t with Welch's df. */
export function welchTest(
  control: Arm,
  treatment: Arm,
  {alpha, alternative}: {alpha: number; alternative: Alternative}
): Record<string, unknown> {
  if (!(control.n >= 2 && treatment.n >= 2)) return {status: "insufficient_data", ...missing, df: null};
  const se = differenceError(control, treatment);
  if (!(se > 0)) return {status: "zero_variance", ...missing, df: null};
  const df = welchDf(control, treatment);
  return {status: "ok", df, ...testOf(treatment.value - control.value, se, {alpha, alternative}, df)};
}

/** Returns statistic, p and interval of a point with its standard error. */
export function testOf(
  point: number,
  se: number,
  {alpha, alternative}: {alpha: number; alternative: Alternative},
  df = Infinity
): Record<string, unknown> {
  const statistic = point / se;
  const {pvalue, log10p} = pvalueOf(statistic, alternative, df);
  const [low, high] = intervalOf(point, criticalValue(alpha, alternative, df) * se, alternative);
  return {se, statistic, p_value: pvalue, log10_p: log10p, ci_lower: low, ci_upper: high};
}

/** The fields of a test that cannot be made. */
export const missing = {
  se: null,
  statistic: null,
  p_value: null,
  log10_p: null,
  ci_lower: null,
  ci_upper: null
};
