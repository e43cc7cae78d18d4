// Planning a comparison of means: the two-sample t test with equal variances, by the exact noncentral t.

import {criticalValue} from "./estimate.js";
import {noncentralTTails} from "./noncentral-t.js";
import {normalQuantile} from "./normal.js";
import {normalPower, type Target, type Test} from "./power.js";

/** Returns the power to see an effect of d standard deviations with n1 and n2 units. */
export function meanPower(d: number, n1: number, n2: number, {alpha, alternative}: Test): number {
  const df = n1 + n2 - 2;
  const shift = d / Math.sqrt(1 / n1 + 1 / n2);
  const t = criticalValue(alpha, alternative, df);
  const {above, below} = noncentralTTails(t, df, shift);
  return (alternative === "less" ? 0 : above) + (alternative === "greater" ? 0 : below);
}

export type MeanSize = {
  /** The real n of control at which the power is met; null where two units are enough. */
  exact: number | null;
  control: number;
  treatment: number;
};

/** Returns the least units of both arms that see an effect of d standard deviations with the power asked for. */
export function meanSize(d: number, target: Target): MeanSize {
  const {ratio, power} = target;
  const floor = Math.max(2, 2 * ratio);
  if (isMetByTwo(d, floor, target)) return {exact: null, control: 2, treatment: Math.ceil(floor)};
  const least = Math.sqrt(2 / (1 + ratio));
  // What the t costs over the normal, about z²/2 units in all (Guenther 1981).
  const extra = criticalValue(target.alpha, target.alternative) ** 2 / (2 + 2 * ratio);
  const root = solvePower((x) => meanPower(d, x * x, ratio * x * x, target), power, {
    start: Math.max(Math.sqrt(normalSize(d, target) + extra), 1.2 * least),
    slope: Math.abs(d) * Math.sqrt(ratio / (1 + ratio)),
    low: least
  });
  const exact = root * root;
  return {exact, control: Math.max(2, Math.ceil(exact)), treatment: Math.max(2, Math.ceil(ratio * exact))};
}

// The normal test sees more than t, so it tells cheaply where two units are not enough.
function isMetByTwo(d: number, floor: number, target: Target): boolean {
  const bound = normalPower(d, Math.sqrt(1 / 2 + 1 / floor), target);
  return bound >= target.power && meanPower(d, 2, floor, target) >= target.power;
}

/** Returns the real n of control that the normal approximation asks for. */
export function normalSize(d: number, {ratio, power, alpha, alternative}: Target): number {
  return (1 + 1 / ratio) * ((criticalValue(alpha, alternative) + normalQuantile(power)) / d) ** 2;
}

/** Returns the effect in standard deviations that n1 and n2 units see with the power asked for. */
export function meanMde(n1: number, n2: number, target: Test & {power: number}): number {
  const side = target.alternative === "less" ? -1 : 1;
  const scale = Math.sqrt(1 / n1 + 1 / n2);
  const start = criticalValue(target.alpha, target.alternative, n1 + n2 - 2) + normalQuantile(target.power);
  const solver = {start: Math.max(start, 0.1), slope: 1, low: 0};
  return side * scale * solvePower((x) => meanPower(side * x * scale, n1, n2, target), target.power, solver);
}

// Power grows with x, and its normal quantile almost linearly with the given slope: a secant from a good start
// needs two or three steps. A step out of the bracket is replaced by its middle.
function solvePower(
  powerAt: (x: number) => number,
  power: number,
  {start, slope, low}: {start: number; slope: number; low: number}
): number {
  const goal = normalQuantile(power);
  let bracket = [low, Infinity];
  let x = start;
  let last: {x: number; miss: number} | null = null;
  for (let i = 0; i < 200; i++) {
    const miss = normalQuantile(Math.min(powerAt(x), 1)) - goal;
    const secant: number =
      last && Number.isFinite(miss - last.miss) ? (miss - last.miss) / (x - last.x) : slope;
    const step = -miss / secant;
    if (Math.abs(miss) < 1e-9 || (last && Math.abs(step * (x - last.x)) < 1e-9 * x * x)) return x + step;
    bracket = miss < 0 ? [x, bracket[1]] : [bracket[0], x];
    last = {x, miss};
    x = inside(x + step, bracket, x);
  }
  return x;
}

function inside(next: number, [low, high]: number[], x: number): number {
  if (next > low && next < high) return next;
  return high === Infinity ? 2 * x : (low + high) / 2;
}
