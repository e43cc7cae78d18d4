// The chi-square distribution, through the incomplete gamma function: a series below the mean and
// Legendre's continued fraction above it, with Loader's (2000) prefactor.

import {continuedFraction, deviance, logComplement, solveLogTail, stirlingError} from "./special.js";

/** Returns P(X ≤ x) of chi-square with k degrees of freedom. */
export function chiSquareCdf(x: number, k: number): number {
  return Math.exp(logLower(k / 2, x / 2));
}

/** Returns P(X > x) of chi-square with k degrees of freedom. */
export function chiSquareSurvival(x: number, k: number): number {
  return Math.exp(chiSquareLogSurvival(x, k));
}

/** Returns ln P(X > x) of chi-square with k degrees of freedom. */
export function chiSquareLogSurvival(x: number, k: number): number {
  return logUpper(k / 2, x / 2);
}

/** Returns the x with P(X ≤ x) = p of chi-square with k degrees of freedom. */
export function chiSquareQuantile(p: number, k: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? 0 : p === 1 ? Infinity : NaN;
  const a = k / 2;
  const density = (s: number): number => Math.log(a) + logTerm(a, a * Math.exp(s));
  // ln X is log-concave in both tails, so each is solved where it is small.
  const s =
    p < 0.5
      ? -solveLogTail(Math.log(p), 0, (r) => ({tail: logLower(a, a * Math.exp(-r)), density: density(-r)}))
      : solveLogTail(Math.log1p(-p), 0, (r) => ({tail: logUpper(a, a * Math.exp(r)), density: density(r)}));
  return k * Math.exp(s);
}

// ln P(a, x), the regularised lower incomplete gamma function.
function logLower(a: number, x: number): number {
  if (!(x > 0)) return Number.isNaN(x) ? NaN : -Infinity;
  return x < a + 1 ? logTerm(a, x) + Math.log(lowerSeries(a, x)) : logComplement(logUpper(a, x));
}

function logUpper(a: number, x: number): number {
  if (!(x > 0)) return Number.isNaN(x) ? NaN : 0;
  if (x === Infinity) return -Infinity;
  return x < a + 1 ? logComplement(logLower(a, x)) : logTerm(a, x) + Math.log(a / upperFraction(a, x));
}

// ln(x^a e^−x / Γ(a + 1))
function logTerm(a: number, x: number): number {
  return -stirlingError(a) - deviance(a, x) - 0.5 * Math.log(2 * Math.PI * a);
}

function lowerSeries(a: number, x: number): number {
  let term = 1;
  let sum = 1;
  for (let n = 1; term > sum * 1e-17; n++) sum += term *= x / (a + n);
  return sum;
}

function upperFraction(a: number, x: number): number {
  return continuedFraction(
    (m) => m * (a - m),
    (m) => x + 1 - a + 2 * m
  );
}
