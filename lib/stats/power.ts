// Planning with normal tests: proportions, and whatever has a variance per unit (ratios, CUPED, any mean of many units).

import {criticalValue} from "./estimate.js";
import {normalQuantile, normalSurvival} from "./normal.js";
import type {Alternative} from "./types.js";

export type Test = {
  alpha: number;
  alternative: Alternative;
  /** Errors to an end of the interval, where that is not the normal's at alpha. */
  critical?: number;
};
/** What is asked of a plan: its power, and how many treatment units there are for one of control. */
export type Target = Test & {power: number; ratio: number};

/** Returns the power of a normal test to see a difference with standard errors under the hypothesis and the alternative. */
export function normalPower(
  difference: number,
  error: number,
  {alpha, alternative, critical = criticalValue(alpha, alternative)}: Test,
  nullError = error
): number {
  const edge = critical * nullError;
  const above = alternative === "less" ? 0 : normalSurvival((edge - difference) / error);
  return above + (alternative === "greater" ? 0 : normalSurvival((edge + difference) / error));
}

/** Returns the real n of control that sees a difference where one unit has the given variance in either arm. */
export function unitSize(difference: number, variance: number, target: Target): number {
  return (1 + 1 / target.ratio) * (variance / difference ** 2) * quantileSum(target) ** 2;
}

/** Returns the difference that n1 and n2 units see where one unit has the given variance in either arm. */
export function unitMde(variance: number, n1: number, n2: number, target: Test & {power: number}): number {
  return quantileSum(target) * Math.sqrt(variance * (1 / n1 + 1 / n2));
}

/** Returns the standard errors of the difference of two rates: as they are, and pooled under equality. */
export function rateErrors(
  p1: number,
  p2: number,
  n1: number,
  n2: number
): {unpooled: number; pooled: number} {
  const rate = (n1 * p1 + n2 * p2) / (n1 + n2);
  return {
    unpooled: Math.sqrt((p1 * (1 - p1)) / n1 + (p2 * (1 - p2)) / n2),
    pooled: Math.sqrt(rate * (1 - rate) * (1 / n1 + 1 / n2))
  };
}

/** Returns the real n of control that tells rate p2 from p1, for the unpooled and the pooled test (Fleiss 1981). */
export function proportionSize(p1: number, p2: number, target: Target): {unpooled: number; pooled: number} {
  const one = rateErrors(p1, p2, 1, target.ratio);
  const [critical, reach] = quantiles(target);
  const size = (nullError: number): number =>
    ((critical * nullError + reach * one.unpooled) / (p2 - p1)) ** 2;
  return {unpooled: size(one.unpooled), pooled: size(one.pooled)};
}

/** Returns the nearest rates above and below p1 that n1 and n2 units tell from it; null where that leaves (0, 1). */
export function proportionMde(
  p1: number,
  n1: number,
  n2: number,
  target: Test & {power: number}
): {up: number | null; down: number | null} {
  const k = quantileSum(target) ** 2;
  // (p2 − p1)² = k (p1 q1/n1 + p2 q2/n2), a quadratic in δ = p2 − p1.
  const a = 1 + k / n2;
  const b = (-k * (1 - 2 * p1)) / n2;
  const c = -k * p1 * (1 - p1) * (1 / n1 + 1 / n2);
  const root = Math.sqrt(b * b - 4 * a * c);
  const larger = -(b + (b < 0 ? -root : root)) / 2;
  const roots = [larger / a, c / larger];
  return {up: rateOrNull(p1 + Math.max(...roots)), down: rateOrNull(p1 + Math.min(...roots))};
}

function rateOrNull(rate: number): number | null {
  return rate > 0 && rate < 1 ? rate : null;
}

function quantileSum(target: Test & {power: number}): number {
  const [critical, reach] = quantiles(target);
  return critical + reach;
}

function quantiles({alpha, alternative, power, critical}: Test & {power: number}): [number, number] {
  return [critical ?? criticalValue(alpha, alternative), normalQuantile(power)];
}
