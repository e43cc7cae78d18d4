// From the moments of two variants to what every comparison needs of them: two arms and degrees of freedom.

import {type Arm, armOf, welchDf} from "./arm.js";
import {adjustedArms} from "./cuped.js";
import {checkMoments, columnsOf} from "./moments.js";
import type {MetricType, Moments} from "./types.js";

export type Contrast = {
  type: MetricType;
  control: Arm;
  treatment: Arm;
  /** Infinity where the reference is the normal. */
  df: number;
  /** Null where no covariates were used. */
  varianceReduction: number | null;
};

/** Returns two variants ready to be compared, adjusted for their covariates where asked, or why they cannot be. */
export function contrastOf(
  type: MetricType,
  control: Moments,
  treatment: Moments,
  isAdjusted = false
): Contrast | {reason: string} {
  const covariates = isAdjusted ? control.means.length - columnsOf(type) : 0;
  const reason =
    refusal("control", type, control, covariates) ?? refusal("treatment", type, treatment, covariates);
  if (reason) return {reason};
  if (covariates > 0) return adjustedContrast(type, control, treatment);
  const arms = {control: armOf(type, control), treatment: armOf(type, treatment)};
  const df = type === "mean" ? welchDf(arms.control, arms.treatment) : Infinity;
  return {type, ...arms, df, varianceReduction: null};
}

// The variance is enlarged and df lowered for the slopes that were estimated.
function adjustedContrast(
  type: MetricType,
  control: Moments,
  treatment: Moments
): Contrast | {reason: string} {
  const adjusted = adjustedArms(type, control, treatment);
  if ("reason" in adjusted) return adjusted;
  const slopes = adjusted.theta.length;
  const inflation = 1 + (2 * slopes) / (control.n + treatment.n - 2);
  const widened = (arm: Arm): Arm => ({...arm, variance: arm.variance * inflation});
  const arms = {control: widened(adjusted.control), treatment: widened(adjusted.treatment)};
  const df = type === "ratio" ? Infinity : welchDf(arms.control, arms.treatment) - slopes;
  return {type, ...arms, df, varianceReduction: adjusted.varianceReduction};
}

function refusal(role: string, type: MetricType, moments: Moments, covariates: number): string | null {
  const reason =
    checkMoments(type, moments, {covariates}) ?? (type === "ratio" ? ratioRefusal(moments) : null);
  return reason && `${role}: ${reason}`;
}

function ratioRefusal(moments: Moments): string | null {
  if (moments.means[1] === 0) return "the denominator is 0";
  return armOf("ratio", moments).variance < 0 ? "the covariance is impossible" : null;
}
