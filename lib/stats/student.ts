// Student's t with real degrees of freedom from 1 to Infinity (the normal). P(|T| > t) is I_x(df/2, 1/2) with
// x = df/(df + t²), whose prefactor is t times the density.

import {betaFraction} from "./beta.js";
import {normalLogSurvival, normalUpperQuantile} from "./normal.js";
import {logComplement} from "./special.js";

/** Returns P(T ≤ t). */
export function studentCdf(t: number, df: number): number {
  return studentSurvival(-t, df);
}

/** Returns P(T > t). */
export function studentSurvival(t: number, df: number): number {
  return Math.exp(studentLogSurvival(t, df));
}

/** Returns ln P(T > t), finite where the probability itself has underflowed. */
export function studentLogSurvival(t: number, df: number): number {
  if (!(df > 0)) return NaN;
  if (df === Infinity) return normalLogSurvival(t);
  if (t < 0) return logComplement(studentLogSurvival(-t, df));
  if (t * t > 3) return logTerm(t, df) - Math.log(2 * tailFraction(t, df));
  return t === 0 ? -Math.LN2 : Math.log(0.5 - centralMass(t, df, logTerm(t, df)));
}

/** Returns the t with P(T ≤ t) = p; ±Infinity at 0 and 1, NaN outside. */
export function studentQuantile(p: number, df: number): number {
  return -studentUpperQuantile(p, df);
}

/** Returns the t with P(T > t) = q; ±Infinity at 1 and 0, NaN outside. */
export function studentUpperQuantile(q: number, df: number): number {
  if (!(q > 0 && q < 1 && df > 0)) return q === 0 ? Infinity : q === 1 ? -Infinity : NaN;
  if (q > 0.5) return -studentUpperQuantile(1 - q, df);
  const z = normalUpperQuantile(q);
  if (df === Infinity || z === 0) return z;
  const terms = cornishFisher(z, df);
  const sum = z + terms[0] + terms[1] + terms[2] + terms[3];
  // Where the series has converged, it is the answer.
  if (Math.abs(terms[3]) * (z * z + 1) < 1e-16 * z * df) return sum;
  return polish(q, df, z * z < df ? sum : Math.sqrt(df) * Math.sinh(z / Math.sqrt(df)));
}

// Newton's method on ln P(T > t) in s = √df asinh(t/√df), in which t is log-concave for every df: a step
// cannot diverge. Near the middle, where the tail is flat, on the mass between 0 and t.
function polish(q: number, df: number, start: number): number {
  const root = Math.sqrt(df);
  let t = start;
  for (let i = 0; i < 100; i++) {
    const next = t * t > 3 ? tailStep(t, q, df, root) : centralStep(t, q, df);
    const isDone = Math.abs(next - t) <= 1e-9 * next;
    t = next > 0 ? next : t / 2;
    if (isDone) break;
  }
  return t;
}

function tailStep(t: number, q: number, df: number, root: number): number {
  const fraction = 2 * tailFraction(t, df);
  const excess = logTerm(t, df) - Math.log(fraction) - Math.log(q);
  const s = Math.asinh(t / root) + (excess * t) / (fraction * Math.hypot(root, t));
  return root * Math.sinh(s);
}

function centralStep(t: number, q: number, df: number): number {
  const term = logTerm(t, df);
  return t + ((0.5 - q - centralMass(t, df, term)) * t) / Math.exp(term);
}

function tailFraction(t: number, df: number): number {
  const ratio = (t / df) * t;
  return betaFraction(df / 2, 0.5, 1 / (1 + ratio), ratio < Infinity ? ratio / (1 + ratio) : 1);
}

// P(0 < T ≤ t)
function centralMass(t: number, df: number, term: number): number {
  const ratio = (t / df) * t;
  return (0.5 * Math.exp(term)) / betaFraction(0.5, df / 2, ratio / (1 + ratio), 1 / (1 + ratio));
}

// ln of t times the density at t.
function logTerm(t: number, df: number): number {
  const ratio = (t / df) * t;
  const logSum = ratio < Infinity ? Math.log1p(ratio) : 2 * Math.log(t) - Math.log(df);
  const logOdds = ratio < Infinity ? Math.log(ratio) - logSum : 0;
  return 0.5 * (logOdds - Math.log(Math.PI) - df * logSum) + logGammaHalfStep(df / 2);
}

// ln Γ(a + ½) − ln Γ(a), by its asymptotic series (Tricomi and Erdélyi 1951).
function logGammaHalfStep(a: number): number {
  if (a < 12) return logGammaHalfStep(a + 1) + Math.log(a / (a + 0.5));
  const s = 1 / (a * a);
  const series = 1 / 8 - (1 / 192 - (1 / 640 - (17 / 14336 - (31 / 18432) * s) * s) * s) * s;
  return 0.5 * Math.log(a) - series / a;
}

// Cornish and Fisher's expansion of t about the normal z (Fisher and Cornish 1960).
function cornishFisher(z: number, df: number): number[] {
  const s = z * z;
  return [
    (z * (s + 1)) / (4 * df),
    (z * ((5 * s + 16) * s + 3)) / (96 * df ** 2),
    (z * (((3 * s + 19) * s + 17) * s - 15)) / (384 * df ** 3),
    (z * ((((79 * s + 776) * s + 1482) * s - 1920) * s - 945)) / (92160 * df ** 4)
  ];
}
