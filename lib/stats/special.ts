// Pieces from which the tails of the distributions are built. All of them work on logarithms, so that a
// p-value keeps its digits where 1 − cdf has none left and goes on where a double has underflowed.

/** Returns ln(1 − e^l) for l ≤ 0 without cancellation (Mächler 2012, log1mexp). */
export function logComplement(l: number): number {
  return l > -Math.LN2 ? Math.log(-Math.expm1(l)) : Math.log1p(-Math.exp(l));
}

/** Returns ln Γ(n + 1) − ln(√(2πn) (n/e)^n), the error of Stirling's formula, for n > 0 (Loader 2000). */
export function stirlingError(n: number): number {
  if (n < 15) return stirlingError(n + 1) + (n + 0.5) * Math.log1p(1 / n) - 1;
  const s = 1 / (n * n);
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - (1 / 1188 - (691 / 360360) * s) * s) * s) * s) * s) / n;
}

/** Returns x ln(x/m) + m − x, exact also where x is near m (Loader 2000). */
export function deviance(x: number, m: number): number {
  const v = (x - m) / (x + m);
  if (Math.abs(v) > 0.1) return x * Math.log(x / m) + m - x;
  let sum = (x - m) * v;
  let power = 2 * x * v;
  for (let j = 3; j < 40; j += 2) sum += (power *= v * v) / j;
  return sum;
}

/** Returns b(0) + a(1)/(b(1) + a(2)/(b(2) + …)) by the modified Lentz method (Thompson and Barnett 1986). */
export function continuedFraction(a: (m: number) => number, b: (m: number) => number): number {
  let value = b(0) || tiny;
  let c = value;
  let d = 0;
  for (let m = 1; m < 100_000; m++) {
    const numerator = a(m);
    const denominator = b(m);
    d = 1 / (denominator + numerator * d || tiny);
    c = denominator + numerator / c || tiny;
    value *= c * d;
    if (Math.abs(c * d - 1) < 3e-16) break;
  }
  return value;
}

const tiny = 1e-300;

/**
 * Returns the s at which a decreasing log tail reaches a target, by Newton's method. The tail must be
 * log-concave in s: then the iteration cannot leave the root once it is past it. `at` gives ln P(S > s)
 * and ln of the density.
 */
export function solveLogTail(
  target: number,
  start: number,
  at: (s: number) => {tail: number; density: number}
): number {
  let s = start;
  for (let i = 0; i < 100; i++) {
    const {tail, density} = at(s);
    const step = (tail - target) * Math.exp(tail - density);
    s += step;
    if (Math.abs(step) <= 1e-9 * Math.abs(s)) break;
  }
  return s;
}
