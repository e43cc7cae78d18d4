// A point with its standard error becomes an interval and a p. Everything normal is t with df = Infinity.

import {studentLogSurvival, studentUpperQuantile} from "./student.js";
import type {Alternative, Estimate} from "./types.js";

/** Returns the number of standard errors from the point to an end of the interval. */
export function criticalValue(alpha: number, alternative: Alternative, df = Infinity): number {
  return studentUpperQuantile(alternative === "two-sided" ? alpha / 2 : alpha, df);
}

/** Returns ln of the p-value of a statistic, always from the survival function. */
function logPvalue(statistic: number, alternative: Alternative, df = Infinity): number {
  if (alternative === "greater") return studentLogSurvival(statistic, df);
  if (alternative === "less") return studentLogSurvival(-statistic, df);
  return Math.min(0, Math.LN2 + studentLogSurvival(Math.abs(statistic), df));
}

/** Returns the interval of a point; the end that a one-sided alternative leaves open is ±Infinity. */
export function intervalOf(point: number, halfWidth: number, alternative: Alternative): [number, number] {
  return openEnds([point - halfWidth, point + halfWidth], alternative);
}

/** Returns an interval with the end opened that a one-sided alternative does not bound. */
export function openEnds([low, high]: [number, number], alternative: Alternative): [number, number] {
  if (alternative === "greater") return [low, Infinity];
  return [alternative === "less" ? -Infinity : low, high];
}

/** What a statistic is held against: how many errors to an end of the interval, and ln of its p. */
export type Reference = {
  alternative: Alternative;
  critical: number;
  logPvalue: (statistic: number) => number;
};

/** Returns Student's t as a reference, the normal at df = Infinity. */
export function studentReference(alpha: number, alternative: Alternative, df = Infinity): Reference {
  const real = Number.isNaN(df) ? Infinity : df;
  return {
    alternative,
    critical: criticalValue(alpha, alternative, real),
    logPvalue: (statistic) => logPvalue(statistic, alternative, real)
  };
}

/** Returns an estimate from a point with its standard error; without noise it is the point alone. */
export function estimate(value: number, error: number, reference: Reference): Estimate {
  if (!(error > 0 && error < Infinity)) return pointOnly(value);
  const [low, high] = intervalOf(value, reference.critical * error, reference.alternative);
  const log = reference.logPvalue(value / error);
  return {value, low, high, pvalue: Math.exp(log), log10p: log / Math.LN10, error};
}

/** Returns the p-value of a statistic with its log10. */
export function pvalueOf(
  statistic: number,
  alternative: Alternative,
  df = Infinity
): {pvalue: number; log10p: number} {
  const log = logPvalue(statistic, alternative, df);
  return {pvalue: Math.exp(log), log10p: log / Math.LN10};
}

/** Returns an estimate that has a value, or not even that, but neither interval nor p. */
export function pointOnly(value: number | null): Estimate {
  return {value, low: null, high: null, pvalue: null, log10p: null, error: null};
}
