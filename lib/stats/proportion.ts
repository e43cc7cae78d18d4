// Two proportions, by counts. Intervals: Newcombe (1998, method 10), Agresti and Caffo (2000), log ratio (Katz 1978).

import {criticalValue, openEnds} from "./estimate.js";
import type {Alternative} from "./types.js";

/** x units with the property, of n. */
export type Count = {x: number; n: number};

/** Returns the standard error of the difference under the hypothesis that both rates are equal. */
export function pooledError(control: Count, treatment: Count): number {
  const rate = (control.x + treatment.x) / (control.n + treatment.n);
  return Math.sqrt(rate * (1 - rate) * (1 / control.n + 1 / treatment.n));
}

/** Returns true where a count or its complement is under 10 in either arm, so that Wald's interval is weak. */
export function hasSmallCounts(control: Count, treatment: Count): boolean {
  return [control, treatment].some(({x, n}) => Math.min(x, n - x) < 10);
}

/** Returns Newcombe's hybrid score interval of treatment − control. */
export function newcombe(
  control: Count,
  treatment: Count,
  alpha: number,
  alternative: Alternative
): [number, number] {
  const z = criticalValue(alpha, alternative);
  const [low1, high1] = wilson(control, z);
  const [low2, high2] = wilson(treatment, z);
  const p1 = control.x / control.n;
  const p2 = treatment.x / treatment.n;
  const low = p2 - p1 - Math.hypot(p2 - low2, high1 - p1);
  return openEnds([low, p2 - p1 + Math.hypot(high2 - p2, p1 - low1)], alternative);
}

/** Returns Wilson's score interval of one rate, z standard errors wide on each side. */
export function wilson({x, n}: Count, z: number): [number, number] {
  const rate = x / n;
  const centre = rate + (z * z) / (2 * n);
  const half = z * Math.sqrt((rate * (1 - rate)) / n + ((z / n) * z) / (4 * n));
  const scale = 1 + (z * z) / n;
  return [x === 0 ? 0 : (centre - half) / scale, x === n ? 1 : (centre + half) / scale];
}

/** Returns Agresti and Caffo's interval of treatment − control: Wald's after one more success and failure in each arm. */
export function agrestiCaffo(
  control: Count,
  treatment: Count,
  alpha: number,
  alternative: Alternative
): [number, number] {
  const rate = ({x, n}: Count): number => (x + 1) / (n + 2);
  const noise = (count: Count): number => (rate(count) * (1 - rate(count))) / (count.n + 2);
  const difference = rate(treatment) - rate(control);
  const half = criticalValue(alpha, alternative) * Math.sqrt(noise(control) + noise(treatment));
  return openEnds([difference - half, difference + half], alternative);
}

/** Returns the interval of the lift by the log of the rates' ratio; null where a count is 0. */
export function logRatioInterval(
  control: Count,
  treatment: Count,
  alpha: number,
  alternative: Alternative
): [number, number] | null {
  if (control.x === 0 || treatment.x === 0) return null;
  const noise = ({x, n}: Count): number => 1 / x - 1 / n;
  const log = Math.log((treatment.x * control.n) / (treatment.n * control.x));
  const half = criticalValue(alpha, alternative) * Math.sqrt(noise(control) + noise(treatment));
  const [low, high] = openEnds([log - half, log + half], alternative);
  return [Math.expm1(low), Math.expm1(high)];
}
