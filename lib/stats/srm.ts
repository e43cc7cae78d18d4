import {chiSquareLogSurvival} from "./gamma.js";
import type {SrmTest} from "./types.js";

/**
 * Returns Pearson's chi-square test of unit counts against the planned split. Weights need not sum to 1; an arm
 * of zero weight is left out with its units; counts are of units before any join with events.
 */
export function srm(observed: number[], weights: number[], {threshold = 0.001} = {}): SrmTest {
  const isLawful =
    observed.length === weights.length && [...observed, ...weights].every((x) => x >= 0 && x < Infinity);
  const arms = isLawful ? weights.map((_, i) => i).filter((i) => weights[i] > 0) : [];
  const units = sumOf(arms.map((i) => observed[i]));
  const weight = sumOf(arms.map((i) => weights[i]));
  const expected = weights.map((w, i) => (arms.includes(i) ? (units * w) / weight : 0));
  const hasLowCounts = arms.some((i) => expected[i] < 5);
  if (arms.length < 2 || units === 0)
    return {...untested, df: Math.max(0, arms.length - 1), expected, hasLowCounts};
  const statistic = sumOf(arms.map((i) => (observed[i] - expected[i]) ** 2 / expected[i]));
  const df = arms.length - 1;
  const log = chiSquareLogSurvival(statistic, df);
  const pvalue = Math.exp(log);
  return {
    statistic,
    df,
    pvalue,
    log10p: log / Math.LN10,
    expected,
    isMismatch: pvalue < threshold,
    hasLowCounts
  };
}

const untested = {statistic: null, pvalue: null, log10p: null, isMismatch: false};

function sumOf(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
