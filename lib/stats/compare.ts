import {type Arm, armOf, differenceError, liftError, valueOf, welchDf} from "./arm.js";
import {criticalValue, estimate, pointOnly, pvalueOf} from "./estimate.js";
import {checkMoments} from "./moments.js";
import {type Count, hasSmallCounts, newcombe, pooledError} from "./proportion.js";
import type {Alternative, CompareOptions, Effect, Estimate, MetricType, Moments} from "./types.js";

/**
 * Returns a treatment's effect against its control on both scales, with the reason where a number is missing.
 * Means: Welch's t with real degrees of freedom. Proportions: pooled z, with Newcombe's interval where counts are
 * small. Ratios: the delta method. Throws only where the confidence is outside (0, 1).
 */
export function compare(
  type: MetricType,
  control: Moments,
  treatment: Moments,
  {confidence = 0.95, alternative = "two-sided"}: CompareOptions = {}
): Effect {
  if (!(confidence > 0 && confidence < 1))
    throw new RangeError(`confidence lies between 0 and 1, not at ${confidence}`);
  const reason = refusal(type, control, treatment);
  if (reason) return withoutEffect(type, control, treatment, reason);
  const arms = [armOf(type, control), armOf(type, treatment)] as const;
  const df = type === "mean" ? welchDf(...arms) : Infinity;
  return effectOf(arms, df, {alpha: 1 - confidence, alternative}, type === "proportion");
}

type Arms = readonly [control: Arm, treatment: Arm];
type Test = {alpha: number; alternative: Alternative};

/** Returns the effect between two arms; the degrees of freedom are Infinity where the reference is the normal. */
export function effectOf(arms: Arms, df: number, test: Test, isProportion = false): Effect {
  const [control, treatment] = arms;
  const error = differenceError(control, treatment);
  const critical = criticalValue(test.alpha, test.alternative, Number.isNaN(df) ? Infinity : df);
  const wald = estimate(treatment.value - control.value, error, critical, test.alternative, df);
  return {
    n: {control: control.n, treatment: treatment.n},
    control: control.value,
    treatment: treatment.value,
    difference: isProportion ? proportionDifference(arms, wald, test) : wald,
    lift: liftOf(arms, critical, test.alternative, df),
    reason: reasonOf(arms, error)
  };
}

function proportionDifference(
  [control, treatment]: Arms,
  wald: Estimate,
  {alpha, alternative}: Test
): Estimate {
  const counts = [countOf(control), countOf(treatment)] as const;
  const error = pooledError(...counts);
  const [low, high] = hasSmallCounts(...counts)
    ? newcombe(...counts, alpha, alternative)
    : [wald.low, wald.high];
  if (!(error > 0)) return {...wald, low, high};
  return {value: wald.value, low, high, ...pvalueOf((wald.value ?? NaN) / error, alternative)};
}

function countOf({value, n}: Arm): Count {
  return {x: value * n, n};
}

function liftOf(
  [control, treatment]: Arms,
  critical: number,
  alternative: Alternative,
  df: number
): Estimate {
  if (control.value === 0) return pointOnly(null);
  const lift = (treatment.value - control.value) / Math.abs(control.value);
  return Number.isFinite(lift)
    ? estimate(lift, liftError(control, treatment), critical, alternative, df)
    : pointOnly(null);
}

function reasonOf([control, treatment]: Arms, error: number): string | null {
  if (error === 0 && control.value !== treatment.value)
    return "no unit differs from another within its variant, so there is no noise to compare with";
  if (error === 0) return "every unit has the same value in both variants";
  if (control.value === 0) return "the control's value is 0, so there is no lift";
  return liftError(control, treatment) > 0
    ? null
    : "every unit of treatment has the value 0, so the lift has no interval";
}

function refusal(type: MetricType, control: Moments, treatment: Moments): string | null {
  const [left, right] = [checkMoments(type, control), checkMoments(type, treatment)];
  if (left ?? right) return left ? `control: ${left}` : `treatment: ${right}`;
  if (type !== "ratio") return null;
  return ratioRefusal("control", control) ?? ratioRefusal("treatment", treatment);
}

function ratioRefusal(role: string, moments: Moments): string | null {
  if (moments.means[1] === 0) return `${role}: the denominator is 0`;
  return armOf("ratio", moments).variance < 0 ? `${role}: the covariance is impossible` : null;
}

/** Returns the two values and what follows from them, without interval or p, and the reason. */
export function withoutEffect(
  type: MetricType,
  control: Moments,
  treatment: Moments,
  reason: string
): Effect {
  const [a, b] = [finite(valueOf(type, control)), finite(valueOf(type, treatment))];
  const difference = a === null || b === null ? null : b - a;
  return {
    n: {control: control.n, treatment: treatment.n},
    control: a,
    treatment: b,
    difference: pointOnly(difference),
    lift: pointOnly(a && difference !== null ? finite(difference / Math.abs(a)) : null),
    reason
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
