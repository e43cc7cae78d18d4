import {finding, type Finding} from "./audit/finding.js";
import {shuffleOf, type Shuffle} from "./audit/shuffle.js";
import {armMoments, centred, type AuditMetric, type Centred} from "./audit/sums.js";
import {UserError} from "./errors.js";
import {compare} from "./stats/compare.js";
import type {Effect, MetricType} from "./stats/types.js";

export type {AuditMetric} from "./audit/sums.js";
export type {Finding} from "./audit/finding.js";

/** Every unit's variant and, in the same order, its value of every metric. */
export type AuditInput = {variants: string[]; control: string; metrics: AuditMetric[]};

export type AuditSettings = {
  permutations?: number;
  /** A whole number; the same seed gives the same shuffles. */
  seed?: number;
  confidence?: number;
  signal?: AbortSignal;
  onProgress?: (done: number) => void;
};

/** What one metric's test does in one variant when the assignment means nothing. */
export type AuditResult = {
  metric: string;
  type: MetricType;
  variant: string;
  /** Units with a value, as they were really assigned. */
  n: {control: number; treatment: number};
} & Finding;

/**
 * Returns for each metric and treatment how often its test rejects when units are dealt to arms of the same
 * sizes at random, so that every rejection is false. Throws a UserError for an unknown control or fewer than two
 * variants, and the signal's reason when it aborts.
 */
export async function auditUnits(
  {variants, control, metrics}: AuditInput,
  {permutations = 2000, seed = 1, confidence = 0.95, signal, onProgress}: AuditSettings = {}
): Promise<AuditResult[]> {
  const shuffle = shuffleOf(variants, seed);
  const contrasts = contrastsOf(shuffle, control);
  const audited = metrics.map((metric) =>
    auditOf(centred(metric), shuffle, {contrasts, permutations, confidence})
  );
  const breathe = breather(signal, onProgress);
  for (let i = 0; i < permutations; i++) {
    await breathe(i);
    shuffle.next();
    for (const {metric, pvalues} of audited)
      effectsOf(metric, shuffle, {contrasts, confidence}).forEach(
        ({difference}, k) => (pvalues[k][i] = difference.pvalue ?? NaN)
      );
  }
  return audited.flatMap((one) => contrasts.map((contrast, k) => resultOf(one, contrast, {k, confidence})));
}

/** A treatment against the control: their places among the arms of a shuffle. */
type Contrast = {variant: string; control: number; treatment: number};

function contrastsOf({arms}: Shuffle, control: string): Contrast[] {
  const names = arms.map(({variant}) => variant);
  if (!names.includes(control))
    throw new UserError(`no unit is in the control ${control}`, `there are ${names.toSorted().join(", ")}`);
  if (names.length < 2)
    throw new UserError(`every unit is in ${control}`, "an audit needs units in two variants or more");
  return names
    .filter((name) => name !== control)
    .sort()
    .map((variant) => ({variant, control: names.indexOf(control), treatment: names.indexOf(variant)}));
}

type Audited = {metric: Centred; real: Effect[]; pvalues: Float64Array[]};
type Comparing = {contrasts: Contrast[]; confidence: number};

function auditOf(
  metric: Centred,
  shuffle: Shuffle,
  {permutations, ...comparing}: Comparing & {permutations: number}
): Audited {
  const pvalues = comparing.contrasts.map(() => new Float64Array(permutations));
  return {metric, real: effectsOf(metric, shuffle, comparing), pvalues};
}

function effectsOf(metric: Centred, shuffle: Shuffle, {contrasts, confidence}: Comparing): Effect[] {
  const moments = armMoments(metric, shuffle);
  return contrasts.map(({control, treatment}) =>
    compare(metric.type, moments[control], moments[treatment], {confidence})
  );
}

// An interrupt and a progress line need the event loop, which a long loop never reaches.
function breather(signal?: AbortSignal, onProgress?: (done: number) => void) {
  let last = performance.now();
  return async (done: number) => {
    signal?.throwIfAborted();
    if (performance.now() - last < 50) return;
    onProgress?.(done);
    await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
    last = performance.now();
  };
}

function resultOf(
  {metric, real, pvalues}: Audited,
  {variant}: Contrast,
  {k, confidence}: {k: number; confidence: number}
): AuditResult {
  const {n, difference, reason} = real[k];
  const found = finding(pvalues[k], {
    alpha: 1 - confidence,
    observed: difference.pvalue,
    largestShare: largestShare(metric),
    reason
  });
  return {metric: metric.name, type: metric.type, variant, n, ...found};
}

// A ratio's spread is that of its units' residuals x − R·y, whose variance is the delta method's.
function largestShare({type, centres, columns, isPresent, total}: Centred): number | null {
  const [n, x, , y] = total;
  const means = [x, y].slice(0, centres.length).map((sum, k) => centres[k] + sum / n);
  const ratio = type === "ratio" ? means[0] / means[1] : 0;
  let [largest, all] = [0, 0];
  for (let i = 0; i < columns[0].length; i++) {
    if (isPresent && !isPresent[i]) continue;
    const [a, b] = columns.map((column, k) => column[i] + centres[k] - means[k]);
    const square = (a - ratio * (b ?? 0)) ** 2;
    all += square;
    largest = Math.max(largest, square);
  }
  return all > 0 && Number.isFinite(all) ? largest / all : null;
}
