// Exact tests of two rates, for few units: no approximation by a normal, and the rate they share when the hypothesis
// is true is the worst one (Barnard 1947; Boschloo 1970).

import type {Count} from "./proportion.js";
import type {Alternative} from "./types.js";

/** The most units over both arms for which the tests are offered. */
export const mostExactUnits = 1000;

/** For each count of control, which counts of treatment are as extreme as those seen: up to low, and from high on. */
type Region = {low: number; high: number}[];

/**
 * Returns the p-value of Boschloo's test that two rates are equal: Fisher's p as the statistic. Two-sided it is twice
 * the smaller one-sided p, at most 1.
 */
export function boschloo(control: Count, treatment: Count, alternative: Alternative): number {
  if (alternative === "two-sided") {
    const sides = (["greater", "less"] as const).map((side) => boschloo(control, treatment, side));
    return Math.min(1, 2 * Math.min(...sides));
  }
  if (alternative === "less") return boschloo(mirrored(control), mirrored(treatment), "greater");
  const seen = fisher(control, treatment);
  const isExtreme = (x1: number, x2: number): boolean =>
    fisher({...control, x: x1}, {...treatment, x: x2}) <= seen * (1 + 1e-12);
  return worst(frontier(control.n, treatment.n, isExtreme), control.n, treatment.n);
}

/** Returns the p-value of Barnard's test that two rates are equal: the pooled z as the statistic. */
export function barnard(control: Count, treatment: Count, alternative: Alternative): number {
  if (alternative === "less") return barnard(mirrored(control), mirrored(treatment), "greater");
  const seen = pooledZ(control, treatment);
  const limit = (alternative === "two-sided" ? Math.abs(seen) : seen) - 1e-12;
  const isExtreme = (x1: number, x2: number): boolean =>
    pooledZ({...control, x: x1}, {...treatment, x: x2}) >= limit;
  const above = frontier(control.n, treatment.n, isExtreme);
  if (alternative === "greater" || limit <= 0) return worst(above, control.n, treatment.n);
  // z changes its sign where successes and failures change places.
  const both = above.map(({high}, x1) => ({high, low: treatment.n - above[control.n - x1].high}));
  return worst(both, control.n, treatment.n);
}

function mirrored({x, n}: Count): Count {
  return {x: n - x, n};
}

function pooledZ(control: Count, treatment: Count): number {
  const rate = (control.x + treatment.x) / (control.n + treatment.n);
  const error = Math.sqrt(rate * (1 - rate) * (1 / control.n + 1 / treatment.n));
  return error > 0 ? (treatment.x / treatment.n - control.x / control.n) / error : 0;
}

// P(treatment has x or more of the successes), given how many there are in all.
function fisher(control: Count, treatment: Count): number {
  const successes = control.x + treatment.x;
  const all = logChoose(control.n + treatment.n, successes);
  let sum = 0;
  for (let x = treatment.x; x <= Math.min(treatment.n, successes); x++)
    sum += Math.exp(logChoose(treatment.n, x) + logChoose(control.n, successes - x) - all);
  return sum;
}

// More successes of control never make fewer of treatment extreme: the border is walked once.
function frontier(n1: number, n2: number, isExtreme: (x1: number, x2: number) => boolean): Region {
  const region: Region = [];
  let high = 0;
  for (let x1 = 0; x1 <= n1; x1++) {
    while (high <= n2 && !isExtreme(x1, high)) high++;
    region.push({low: -1, high});
  }
  return region;
}

// The largest probability of the region over the rate that both arms share: a scan, then a closer look at its best.
function worst(region: Region, n1: number, n2: number): number {
  const at = (rate: number): number => probability(region, binomial(n1, rate), binomial(n2, rate));
  let [best, place, step] = [0, 0.5, 1 / 256];
  const look = (rate: number): void => {
    const p = rate > 0 && rate < 1 ? at(rate) : 0;
    if (p > best) [best, place] = [p, rate];
  };
  for (let i = 1; i < 256; i++) look(i * step);
  for (; step > 1e-9; step /= 2) {
    look(place - step / 2);
    look(place + step / 2);
  }
  return Math.min(1, best);
}

function probability(region: Region, control: number[], treatment: number[]): number {
  const from = [...treatment, 0];
  for (let x = treatment.length - 1; x >= 0; x--) from[x] += from[x + 1];
  // Sums of what is left of low lose digits only where they are large.
  const upTo = (x: number): number => (x < 0 ? 0 : 1 - from[Math.min(x, treatment.length - 1) + 1]);
  return region.reduce(
    (sum, {low, high}, x1) => sum + control[x1] * (from[Math.min(high, treatment.length)] + upTo(low)),
    0
  );
}

function binomial(n: number, rate: number): number[] {
  return Array.from({length: n + 1}, (_, x) =>
    Math.exp(logChoose(n, x) + x * Math.log(rate) + (n - x) * Math.log1p(-rate))
  );
}

const logFactorials = [0];

function logFactorial(n: number): number {
  for (let i = logFactorials.length; i <= n; i++) logFactorials.push(logFactorials[i - 1] + Math.log(i));
  return logFactorials[n];
}

function logChoose(n: number, k: number): number {
  return k < 0 || k > n ? -Infinity : logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}
