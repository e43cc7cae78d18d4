// Quantiles by order statistics: the outer interval (Deng, Knoblich and Lu 2018), also for clustered rows.

import {betaLogCdf} from "./beta.js";
import {estimate, pointOnly, studentReference} from "./estimate.js";
import {normalQuantile, normalUpperQuantile} from "./normal.js";
import type {CompareOptions, Effect} from "./types.js";

export type QuantileArm = {
  /** The quantile by linear interpolation (type 7). */
  value: number;
  /** Standard error of the share of rows at or below the quantile. */
  shareError: number;
  /** Ranks, from 1, of the order statistics that make the outer interval, and the interval itself. */
  ranks: [number, number];
  outer: [number, number];
  error: number;
};

/** Returns one arm's q-quantile with its outer interval; `clusters` names the unit of each value, where one has many. */
export function quantileArm(values: number[], q: number, alpha: number, clusters?: unknown[]): QuantileArm {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  const z = normalUpperQuantile(alpha / 2);
  const value = interpolate(sorted, q);
  const shareError = clusters ? clusteredError(values, clusters, value) : Math.sqrt((q * (1 - q)) / n);
  const ranks: [number, number] = [
    clamp(Math.floor(n * (q - z * shareError)), n),
    clamp(Math.ceil(n * (q + z * shareError)) + 1, n)
  ];
  const outer: [number, number] = [sorted[ranks[0] - 1], sorted[ranks[1] - 1]];
  return {value, shareError, ranks, outer, error: (outer[1] - outer[0]) / (2 * z)};
}

function interpolate(sorted: Float64Array, q: number): number {
  const place = q * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

function clamp(rank: number, n: number): number {
  return Math.min(n, Math.max(1, rank));
}

// The share of rows below is a ratio of sums over clusters; its variance is the delta method's.
function clusteredError(values: number[], clusters: unknown[], limit: number): number {
  const sums = new Map<unknown, {below: number; rows: number}>();
  values.forEach((value, i) => {
    const sum = sums.get(clusters[i]) ?? {below: 0, rows: 0};
    sums.set(clusters[i], {below: sum.below + (value <= limit ? 1 : 0), rows: sum.rows + 1});
  });
  const all = [...sums.values()];
  const k = all.length;
  const rows = values.length / k;
  const below = all.reduce((sum, cluster) => sum + cluster.below, 0) / k;
  const residuals = all.map((cluster) => cluster.below - below - (below / rows) * (cluster.rows - rows));
  return Math.sqrt(residuals.reduce((sum, r) => sum + r * r, 0) / ((k - 1) * k * rows * rows));
}

/**
 * What is kept of one variant's values for a quantile, beside its moments: the point, and order statistics near it, by
 * which its interval at any usual confidence can be told later.
 */
export type RankSketch = {
  q: number;
  n: number;
  value: number;
  shareError: number;
  /** Ranks from 1, ascending, and the value at each. */
  ranks: number[];
  values: number[];
};

// To 5 errors of the share on either side, an alpha of 6e-7, in steps of a twentieth.
const [reach, steps] = [5, 100];

/** Returns the sketch of a variant's values for their q-quantile; at most 203 order statistics, all of a small variant. */
export function rankSketch(values: number[], q: number, clusters?: unknown[]): RankSketch {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  const {value, shareError} = quantileArm(values, q, 0.05, clusters);
  const ranks = new Set<number>([1, n]);
  for (let i = -steps; i <= steps; i++) {
    const rank = n * (q + (i / steps) * reach * shareError);
    ranks.add(clamp(i <= 0 ? Math.floor(rank) : Math.ceil(rank) + 1, n));
  }
  const kept = n <= 2 * steps ? Array.from(sorted, (_, i) => i + 1) : [...ranks].sort((a, b) => a - b);
  return {q, n, value, shareError, ranks: kept, values: kept.map((rank) => sorted[rank - 1])};
}

/** Returns a variant's outer interval at alpha from its sketch: that of quantileArm, or a little wider. */
export function outerInterval(
  {q, n, shareError, ranks, values}: RankSketch,
  alpha: number
): [number, number] {
  const z = normalUpperQuantile(alpha / 2);
  const [low, high] = [
    clamp(Math.floor(n * (q - z * shareError)), n),
    clamp(Math.ceil(n * (q + z * shareError)) + 1, n)
  ];
  return [
    values[ranks.findLastIndex((rank) => rank <= low)],
    values[ranks.findIndex((rank) => rank >= high)]
  ];
}

/**
 * Returns a treatment's effect on a quantile, from both variants' sketches. Errors come from the outer intervals at the
 * alpha asked for; the reference is the normal.
 */
export function compareQuantile(
  control: RankSketch,
  treatment: RankSketch,
  {confidence = 0.95, alternative = "two-sided"}: Pick<CompareOptions, "confidence" | "alternative"> = {}
): Effect {
  const alpha = alternative === "two-sided" ? 1 - confidence : 2 * (1 - confidence);
  const z = normalUpperQuantile(alpha / 2);
  const [v1, v2] = [control, treatment].map((sketch) => {
    const [low, high] = outerInterval(sketch, alpha);
    return ((high - low) / (2 * z)) ** 2;
  });
  const reference = studentReference(1 - confidence, alternative);
  const [a, b] = [control.value, treatment.value];
  const isSilent = v1 + v2 === 0;
  const noLift = a === 0 ? "the control's value is 0, so there is no lift" : null;
  return {
    n: {control: control.n, treatment: treatment.n},
    control: a,
    treatment: b,
    difference: estimate(b - a, Math.sqrt(v1 + v2), reference),
    lift: noLift
      ? pointOnly(null)
      : estimate((b - a) / Math.abs(a), Math.sqrt(v2 + (b / a) ** 2 * v1) / Math.abs(a), reference),
    varianceReduction: null,
    reason: isSilent
      ? "the values next to the quantile are all the same, so there is no noise to compare with"
      : noLift
  };
}

/** Returns the ranks, from 1, whose order statistics hold the quantile with at least 1 − alpha, whatever the distribution. */
export function exactRanks(n: number, q: number, alpha: number): [number | null, number | null] {
  const low = binomialQuantile(alpha / 2, n, q);
  const high = binomialQuantile(1 - alpha / 2, n, q) + 1;
  return [low === 0 ? null : low, high > n ? null : high];
}

// The least k with P(X ≤ k) ≥ p, from a normal guess.
function binomialQuantile(p: number, n: number, q: number): number {
  let k = Math.max(0, Math.min(n, Math.round(n * q + normalQuantile(p) * Math.sqrt(n * q * (1 - q)))));
  while (k > 0 && binomialCdf(k - 1, n, q) >= p) k--;
  while (k < n && binomialCdf(k, n, q) < p) k++;
  return k;
}

function binomialCdf(k: number, n: number, q: number): number {
  return k >= n ? 1 : Math.exp(betaLogCdf(n - k, k + 1, 1 - q, q));
}
