import {chiSquareSurvival} from "../stats/gamma.js";
import {exactRanks} from "../stats/quantile.js";

/** sound: the rate is that of a true test; too-many, too-few: it is not; untested: no shuffle gave a p. */
export type FindingKind = "sound" | "too-many" | "too-few" | "untested";

/** What the p-values of many shuffles say of a test. Rates are fractions of the shuffles that gave a p. */
export type Finding = {
  kind: FindingKind;
  alpha: number;
  permutations: number;
  tested: number;
  rejections: number;
  rate: number | null;
  /** Where the rate of a true test lies with 99.9 %, from the binomial distribution. */
  band: {low: number; high: number} | null;
  /** Counts of p-values in 20 bins of equal width from 0 to 1. */
  histogram: number[];
  /** Pearson's chi-square test of equal bins; null with fewer than 100 p-values. */
  uniformity: {statistic: number; df: number; pvalue: number} | null;
  /** The real assignment's p: by the test itself, and as its rank among the shuffles (Phipson and Smyth 2010). */
  observed: {pvalue: number; permutationPvalue: number} | null;
  /** The share of the metric's variance that its most extreme unit carries. */
  largestShare: number | null;
  sentence: string;
  reason: string | null;
};

type Given = {alpha: number; observed: number | null; largestShare: number | null; reason: string | null};

const bins = 20;
const doubt = 0.001;

/** Returns what shuffled p-values (NaN where none could be computed) say of the test at alpha. */
export function finding(pvalues: Float64Array, {alpha, observed, largestShare, reason}: Given): Finding {
  const known = pvalues.filter((p) => !Number.isNaN(p));
  const tested = known.length;
  const rejections = known.filter((p) => p < alpha).length;
  const histogram = histogramOf(known);
  const band = tested ? bandOf(tested, alpha) : null;
  const rate = tested ? rejections / tested : null;
  const found = {
    kind: kindOf(rate, band),
    alpha,
    permutations: pvalues.length,
    tested,
    rejections,
    rate,
    band,
    histogram,
    uniformity: tested >= 5 * bins ? uniformity(histogram, tested) : null,
    observed:
      observed !== null && tested ? {pvalue: observed, permutationPvalue: rankOf(observed, known)} : null,
    largestShare,
    reason: tested ? null : (reason ?? "no shuffle gave a p-value")
  };
  return {...found, sentence: sentenceOf(found)};
}

function histogramOf(pvalues: Float64Array): number[] {
  const counts = Array.from({length: bins}, () => 0);
  for (const p of pvalues) counts[Math.min(bins - 1, Math.floor(p * bins))]++;
  return counts;
}

function bandOf(n: number, alpha: number): {low: number; high: number} {
  const [low, high] = exactRanks(n, alpha, doubt);
  return {low: (low ?? 0) / n, high: ((high ?? n + 1) - 1) / n};
}

function kindOf(rate: number | null, band: Finding["band"]): FindingKind {
  if (rate === null || !band) return "untested";
  if (rate > band.high) return "too-many";
  return rate < band.low ? "too-few" : "sound";
}

function uniformity(histogram: number[], n: number) {
  const expected = n / bins;
  const statistic = histogram.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return {statistic, df: bins - 1, pvalue: chiSquareSurvival(statistic, bins - 1)};
}

// The same difference summed in another order may differ in its last digits: it counts as equal.
function rankOf(observed: number, pvalues: Float64Array): number {
  const asExtreme = pvalues.filter((p) => p <= observed * (1 + 1e-9)).length;
  return (1 + asExtreme) / (1 + pvalues.length);
}

function sentenceOf(found: Omit<Finding, "sentence">): string {
  const {kind, rate, band, tested, permutations, alpha, reason} = found;
  if (rate === null || !band) return `it cannot be tested: ${reason}`;
  const untested = permutations - tested;
  const lost = untested ? ` (${untested.toLocaleString("en-US")} more gave no p-value)` : "";
  const shuffles = `${tested.toLocaleString("en-US")} shuffles${lost}`;
  const said = `the ${percent(alpha)} test rejects ${percent(rate)} of ${shuffles}`;
  const limits = `${percent(band.low)} to ${percent(band.high)}`;
  if (kind === "sound") return `${said} (band ${limits}): ${trust(found)}`;
  const fault =
    kind === "too-many"
      ? "p-values are too small here, so it finds effects that are not there"
      : "p-values are too large here, so it misses effects that are there";
  return `${said}, outside the band ${limits}: ${fault}; ${cause(found)}`;
}

function trust({uniformity}: Omit<Finding, "sentence">): string {
  if (!uniformity || uniformity.pvalue >= doubt) return "it can be trusted on this metric";
  return "it can be trusted at this level, though its p-values are not evenly spread (few distinct values?)";
}

function cause({kind, largestShare}: Omit<Finding, "sentence">): string {
  if (largestShare !== null && largestShare >= 0.1)
    return `one unit carries ${percent(largestShare)} of the variance`;
  return kind === "too-many"
    ? "perhaps a heavy tail, or too few units"
    : "perhaps few distinct values, or too few units";
}

function percent(x: number): string {
  return `${Number((x * 100).toFixed(x < 0.01 ? 2 : 1))}%`;
}
