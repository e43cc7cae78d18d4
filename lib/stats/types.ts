// What statistics take and give. Rates and shares are fractions; nothing here knows a page or a file.

export type MetricType = "mean" | "ratio" | "proportion" | "quantile";

/**
 * Sufficient statistics of k columns over the same n units: their means (length k) and their sample
 * covariance matrix (k × k, denominator n − 1). k is 1 for a mean or proportion, 2 for a ratio
 * (numerator, denominator). Of a quantile they are the quantile itself and n × its error².
 */
export type Moments = {n: number; means: number[]; covariance: number[][]};

export type Alternative = "two-sided" | "greater" | "less";

/** How a lift gets its interval; log needs values above 0. */
export type LiftMethod = "delta" | "fieller" | "log";

export type CompareOptions = {
  confidence?: number;
  alternative?: Alternative;
  /** Takes out what the columns after the metric's own explain, the covariates (CUPED). */
  isAdjusted?: boolean;
  /** Makes intervals and p hold at every look, tightest at this many units over both arms. */
  nStar?: number | null;
  lift?: LiftMethod;
};

/** A point with its confidence interval and p on one scale; null where it cannot be computed, ±Infinity at an open end. */
export type Estimate = {
  value: number | null;
  low: number | null;
  high: number | null;
  pvalue: number | null;
  /** log10 of the p-value, for tails beyond 1e-300. */
  log10p: number | null;
  /** The standard error of the value; null where there is no noise to tell it. */
  error: number | null;
};

/** A treatment against its control on both scales. */
export type Effect = {
  n: {control: number; treatment: number};
  /** Each arm's own value: mean, rate, or ratio of sums. */
  control: number | null;
  treatment: number | null;
  /** treatment − control. */
  difference: Estimate;
  /** (treatment − control) / |control|. */
  lift: Estimate;
  /** The share of the difference's variance that covariates took away; null where none were used. */
  varianceReduction: number | null;
  /** Why a number is missing or not the usual one, in words for a person; null where all are. */
  reason: string | null;
};

/** invalid: the traffic is not split as planned; higher, lower: clear, but no goal says which is good. */
export type Verdict = "better" | "worse" | "higher" | "lower" | "unclear" | "invalid";

export type SrmTest = {
  /** Pearson's chi-square on unit counts; null where fewer than two arms expect units. */
  statistic: number | null;
  df: number;
  pvalue: number | null;
  log10p: number | null;
  expected: number[];
  isMismatch: boolean;
  /** An expected count under 5: the chi-square approximation is weak. */
  hasLowCounts: boolean;
};
