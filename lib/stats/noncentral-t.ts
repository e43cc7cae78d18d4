// Noncentral t: T = (Z + shift)/S with S = χ/√df. The probability is the mean over u = ln S of a normal tail.
// The trapezoid rule on the whole line converges exponentially there (Trefethen and Weideman 2014).

import {normalLogSurvival, normalSurvival} from "./normal.js";
import {stirlingError} from "./special.js";

/** Returns P(T ≤ t) of the noncentral t with the given noncentrality. */
export function noncentralTCdf(t: number, df: number, noncentrality: number): number {
  return noncentralTSurvival(-t, df, -noncentrality);
}

/** Returns P(T > t) of the noncentral t with the given noncentrality. */
export function noncentralTSurvival(t: number, df: number, noncentrality: number): number {
  const logDensity = logDensityOf(df);
  const log = (u: number): number => logDensity(u) + normalLogSurvival(t * Math.exp(u) - noncentrality);
  const step = stepOf(df, noncentrality);
  return trapezoid(log, climb(log, step), step);
}

/** Returns the t with P(T ≤ t) = p of the noncentral t; ±Infinity at 0 and 1, NaN outside. */
export function noncentralTQuantile(p: number, df: number, noncentrality: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : NaN;
  // By the smaller tail, in which probabilities keep their digits.
  const isBelow =
    p < 0.5
      ? (t: number) => noncentralTCdf(t, df, noncentrality) < p
      : (t: number) => noncentralTSurvival(t, df, noncentrality) > 1 - p;
  let [low, high] = [noncentrality - 1, noncentrality + 1];
  for (let step = 1; !isBelow(low); step *= 2) low -= step;
  for (let step = 1; isBelow(high); step *= 2) high += step;
  while (high - low > 1e-13 * Math.max(Math.abs(low), Math.abs(high), 1e-3)) {
    const middle = (low + high) / 2;
    if (isBelow(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Returns P(T > t) and P(T < −t) in one pass, each to about 1e-15 of 1: enough for a power, not for a far tail. */
export function noncentralTTails(
  t: number,
  df: number,
  noncentrality: number
): {above: number; below: number} {
  const logDensity = logDensityOf(df);
  const step = stepOf(df, noncentrality);
  let [above, below] = [0, 0];
  const add = (u: number): boolean => {
    const weight = Math.exp(logDensity(u)) * step;
    const edge = t * Math.exp(u);
    above += weight * normalSurvival(edge - noncentrality);
    below += weight * normalSurvival(edge + noncentrality);
    return weight > 1e-20;
  };
  for (let i = 0; add(i * step); i++);
  for (let i = -1; add(i * step); i--);
  return {above, below};
}

// ln of the density of u.
function logDensityOf(df: number): (u: number) => number {
  const a = df / 2;
  const scale = Math.LN2 - stirlingError(a) + 0.5 * Math.log(a / (2 * Math.PI));
  return (u) => scale - a * (Math.expm1(2 * u) - 2 * u);
}

// Fine enough for the density, of width 1/√(2 df), and for the normal tail, which turns near t e^u = noncentrality.
function stepOf(df: number, noncentrality: number): number {
  return Math.min(0.12, 0.6 / Math.sqrt(2 * df + (Math.abs(noncentrality) + 9) ** 2));
}

// The top of a unimodal function, to within a step: it mostly is at 0, else strides shrink towards it.
function climb(log: (u: number) => number, step: number): number {
  let top = 0;
  let height = log(0);
  if (log(step) <= height && log(-step) <= height) return 0;
  for (let stride = 64 * step; stride >= step; stride /= 2) {
    for (const side of [stride, -stride]) {
      for (let next = log(top + side); next > height; next = log(top + side)) {
        top += side;
        height = next;
      }
    }
  }
  return top;
}

function trapezoid(log: (u: number) => number, top: number, step: number): number {
  const height = log(top);
  let sum = 1;
  for (const side of [step, -step]) {
    let term = 1;
    for (let i = 1; term > 1e-17; i++) sum += term = Math.exp(log(top + i * side) - height);
  }
  return Math.min(1, Math.exp(height) * sum * step);
}
