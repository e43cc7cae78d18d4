// The F distribution, through the incomplete beta function: the continued fraction of Didonato and Morris
// (1992, Algorithm 708, eq. 9), written with x and y = 1 − x both given, so that neither end loses digits.

import {continuedFraction, deviance, logComplement, solveLogTail, stirlingError} from "./special.js";

/** Returns P(X ≤ x) of F with d1 and d2 degrees of freedom. */
export function fCdf(x: number, d1: number, d2: number): number {
  return Math.exp(fLogCdf(x, d1, d2));
}

/** Returns P(X > x) of F with d1 and d2 degrees of freedom. */
export function fSurvival(x: number, d1: number, d2: number): number {
  return Math.exp(fLogSurvival(x, d1, d2));
}

/** Returns ln P(X > x) of F with d1 and d2 degrees of freedom. */
export function fLogSurvival(x: number, d1: number, d2: number): number {
  if (!(x > 0)) return Number.isNaN(x) ? NaN : 0;
  return betaLogCdf(d2 / 2, d1 / 2, d2 / (d2 + d1 * x), (d1 * x) / (d2 + d1 * x));
}

/** Returns the x with P(X ≤ x) = p of F with d1 and d2 degrees of freedom. */
export function fQuantile(p: number, d1: number, d2: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? 0 : p === 1 ? Infinity : NaN;
  const density = (x: number): number =>
    logTerm(d1 / 2, d2 / 2, (d1 * x) / (d2 + d1 * x), d2 / (d2 + d1 * x));
  // ln X is log-concave in both tails, so each is solved where it is small.
  const at = (tail: typeof fLogCdf, x: number) => ({tail: tail(x, d1, d2), density: density(x)});
  return p < 0.5
    ? Math.exp(-solveLogTail(Math.log(p), 0, (s) => at(fLogCdf, Math.exp(-s))))
    : Math.exp(solveLogTail(Math.log1p(-p), 0, (s) => at(fLogSurvival, Math.exp(s))));
}

function fLogCdf(x: number, d1: number, d2: number): number {
  if (!(x > 0)) return Number.isNaN(x) ? NaN : -Infinity;
  return betaLogCdf(d1 / 2, d2 / 2, (d1 * x) / (d2 + d1 * x), d2 / (d2 + d1 * x));
}

/** Returns ln I_x(a, b), the regularised incomplete beta function, with y = 1 − x. */
export function betaLogCdf(a: number, b: number, x: number, y: number): number {
  if (x < (a + 1) / (a + b + 2)) return logTerm(a, b, x, y) - Math.log(betaFraction(a, b, x, y));
  return logComplement(logTerm(a, b, x, y) - Math.log(betaFraction(b, a, y, x)));
}

/** Returns x^a y^b / (B(a, b) I_x(a, b)), with y = 1 − x; it converges fast for x below the mean. */
export function betaFraction(a: number, b: number, x: number, y: number): number {
  return continuedFraction(
    (m) => ((a + m - 1) * (a + b + m - 1) * m * (b - m) * x * x) / (a + 2 * m - 1) ** 2,
    (m) =>
      m +
      (m && (m * (b - m) * x) / (a + 2 * m - 1)) +
      ((a + m) * (a * y - b * x + 1 + m * (1 + y))) / (a + 2 * m + 1)
  );
}

// ln(x^a y^b / B(a, b)) by the saddle point of Loader (2000).
function logTerm(a: number, b: number, x: number, y: number): number {
  const n = a + b;
  const stirling = stirlingError(n) - stirlingError(a) - stirlingError(b);
  return stirling - deviance(a, n * x) - deviance(b, n * y) + 0.5 * Math.log((a * b) / (2 * Math.PI * n));
}
