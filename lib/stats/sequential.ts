// Intervals and p-values that hold at every look: asymptotic confidence sequences (Waudby-Smith et al. 2021,
// theorem 2.2), which are those of the normal mixture test (Johari et al. 2017) with a mixture fixed by n*.

import {type Arm, armOf, differenceError, liftError} from "./arm.js";
import {intervalOf} from "./estimate.js";
import {compare} from "./compare.js";
import type {Alternative, Estimate, Effect, CompareOptions, MetricType, Moments} from "./types.js";

/** Returns rho, which makes the sequence tightest at n* units over both arms; fix n* before the first look. */
export function sequenceRho(alpha: number, nStar: number): number {
  const l = -2 * Math.log(alpha);
  return Math.sqrt((l + Math.log1p(l)) / nStar);
}

/** What an always-valid test says at one look. */
export type Look = {
  halfWidth: number;
  /** ln of the evidence against no effect, as a mixture likelihood ratio; p = min(1, e^−logLambda). */
  logLambda: number;
};

/**
 * Returns one look at an estimate with its standard error. `information` is n ρ² of a confidence sequence with n
 * units over both arms, or τ²/error² of a mixture N(0, τ²).
 */
export function look(value: number, error: number, alpha: number, information: number): Look {
  const c = information;
  const spread = Math.log1p(c) / 2;
  return {
    halfWidth: error * Math.sqrt(((2 * (1 + c)) / c) * (spread - Math.log(alpha))),
    logLambda: ((value / error) ** 2 * c) / (2 * (1 + c)) - spread
  };
}

/**
 * Returns an effect whose intervals and p-values hold however often it is looked at. One-sided: the two-sided
 * sequence at twice alpha. Small counts have no exact interval here; n* wants hundreds of units.
 */
export function compareSequential(
  type: MetricType,
  control: Moments,
  treatment: Moments,
  {confidence = 0.95, alternative = "two-sided", nStar}: CompareOptions & {nStar: number}
): Effect {
  const effect = compare(type, control, treatment, {confidence, alternative});
  if (effect.lift.pvalue === null && effect.difference.pvalue === null) return effect;
  const arms = [armOf(type, control), armOf(type, treatment)] as [Arm, Arm];
  const test = {alpha: 1 - confidence, alternative, nStar, n: control.n + treatment.n};
  return {
    ...effect,
    difference: sequentialEstimate(effect.difference, differenceError(...arms), test),
    lift: sequentialEstimate(effect.lift, liftError(...arms), test)
  };
}

type SequentialTest = {alpha: number; alternative: Alternative; nStar: number; n: number};

function sequentialEstimate(estimate: Estimate, error: number, test: SequentialTest): Estimate {
  const {value} = estimate;
  if (value === null || !(error > 0 && error < Infinity)) return estimate;
  const {alternative, nStar, n} = test;
  const sides = alternative === "two-sided" ? 1 : 2;
  const alpha = Math.min(sides * test.alpha, 0.999);
  const {halfWidth, logLambda} = look(value, error, alpha, n * sequenceRho(alpha, nStar) ** 2);
  const isOpposed = (alternative === "greater" && value < 0) || (alternative === "less" && value > 0);
  const log = isOpposed ? 0 : Math.min(0, -logLambda - Math.log(sides));
  const [low, high] = intervalOf(value, halfWidth, alternative);
  return {value, low, high, pvalue: Math.exp(log), log10p: log / Math.LN10};
}
