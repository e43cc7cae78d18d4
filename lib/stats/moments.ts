import type {MetricType, Moments} from "./types.js";

/** Returns the moments of rows, one row a unit, one column a quantity; no rows give n = 0. */
export function momentsOf(rows: number[][]): Moments {
  const n = rows.length;
  const columns = rows[0] ?? [];
  const means = columns.map((_, i) => meanOf(rows.map((row) => row[i])));
  const covariance = columns.map((_, i) =>
    columns.map(
      (_, j) => sumOf(rows.map((row) => (row[i] - means[i]) * (row[j] - means[j]))) / Math.max(1, n - 1)
    )
  );
  return {n, means, covariance};
}

// The second pass takes back what the first one lost to rounding.
function meanOf(values: number[]): number {
  const mean = sumOf(values) / values.length;
  return mean + sumOf(values.map((value) => value - mean)) / values.length;
}

function sumOf(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** Returns the moments of two disjoint groups of units together, exactly (Chan, Golub and LeVeque 1979). */
export function mergeMoments(a: Moments, b: Moments): Moments {
  if (a.n === 0 || b.n === 0) return a.n === 0 ? b : a;
  const n = a.n + b.n;
  const step = a.means.map((mean, i) => b.means[i] - mean);
  const weight = (a.n / n) * b.n;
  return {
    n,
    means: a.means.map((mean, i) => mean + (step[i] * b.n) / n),
    covariance: a.covariance.map((row, i) =>
      row.map(
        (value, j) =>
          (value * (a.n - 1) + b.covariance[i][j] * (b.n - 1) + step[i] * step[j] * weight) / (n - 1)
      )
    )
  };
}

/** One metric in one variant as the table precomputes keeps it. */
export type PrecomputeRow = {
  type: MetricType;
  n: number;
  value: number | null;
  numeratorMean: number | null;
  denominatorMean: number | null;
  numeratorVariance: number | null;
  denominatorVariance: number | null;
  covariance: number | null;
  /** All columns, the covariates after the metric's own, where there are covariates. */
  full?: {means: number[]; covariance: number[][]} | null;
};

/** Returns the moments of a precompute row, with covariates where those are lawful, or why it has none; it never throws. */
export function momentsOfPrecompute(row: PrecomputeRow): {moments: Moments} | {reason: string} {
  const moments = unchecked(row);
  const reason = checkMoments(row.type, moments);
  if (reason !== null) return {reason};
  const covariates = (row.full?.means.length ?? 0) - columnsOf(row.type);
  const full = row.full && covariates > 0 ? {n: row.n, ...row.full} : null;
  return {moments: full && checkMoments(row.type, full, {covariates}) === null ? full : moments};
}

function unchecked(row: PrecomputeRow): Moments {
  const {type, n} = row;
  const value = row.value ?? NaN;
  if (type === "mean" || type === "quantile")
    return {n, means: [value], covariance: [[row.numeratorVariance ?? NaN]]};
  // A rate says its own variance; only the n − 1 of a sample is added.
  if (type === "proportion") return {n, means: [value], covariance: [[(value * (1 - value) * n) / (n - 1)]]};
  const covariance = row.covariance ?? NaN;
  return {
    n,
    means: [row.numeratorMean ?? NaN, row.denominatorMean ?? NaN],
    covariance: [
      [row.numeratorVariance ?? NaN, covariance],
      [covariance, row.denominatorVariance ?? NaN]
    ]
  };
}

/** Returns how many columns a metric of this type has before its covariates. */
export function columnsOf(type: MetricType): number {
  return type === "ratio" ? 2 : 1;
}

/**
 * Returns why moments cannot belong to a metric of this type, in words; null where they can. So many covariates,
 * the columns after the metric's own, are checked as well; what stands behind them is not.
 */
export function checkMoments(
  type: MetricType,
  {n, means, covariance}: Moments,
  {covariates = 0} = {}
): string | null {
  if (!Number.isFinite(n)) return "the number of units is missing";
  if (n < 2) return `a comparison needs two units or more, not ${n}`;
  const columns = columnsOf(type) + covariates;
  if (means.length < columns)
    return `a ${type} has ${columns} column${columns > 1 ? "s" : ""}, not ${means.length}`;
  if (!means.slice(0, columns).every(Number.isFinite)) return "the value is missing or not a finite number";
  if (type === "proportion" && !(means[0] >= 0 && means[0] <= 1))
    return `a proportion lies between 0 and 1, not at ${means[0]}`;
  return checkCovariance(covariance, columns);
}

function checkCovariance(covariance: number[][], columns: number): string | null {
  for (let i = 0; i < columns; i++) {
    if (!(covariance[i]?.length >= columns)) return "a covariance is missing";
    for (let j = 0; j < columns; j++)
      if (!Number.isFinite(covariance[i][j])) return "a variance is missing or not a finite number";
  }
  for (let i = 0; i < columns; i++) {
    if (covariance[i][i] < 0) return `a variance cannot be negative: ${covariance[i][i]}`;
    for (let j = 0; j < i; j++) {
      const reason = checkCorrelation(covariance[i][j], covariance[j][i], covariance[i][i], covariance[j][j]);
      if (reason) return reason;
    }
  }
  return null;
}

// Warehouses round sums of many terms, so a correlation of one may come out a little above.
function checkCorrelation(c: number, mirrored: number, a: number, b: number): string | null {
  if (Math.abs(c - mirrored) > 1e-9 * Math.abs(c)) return "the covariance matrix is not symmetric";
  const limit = Math.sqrt(a) * Math.sqrt(b);
  if (Math.abs(c) <= limit * (1 + 1e-9)) return null;
  return `the covariance ${c} is larger than the variances allow (${limit})`;
}
