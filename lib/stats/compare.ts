import {differenceError, liftError, valueOf} from "./arm.js";
import {type Contrast, contrastOf, sideOf} from "./contrast.js";
import {estimate, openEnds, pointOnly, pvalueOf, type Reference, studentReference} from "./estimate.js";
import {type Count, hasSmallCounts, newcombe, pooledError} from "./proportion.js";
import {fieller, logInterval, logRatioError} from "./relative.js";
import {informationOf, sequenceReference} from "./sequential.js";
import type {
  Alternative,
  CompareOptions,
  Effect,
  Estimate,
  LiftMethod,
  MetricType,
  Moments
} from "./types.js";

/**
 * Returns a treatment's effect against its control on both scales, with the reason where a number is missing.
 * Means: Welch's t with real degrees of freedom. Proportions: pooled z, with Newcombe's interval where counts are
 * small. Ratios: the delta method. Quantiles: the normal, with the error that order statistics tell. Covariates, sequential reading and the lift's method as the options ask. Throws a
 * RangeError for a confidence outside (0, 1) or an n* that is not above 0.
 */
export function compare(
  type: MetricType,
  control: Moments,
  treatment: Moments,
  options: CompareOptions = {}
): Effect {
  const [left, right] = [control, treatment].map((moments) => sideOf(type, moments, options.isAdjusted));
  const contrast = contrastOf(type, left, right);
  const test = testOf(options, control.n + treatment.n);
  return "reason" in contrast
    ? withoutEffect(type, control, treatment, contrast.reason)
    : effectOf(contrast, test);
}

/** At which alpha, to which side, with which reference and which lift an effect is judged. */
export type Test = {
  alpha: number;
  alternative: Alternative;
  lift: LiftMethod;
  /** n ρ² of a confidence sequence; null reads once, at the end. */
  information: number | null;
};

/** Returns the test that options ask for with n units over both arms; throws a RangeError for what cannot be. */
export function testOf(
  {confidence = 0.95, alternative = "two-sided", nStar = null, lift = "delta"}: CompareOptions,
  n: number
): Test {
  if (!(confidence > 0 && confidence < 1))
    throw new RangeError(`confidence lies between 0 and 1, not at ${confidence}`);
  if (nStar !== null && !(nStar > 0)) throw new RangeError(`n* is a number of units, not ${nStar}`);
  const alpha = 1 - confidence;
  return {alpha, alternative, lift, information: nStar && informationOf({alpha, alternative, nStar, n})};
}

/** Returns the effect of a contrast under a test. */
export function effectOf(contrast: Contrast, test: Test): Effect {
  const {control, treatment, varianceReduction} = contrast;
  const reference = referenceOf(contrast, test);
  const error = differenceError(control, treatment);
  const wald = estimate(treatment.value - control.value, error, reference);
  const isPooled = contrast.type === "proportion" && varianceReduction === null && test.information === null;
  const {lift, reason} = liftOf(contrast, wald, {method: test.lift, reference});
  return {
    n: {control: control.n, treatment: treatment.n},
    control: control.value,
    treatment: treatment.value,
    difference: isPooled ? pooledDifference(contrast, wald, test) : wald,
    lift,
    varianceReduction,
    reason: error > 0 ? reason : silence(contrast)
  };
}

/** Returns what the statistics of a contrast are held against under a test. */
export function referenceOf({df}: Contrast, {alpha, alternative, information}: Test): Reference {
  return information === null
    ? studentReference(alpha, alternative, df)
    : sequenceReference(alpha, alternative, information);
}

function pooledDifference(
  {control, treatment}: Contrast,
  wald: Estimate,
  {alpha, alternative}: Test
): Estimate {
  const counts: [Count, Count] = [
    {x: control.value * control.n, n: control.n},
    {x: treatment.value * treatment.n, n: treatment.n}
  ];
  const error = pooledError(...counts);
  const [low, high] = hasSmallCounts(...counts)
    ? newcombe(...counts, alpha, alternative)
    : [wald.low, wald.high];
  if (!(error > 0)) return {...wald, low, high};
  return {...wald, low, high, ...pvalueOf(wald.value! / error, alternative)};
}

type LiftOptions = {method: LiftMethod; reference: Reference};

// With a control nearer to 0 than five errors of its own, the delta method covers too little (92% at three).
const weakestControl = 5;

function liftOf(contrast: Contrast, wald: Estimate, {method, reference}: LiftOptions) {
  const {control, treatment} = contrast;
  if (control.value === 0)
    return {lift: pointOnly(null), reason: "the control's value is 0, so there is no lift"};
  const value = (treatment.value - control.value) / Math.abs(control.value);
  const error = liftError(control, treatment);
  const plain = estimate(value, error, reference);
  if (plain.error === null) {
    return {lift: plain, reason: "every unit of treatment has the value 0, so the lift has no interval"};
  }
  const isWeak = Math.abs(control.value) < weakestControl * Math.sqrt(control.variance / control.n);
  if (method === "log") return logLift(contrast, plain, reference);
  return isWeak || method === "fieller"
    ? fiellerLift(contrast, plain, {wald, reference, isWeak})
    : {lift: plain, reason: null};
}

// Fieller's set holds lift 0 exactly where the difference's interval holds 0, so the two share their p.
function fiellerLift(
  {control, treatment}: Contrast,
  plain: Estimate,
  {wald, reference, isWeak}: {wald: Estimate; reference: Reference; isWeak: boolean}
) {
  const {pvalue, log10p} = wald;
  const {status, low, high} = fieller(control, treatment, reference.critical);
  if (status === "bounded") {
    const ends: [number, number] = control.value < 0 ? [-high!, -low!] : [low!, high!];
    const [from, to] = openEnds(ends, reference.alternative);
    const reason = isWeak
      ? "the control is not far from 0 for its noise: the lift's interval is Fieller's"
      : null;
    return {lift: {...plain, low: from, high: to, pvalue, log10p}, reason};
  }
  const reason = "the control is too near to 0 for its noise, so the lift has no interval";
  return {lift: {...plain, low: null, high: null, pvalue, log10p}, reason};
}

function logLift({control, treatment}: Contrast, plain: Estimate, reference: Reference) {
  const interval = logInterval(control, treatment, reference.critical);
  if (!interval)
    return {lift: pointOnly(plain.value), reason: "a lift on the log scale needs values above 0"};
  const log = reference.logPvalue(Math.log1p(plain.value!) / logRatioError(control, treatment));
  const [low, high] = openEnds(interval, reference.alternative);
  return {lift: {...plain, low, high, pvalue: Math.exp(log), log10p: log / Math.LN10}, reason: null};
}

function silence({type, control, treatment}: Contrast): string {
  if (type === "quantile") return "the values around the quantile are all the same";
  return control.value === treatment.value
    ? "every unit has the same value in both variants"
    : "no unit differs from another within its variant, so there is no noise to compare with";
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
    varianceReduction: null,
    reason
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
