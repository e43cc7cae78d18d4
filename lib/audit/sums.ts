import type {MetricType, Moments} from "../stats/types.js";
import type {Shuffle, Span} from "./shuffle.js";

/** One metric's value of every unit, in the units' order; NaN where a unit has none. A ratio has two columns. */
export type AuditMetric = {name: string; type: MetricType; columns: Float64Array[]};

/** A metric about its centres, 0 where a unit has no value; `isPresent` is null where every unit has one. */
export type Centred = {
  name: string;
  type: MetricType;
  centres: number[];
  columns: Float64Array[];
  isPresent: Uint8Array | null;
  total: Sums;
};

/** Sums about the centres: n, Σx, Σx², Σy, Σy², Σxy. */
export type Sums = Float64Array;

/** Returns a metric ready to be summed over any units; a ratio's unit counts only where both columns have a value. */
export function centred({name, type, columns}: AuditMetric): Centred {
  const units = columns[0].length;
  const isPresent = Uint8Array.from({length: units}, (_, i) =>
    columns.some((d) => Number.isNaN(d[i])) ? 0 : 1
  );
  const isComplete = isPresent.every((present) => present);
  const centres = columns.map((column) =>
    type === "proportion" ? 0 : median(column.filter((_, i) => isPresent[i]))
  );
  const about = columns.map((column, k) => column.map((value, i) => (isPresent[i] ? value - centres[k] : 0)));
  const metric = {name, type, centres, columns: about, isPresent: isComplete ? null : isPresent};
  const every = Uint32Array.from({length: units}, (_, i) => i);
  return {...metric, total: sumOver(metric, every, {from: 0, to: units})};
}

/** Returns the moments of each arm of a shuffle, in the order of its arms. */
export function armMoments(metric: Centred, {index, arms}: Shuffle): Moments[] {
  const sums = arms.slice(0, -1).map((arm) => sumOver(metric, index, arm));
  return [...sums, remainder(metric, sums, {index, last: arms.at(-1)!})].map((d) => momentsOf(metric, d));
}

// About the median an arm's sum of squares is at most twice that about its mean, and one far unit cannot
// hide the others; about the mean it could.
function median(values: Float64Array): number {
  return values.length ? values.sort()[values.length >> 1] : 0;
}

type Summed = Pick<Centred, "columns" | "isPresent">;

function sumOver(metric: Summed, index: Uint32Array, span: Pick<Span, "from" | "to">): Sums {
  const sums = metric.columns.length === 1 ? sumOne(metric, index, span) : sumTwo(metric, index, span);
  sums[0] = metric.isPresent ? countOf(metric.isPresent, index, span) : span.to - span.from;
  return sums;
}

function sumOne(
  {columns: [column]}: Summed,
  index: Uint32Array,
  {from, to}: Pick<Span, "from" | "to">
): Sums {
  let [x, xx] = [0, 0];
  for (let i = from; i < to; i++) {
    const value = column[index[i]];
    x += value;
    xx += value * value;
  }
  return Float64Array.of(0, x, xx);
}

function sumTwo(
  {columns: [left, right]}: Summed,
  index: Uint32Array,
  {from, to}: Pick<Span, "from" | "to">
): Sums {
  let [x, xx, y, yy, xy] = [0, 0, 0, 0, 0];
  for (let i = from; i < to; i++) {
    const u = left[index[i]];
    const v = right[index[i]];
    x += u;
    xx += u * u;
    y += v;
    yy += v * v;
    xy += u * v;
  }
  return Float64Array.of(0, x, xx, y, yy, xy);
}

function countOf(isPresent: Uint8Array, index: Uint32Array, {from, to}: Pick<Span, "from" | "to">): number {
  let n = 0;
  for (let i = from; i < to; i++) n += isPresent[index[i]];
  return n;
}

// What the drawn arms leave, by subtraction; where that would cost more than six digits, it is summed anew.
function remainder(metric: Centred, drawn: Sums[], {index, last}: {index: Uint32Array; last: Span}): Sums {
  const rest = metric.total.map((total, k) => drawn.reduce((left, sums) => left - sums[k], total));
  const isLost = [2, 4].some((k) => rest[k] < 1e-6 * metric.total[k]);
  return isLost ? sumOver(metric, index, last) : rest;
}

function momentsOf({centres}: Centred, [n, x, xx, y, yy, xy]: Sums): Moments {
  const spread = (squares: number, a: number, b: number) => (squares - (a * b) / n) / (n - 1);
  const means = [x, y].slice(0, centres.length).map((sum, k) => centres[k] + sum / n);
  const first = Math.max(0, spread(xx, x, x));
  if (centres.length === 1) return {n, means, covariance: [[first]]};
  const both = spread(xy, x, y);
  return {
    n,
    means,
    covariance: [
      [first, both],
      [both, Math.max(0, spread(yy, y, y))]
    ]
  };
}
