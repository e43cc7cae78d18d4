// From the moments of two variants to what every comparison needs of them: two arms and degrees of freedom.

import {type Arm, armOf, welchDf} from "./arm.js";
import {cuped, linearised} from "./cuped.js";
import {checkMoments, columnsOf} from "./moments.js";
import type {MetricType, Moments} from "./types.js";

/** A variant ready to be compared: its own arm, and where covariates are used, the value's moments with theirs. */
export type Side = {arm: Arm; adjustable: Moments | null};

/** Returns a variant ready to be compared, with its covariates where asked, or why it cannot be. */
export function sideOf(type: MetricType, moments: Moments, isAdjusted = false): Side | {reason: string} {
  const covariates = isAdjusted ? moments.means.length - columnsOf(type) : 0;
  const reason = checkMoments(type, moments, {covariates});
  if (reason) return {reason};
  if (type === "ratio" && moments.means[1] === 0) return {reason: "the denominator is 0"};
  const arm = armOf(type, moments);
  if (arm.variance < 0) return {reason: "the covariance is impossible"};
  if (covariates === 0) return {arm, adjustable: null};
  const adjustable = type === "ratio" ? linearised(moments) : moments;
  return adjustable.means.every(Number.isFinite)
    ? {arm, adjustable}
    : {reason: "a covariate's denominator is 0"};
}

export type Contrast = {
  type: MetricType;
  control: Arm;
  treatment: Arm;
  /** Infinity where the reference is the normal. */
  df: number;
  /** Null where no covariates were used. */
  varianceReduction: number | null;
};

type MaybeSide = Side | {reason: string};

/** Returns two variants side by side, adjusted where both have covariates, or why they cannot be compared. */
export function contrastOf(
  type: MetricType,
  control: MaybeSide,
  treatment: MaybeSide
): Contrast | {reason: string} {
  if ("reason" in control) return {reason: `control: ${control.reason}`};
  if ("reason" in treatment) return {reason: `treatment: ${treatment.reason}`};
  if (control.adjustable && treatment.adjustable)
    return adjustedContrast(type, control.adjustable, treatment.adjustable);
  const df = type === "mean" ? welchDf(control.arm, treatment.arm) : Infinity;
  return {type, control: control.arm, treatment: treatment.arm, df, varianceReduction: null};
}

// The variance is enlarged and df lowered for the slopes that were estimated.
function adjustedContrast(
  type: MetricType,
  control: Moments,
  treatment: Moments
): Contrast | {reason: string} {
  const slopes = control.means.length - 1;
  if (treatment.means.length !== slopes + 1) return {reason: "the variants do not have the same covariates"};
  if (Math.min(control.n, treatment.n) < slopes + 5)
    return {reason: "there are too few units to adjust for covariates"};
  const adjusted = cuped(control, treatment);
  const inflation = 1 + (2 * slopes) / (control.n + treatment.n - 2);
  adjusted.control.variance *= inflation;
  adjusted.treatment.variance *= inflation;
  const df = type === "ratio" ? Infinity : welchDf(adjusted.control, adjusted.treatment) - slopes;
  return {
    type,
    control: adjusted.control,
    treatment: adjusted.treatment,
    df,
    varianceReduction: adjusted.varianceReduction
  };
}
