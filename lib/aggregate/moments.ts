// Moments of every metric in one pass over unit rows: a metric's own columns, then their twins from before exposure.

import {twinOf} from "../metrics.js";
import type {Dominance, Metric, Precompute, UserAggregation} from "../types.js";
import {dialects, identifier, type Dialect} from "../templates/dialects.js";
import type {DuckDB, Row} from "../warehouse/duckdb.js";

/** One metric with the SQL of its columns for a unit, NULL where the unit does not count. */
export type Measure = {
  metric: Metric;
  /** Where the metric's columns stand among those of all. */
  index: number;
  columns: string[];
  /** How many of them are the metric's own. */
  own: number;
  /** What its values are limited to; null where they are not. */
  cap: number | null;
};

/** How the SQL of a measure is written: an engine's dialect, and which rows are counted. */
export type Writing = {dialect: Dialect; isCounted: string};

const here: Writing = {dialect: dialects.duckdb, isCounted: "true"};

/** Returns the SQL of a unit's value: zero, or NULL, where it has none. */
export function measured({alias, missing}: UserAggregation, {dialect}: Writing = here): string {
  const value = dialect.double(identifier(alias, dialect));
  return missing === "zero" ? `coalesce(${value}, 0)` : value;
}

// Nothing before exposure is zero; where that has no meaning, the unit gets the mean of those that have a value.
function measuredBefore({alias, missing}: UserAggregation, {dialect, isCounted}: Writing = here): string {
  const value = dialect.double(identifier(twinOf(alias), dialect));
  const others = `avg(case when ${isCounted} then ${value} end) over ()`;
  return `coalesce(${value}, ${missing === "zero" ? "0" : others})`;
}

/**
 * Returns the measures of metrics, with twins where the result has columns for them. A percentile cap is that of all
 * units together, before and after exposure each its own.
 */
export async function measuresOf(
  duckdb: DuckDB,
  kept: string,
  {metrics, columns}: {metrics: Metric[]; columns: {name: string}[]}
): Promise<Measure[]> {
  const caps = await capsOf(duckdb, kept, metrics, namesOf(columns));
  return measuresWith(caps, {metrics, columns, writing: here});
}

/** Returns the measures of metrics for another engine; percentile caps are not known there. */
export function measuresThere(
  writing: Writing,
  {metrics, columns}: {metrics: Metric[]; columns: {name: string}[]}
): Measure[] {
  const caps = new Map<string, Caps>();
  for (const {alias, cap} of metrics) if (cap && "at" in cap) caps.set(alias, {now: cap.at, before: cap.at});
  return measuresWith(caps, {metrics, columns, writing});
}

type Written = {metrics: Metric[]; columns: {name: string}[]; writing: Writing};

function measuresWith(caps: Map<string, Caps>, {metrics, columns, writing}: Written): Measure[] {
  const names = namesOf(columns);
  return metrics.map((metric, index) =>
    measureOf(metric, index, {names, caps: caps.get(metric.alias) ?? null, writing})
  );
}

const namesOf = (columns: {name: string}[]) => new Set(columns.map(({name}) => name.toLowerCase()));

type Caps = {now: number; before: number | null};

function measureOf(
  metric: Metric,
  index: number,
  {names, caps, writing}: {names: Set<string>; caps: Caps | null; writing: Writing}
): Measure {
  const {numerator, denominator} = metric;
  const parts = denominator ? [numerator, denominator] : [numerator];
  const now = parts.map((part, i) => limited(measured(part, writing), i === 0 ? (caps?.now ?? null) : null));
  const before = parts.every((part) => hasTwin(part, names))
    ? parts.map((part, i) => limited(measuredBefore(part, writing), i === 0 ? (caps?.before ?? null) : null))
    : [];
  // A unit without one of the metric's own values is left out of them all.
  const isPresent = parts.map((part) => `${measured(part, writing)} is not null`).join(" and ");
  const columns = [...now, ...before].map((sql) => `case when ${isPresent} then ${sql} end`);
  return {metric, index, columns, own: now.length, cap: caps && caps.now};
}

const hasTwin = ({alias}: UserAggregation, names: Set<string>) => names.has(twinOf(alias).toLowerCase());

const limited = (sql: string, cap: number | null) => (cap === null ? sql : `least(${sql}, ${cap})`);

async function capsOf(
  duckdb: DuckDB,
  kept: string,
  metrics: Metric[],
  names: Set<string>
): Promise<Map<string, Caps>> {
  const caps = new Map<string, Caps>();
  for (const {alias, numerator, cap} of metrics) {
    if (!cap) continue;
    const before = hasTwin(numerator, names);
    if ("at" in cap) caps.set(alias, {now: cap.at, before: before ? cap.at : null});
    else caps.set(alias, await percentiles(duckdb, kept, {numerator, share: cap.share, before}));
  }
  return caps;
}

async function percentiles(
  duckdb: DuckDB,
  kept: string,
  {numerator, share, before}: {numerator: UserAggregation; share: number; before: boolean}
): Promise<Caps> {
  const of = (sql: string) => `quantile_cont(case when isfinite(${sql}) then ${sql} end, ${share})`;
  const twin = before
    ? `, (select ${of("value")} from (select ${measuredBefore(numerator)} as value from ${kept})) as before`
    : "";
  const [row] = await duckdb.rows(`select ${of(measured(numerator))} as now${twin} from ${kept}`);
  return {now: Number(row.now ?? 0), before: before ? Number(row.before ?? 0) : null};
}

/** What cells a query gives beside the variants: by the day of exposure, by each dimension, and by all of them crossed. */
export type Cells = {day: string | null; dimensions: string[]};

export type MomentsQuestion = {
  dialect?: Dialect;
  /** SQL of the variant; NULL is a group of its own. */
  variant: string;
  measures: Measure[];
  cells?: Cells;
};

/** Returns the SQL of one row a variant, or a cell, with n, means, variances and covariances of every measure. */
export function momentsQuery(
  from: string,
  {dialect = dialects.duckdb, variant, measures, cells}: MomentsQuestion
): string {
  const keys = [...(cells?.day ? ["exposure_day"] : []), ...(cells?.dimensions ?? [])];
  const columns = measures.flatMap(({index, columns}) => columns.map((sql, k) => `${sql} as c${index}_${k}`));
  const inputs = [
    `${variant} as variant`,
    ...(cells?.day ? [`${cells.day} as exposure_day`] : []),
    ...(cells?.dimensions ?? []),
    ...columns
  ];
  const results = [
    "variant",
    ...keys.flatMap((key) => [key, `grouping(${key}) as is_all_${key}`]),
    "count(*) as units",
    ...measures.flatMap((measure) => statisticsOf(measure, dialect))
  ];
  const crossed = keys.length > 1 ? [["variant", ...keys]] : [];
  const sets = [["variant"], ...keys.map((key) => ["variant", key]), ...crossed].map(
    (set) => `(${set.join(", ")})`
  );
  return [
    `with inputs as (\nselect ${inputs.join(",\n  ")}`,
    `from ${from})`,
    `select ${results.join(",\n  ")}`,
    `from inputs group by ${keys.length ? `grouping sets (${sets.join(", ")})` : "variant"} order by variant`
  ].join("\n");
}

// One value that is not finite would make DuckDB refuse the whole query: the metric is refused instead.
function statisticsOf({metric: {type}, index: i, columns, own}: Measure, {isFinite}: Dialect): string[] {
  const names = columns.map((_, k) => `c${i}_${k}`);
  const finite = names.map((name) => `case when ${isFinite(name)} then ${name} end`);
  const pairs = names.flatMap((_, k) => names.slice(0, k + 1).map((_, l) => [k, l]));
  const isOdd = names
    .slice(0, own)
    .map((name) => `not (${isFinite(name)})`)
    .join(" or ");
  return [
    `count(c${i}_0) as n${i}`,
    `count(case when ${isOdd} then 1 end) as infinite${i}`,
    ...(type === "proportion" ? [`count(case when c${i}_0 not in (0, 1) then 1 end) as odd${i}`] : []),
    ...(type === "mean" ? [`min(${finite[0]}) as low${i}, max(${finite[0]}) as high${i}`] : []),
    ...finite.map((value, k) => `avg(${value}) as m${i}_${k}`),
    ...pairs.map(([k, l]) =>
      k === l
        ? `var_samp(${finite[k]}) as v${i}_${k}_${k}`
        : `covar_samp(${finite[k]}, ${finite[l]}) as v${i}_${k}_${l}`
    )
  ];
}

/** Returns what the table precomputes keeps of a measure in one variant. */
export const precomputeOf = (row: Row, measure: Measure): Omit<Precompute, "jobId"> =>
  precomputeFrom(momentsOfRow(row, measure));

/** Returns the moments of a measure in one variant, as momentsQuery gave them. */
export function momentsOfRow(row: Row, {metric, index: i, columns}: Measure): VariantMoments {
  const number = (name: string) => (row[name] === null || row[name] === undefined ? null : Number(row[name]));
  const covariance = columns.map((_, k) =>
    columns.map((_, l) => number(`v${i}_${Math.max(k, l)}_${Math.min(k, l)}`))
  );
  const means = columns.map((_, k) => number(`m${i}_${k}`));
  return {variant: String(row.variant), metric, n: Number(row[`n${i}`]), means, covariance};
}

/** Moments of a metric's columns, and of their twins after them; what cannot be told is null. */
export type VariantMoments = {
  variant: string;
  metric: Metric;
  n: number;
  means: (number | null)[];
  covariance: (number | null)[][];
};

/** Returns what the table precomputes keeps of a metric in one variant. */
export function precomputeFrom({
  variant,
  metric,
  n,
  means,
  covariance
}: VariantMoments): Omit<Precompute, "jobId"> {
  const isRatio = metric.denominator !== null;
  const isWhole = [...means, ...covariance.flat()].every((value) => value !== null);
  return {
    variant,
    metric: metric.alias,
    title: metric.title,
    type: metric.type,
    n,
    value: isRatio ? quotient(means[0], means[1]) : means[0],
    numeratorMean: means[0],
    denominatorMean: isRatio ? means[1] : null,
    numeratorVariance: covariance[0][0],
    denominatorVariance: isRatio ? covariance[1][1] : null,
    covariance: isRatio ? covariance[1][0] : null,
    ...(means.length > (isRatio ? 2 : 1) && isWhole
      ? {full: {means: means as number[], covariance: covariance as number[][]}}
      : {})
  };
}

const quotient = (x: number | null, y: number | null) => (x === null || !y ? null : x / y);

/** Returns why metrics have no lawful moments, by alias. */
export function refusals(rows: Row[], measures: Measure[]): Record<string, string> {
  const total = (name: string) => rows.reduce((sum, row) => sum + Number(row[name] ?? 0), 0);
  const reasons = measures.map(({metric, index, cap}): [string, string | null] => [
    metric.alias,
    refusal({infinite: total(`infinite${index}`), odd: total(`odd${index}`), cap, metric})
  ]);
  return Object.fromEntries(reasons.filter((entry): entry is [string, string] => entry[1] !== null));
}

type Counts = {infinite: number; odd: number; cap: number | null; metric: Metric};

function refusal({infinite, odd, cap, metric}: Counts): string | null {
  const units = (n: number) => `${n} ${n === 1 ? "unit has" : "units have"}`;
  if (infinite) return `${units(infinite)} a value that is infinite or not a number`;
  if (odd) return `${units(odd)} a value other than 0 and 1: a proportion needs a flag`;
  if (cap === 0 && metric.cap && "share" in metric.cap)
    return `its cap, the ${metric.cap.share * 100}% percentile of all units, is 0: cap it at a number`;
  return null;
}

/** Below this share, losing one unit changes a standard error by less than a twentieth. */
export const smallestDominance = 0.1;

/** Returns the means of whose variance one unit carries a tenth or more in some variant, by alias. */
export function dominanceOf(rows: Row[], measures: Measure[]): Record<string, Dominance> {
  const found = measures.flatMap(({metric, index}) => {
    const shares = rows.map((row) => ({variant: String(row.variant), share: largestShare(row, index)}));
    const largest = shares.reduce((a, b) => (b.share > a.share ? b : a), {variant: "", share: 0});
    return largest.share >= smallestDominance ? [[metric.alias, largest] as const] : [];
  });
  return Object.fromEntries(found);
}

// With n below 30 any unit carries a good part.
function largestShare(row: Row, i: number): number {
  const [n, mean, variance] = [`n${i}`, `m${i}_0`, `v${i}_0_0`].map((name) => Number(row[name] ?? NaN));
  const farthest = Math.max(Number(row[`high${i}`] ?? NaN) - mean, mean - Number(row[`low${i}`] ?? NaN));
  const share = farthest ** 2 / ((n - 1) * variance);
  return n >= 30 && Number.isFinite(share) ? share : 0;
}
