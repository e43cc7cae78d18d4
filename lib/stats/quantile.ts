// Quantiles by order statistics: the outer interval (Deng, Knoblich and Lu 2018), also for clustered rows.

import {betaLogCdf} from "./beta.js";
import {normalQuantile, normalUpperQuantile} from "./normal.js";
import type {Moments} from "./types.js";

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
  const valueAt = (rank: number) => sorted[rank - 1];
  const value = interpolated(placeOf(n, q), valueAt);
  const shareError = clusters ? clusteredError(values, clusters, value) : shareErrorOf(n, q);
  return armOf(value, {q, n, shareError, alpha}, valueAt);
}

/** Returns the ranks, from 1, at which values must be known to tell a q-quantile of n units as moments. */
export function quantileRanks(n: number, q: number): number[] {
  const outer = outerRanks({q, n, shareError: shareErrorOf(n, q), alpha: momentsAlpha});
  return [...new Set([...placeOf(n, q).ranks, ...outer])].sort((a, b) => a - b);
}

/** Returns the q-quantile of n units as moments, from their values at its ranks: itself, and n × its error². */
export function quantileMoments(n: number, q: number, valueAt: (rank: number) => number): Moments {
  const value = interpolated(placeOf(n, q), valueAt);
  const {error} = armOf(value, {q, n, shareError: shareErrorOf(n, q), alpha: momentsAlpha}, valueAt);
  return {n, means: [value], covariance: [[n * error ** 2]]};
}

// The error is told once, by the interval of 95%.
const momentsAlpha = 0.05;

const shareErrorOf = (n: number, q: number): number => Math.sqrt((q * (1 - q)) / n);

type Outer = {q: number; n: number; shareError: number; alpha: number};

function armOf(value: number, asked: Outer, valueAt: (rank: number) => number): QuantileArm {
  const ranks = outerRanks(asked);
  const outer: [number, number] = [valueAt(ranks[0]), valueAt(ranks[1])];
  const error = (outer[1] - outer[0]) / (2 * normalUpperQuantile(asked.alpha / 2));
  return {value, shareError: asked.shareError, ranks, outer, error};
}

function outerRanks({q, n, shareError, alpha}: Outer): [number, number] {
  const reach = normalUpperQuantile(alpha / 2) * shareError;
  return [clamp(Math.floor(n * (q - reach)), n), clamp(Math.ceil(n * (q + reach)) + 1, n)];
}

type Place = {ranks: [number, number]; share: number};

function placeOf(n: number, q: number): Place {
  const place = q * (n - 1);
  const below = Math.floor(place);
  return {ranks: [below + 1, Math.min(below + 2, n)], share: place - below};
}

function interpolated({ranks, share}: Place, valueAt: (rank: number) => number): number {
  const [below, above] = ranks.map(valueAt);
  return below + share * (above - below);
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
