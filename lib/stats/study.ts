// Many metrics in many variants at once: every treatment against the control, corrected for their number.

import {adjust, adjustedAlpha, type Correction} from "./adjust.js";
import {effectOf, type Test, testOf, withoutEffect} from "./compare.js";
import {type Contrast, contrastOf, type Side, sideOf} from "./contrast.js";
import type {CompareOptions, Effect, MetricType, Moments} from "./types.js";
import type {Scale} from "./verdict.js";

export type StudiedMetric = {
  type: MetricType;
  /** Null where a variant has no lawful moments. */
  control: Moments | null;
  treatments: (Moments | null)[];
  /** Counts among the comparisons that are corrected for; guardrails do not. */
  isInFamily: boolean;
};

/** What a metric is to an experiment. */
export type Role = "primary" | "secondary" | "guardrail" | "other";

export type StudyOptions = CompareOptions & {
  correction?: Correction | null;
  /** The scale whose p-values are corrected. */
  scale?: Scale;
};

/** An effect with its p corrected for the whole family, and the alpha its interval is drawn at. */
export type StudiedEffect = Effect & {adjusted: {pvalue: number; alpha: number} | null};

/**
 * Returns one row a metric with one effect a treatment, null where moments are missing. In the family, intervals are
 * those at the adjusted alpha, so that they leave out 0 exactly where the procedure rejects; elsewhere nothing is
 * corrected. Throws a RangeError for a confidence outside (0, 1).
 */
export function study(
  metrics: StudiedMetric[],
  {correction = null, scale = "lift", ...options}: StudyOptions = {}
): (StudiedEffect | null)[][] {
  const rows = metrics.map((metric) => comparisons(metric, options));
  if (correction) correct(rows.flat(), {correction, scale, alpha: 1 - (options.confidence ?? 0.95)});
  return rows.map((row) => row.map((item) => item && item.effect));
}

/** Returns whether a role counts in the family that is corrected for: primary and secondary, or where nobody has those, all but guardrails. */
export function isFamily(role: Role, roles: Role[]): boolean {
  const isKey = (each: Role) => each === "primary" || each === "secondary";
  return roles.some(isKey) ? isKey(role) : role !== "guardrail";
}

type Comparison = {contrast: Contrast | null; test: Test; isInFamily: boolean; effect: StudiedEffect};

function comparisons(metric: StudiedMetric, options: CompareOptions): (Comparison | null)[] {
  const {type, control, treatments} = metric;
  if (!control) return treatments.map(() => null);
  const side = sideOf(type, control, options.isAdjusted);
  return treatments.map((treatment) => treatment && comparison(metric, {control, side, treatment}, options));
}

type Pair = {control: Moments; side: Side | {reason: string}; treatment: Moments};

function comparison(
  {type, isInFamily}: StudiedMetric,
  {control, side, treatment}: Pair,
  options: CompareOptions
): Comparison {
  const test = testOf(options, control.n + treatment.n);
  const contrast = contrastOf(type, side, sideOf(type, treatment, options.isAdjusted));
  if ("reason" in contrast) {
    const effect = {...withoutEffect(type, control, treatment, contrast.reason), adjusted: null};
    return {contrast: null, test, isInFamily, effect};
  }
  return {contrast, test, isInFamily, effect: {...effectOf(contrast, test), adjusted: null}};
}

// A sequence keeps the mixture that was fixed before the first look; only its alpha follows the procedure.
function correct(
  comparisons: (Comparison | null)[],
  {correction, scale, alpha}: {correction: Correction; scale: Scale; alpha: number}
) {
  const family = comparisons.filter((item) => item !== null).filter(({isInFamily}) => isInFamily);
  const pvalues = family.map(({effect}) => effect[scale].pvalue);
  const adjusted = adjust(pvalues, correction);
  const alphas = adjustedAlpha(pvalues, correction, alpha);
  family.forEach((item, i) => {
    const [pvalue, own] = [adjusted[i], alphas[i]];
    if (pvalue === null || own === null || !item.contrast) return;
    const effect = own === alpha ? item.effect : effectOf(item.contrast, {...item.test, alpha: own});
    item.effect = {...effect, adjusted: {pvalue, alpha: own}};
  });
}
