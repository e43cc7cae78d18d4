// Moments until the end of each day, exactly: every unit's running value changes the sums by what is new. Squares are
// taken around the final mean, so that nothing is lost where the mean is large against the spread.

import type {ExposureCount, Metric, Precompute, SeriesRow} from "../types.js";
import type {DuckDB, Row} from "../warehouse/duckdb.js";
import {columnOfKind, isExtreme, type KindRows} from "./kind-rows.js";
import {grouped} from "./kinds.js";
import {own} from "../stats/own.js";

type Exposures = Omit<ExposureCount, "jobId">[];
type Question = {
  metrics: Metric[];
  exposures: Exposures;
  precomputes: Omit<Precompute, "jobId">[];
  caps: Record<string, number>;
};

/**
 * Returns the moments of metrics that can be followed over the units exposed until the end of each day (UTC), from their
 * events until then, in every variant: the last day's are those of the whole. `rows` are per unit, kind and day.
 */
export async function seriesOf(duckdb: DuckDB, rows: KindRows, question: Question): Promise<SeriesRow[]> {
  const {exposures, precomputes, caps} = question;
  const items = question.metrics.map((metric) =>
    itemOf(metric, rows, {precomputes, cap: own(caps, metric.alias)})
  );
  const found: SeriesRow[] = [];
  // Metrics that differ in their kinds alone are followed in one pass.
  for (const group of grouped(items, ({shape}) => shape).values()) {
    const steps = await duckdb.rows(stepsQuery(rows, group));
    const byItem = grouped(steps, ({item}) => Number(item));
    for (const [i, item] of group.entries())
      found.push(...accumulated(item, {steps: byItem.get(i) ?? [], exposures, variants: rows.variants}));
  }
  return found;
}

/** A metric as it is followed. */
type Item = {
  metric: Metric;
  /** What it has in common with others but for kinds and centers. */
  shape: string;
  kinds: number[];
  centers: [number, number];
  /** SQL of what a day's row gives, by part. */
  given: string[];
  /** SQL of a unit's value by that of all its days so far, by part. */
  value: ((running: string) => string)[];
  isExtreme: "max" | "min" | null;
  /** Whether a unit without a value is no unit of the metric. */
  isExcluding: boolean;
};

function itemOf(
  metric: Metric,
  rows: KindRows,
  {precomputes, cap}: {precomputes: Question["precomputes"]; cap: number | undefined}
): Item {
  const parts = [metric.numerator, ...(metric.denominator ? [metric.denominator] : [])];
  const columns = parts.map((part) => columnOfKind(rows, part));
  const extreme = isExtreme(metric) ? (metric.numerator.declared!.agg as "max" | "min") : null;
  const isExcluding = extreme !== null && metric.numerator.missing !== "zero";
  const value = columns.map(({isFlag}, i) => (running: string) => {
    const sql = isFlag ? `(${running} > 0)::double` : running;
    return i === 0 && cap !== undefined ? `case when ${sql} is not null then least(${sql}, ${cap}) end` : sql;
  });
  const given = columns.map(({column}) => column);
  return {
    metric,
    shape: JSON.stringify([given, value.map((of) => of("x")), extreme, isExcluding]),
    kinds: columns.map(({kind}) => kind),
    centers: centersOf(metric, precomputes),
    given,
    value,
    isExtreme: extreme,
    isExcluding
  };
}

function centersOf({alias}: Metric, precomputes: Question["precomputes"]): [number, number] {
  const own = precomputes.filter(({metric}) => metric === alias);
  const mean = (of: (row: (typeof own)[number]) => number | null) =>
    own.reduce((sum, row) => sum + (of(row) ?? 0), 0) / Math.max(1, own.length);
  return [mean((row) => row.numeratorMean), mean((row) => row.denominatorMean)];
}

// What each day adds: to the sums, and to the squares and products around the centers. Rows of one day may come in any
// order, for what they add together is the same.
function stepsQuery({relation}: KindRows, group: Item[]): string {
  const [{given, value, isExtreme: extreme, isExcluding}] = group;
  const items = group.flatMap(({kinds, centers: [a, b]}, item) =>
    kinds.map((kind, part) => `(${item}, ${kind}, ${part}, ${a}::double, ${b}::double)`)
  );
  const missing = extreme ? "null" : "0";
  const inputs = given.map((sql, i) =>
    given.length === 1
      ? `${sql}::double as x${i}`
      : `case when part = ${i} then ${sql} else ${missing} end::double as x${i}`
  );
  const frame = "over (partition by item, uid order by day rows between unbounded preceding and";
  const running = given.flatMap((_, i) =>
    extreme
      ? [`${extreme}(x0) ${frame} current row) as t0`, `${extreme}(x0) ${frame} 1 preceding) as p0`]
      : [`sum(x${i}) ${frame} current row) as t${i}`]
  );
  const before = (i: number) => (extreme ? "p0" : `t${i} - x${i}`);
  const or = (sql: string) => (isExcluding ? sql : `coalesce(${sql}, 0)`);
  const values = given.flatMap((_, i) => [
    `${or(value[i](`t${i}`))} as v${i}`,
    `${or(value[i](`(${before(i)})`))} as w${i}`
  ]);
  const product = (of: string, i: number, j: number) =>
    `coalesce((${of}${i} - center${i}) * (${of}${j} - center${j}), 0)`;
  const added = (i: number, j: number) => `sum(${product("v", i, j)} - ${product("w", i, j)}) as q${i}${j}`;
  const steps = [
    "count(v0) - count(w0) as n",
    "sum(coalesce(v0, 0) - coalesce(w0, 0)) as s0",
    added(0, 0),
    ...(given.length > 1 ? ["sum(v1 - w1) as s1", added(1, 1), added(0, 1)] : [])
  ];
  return `with items(item, kind, part, center0, center1) as (values ${items.join(", ")}),
    days as (select item, center0, center1, uid, variant_number, day, ${inputs.join(", ")}
      from ${relation} as day_rows join items on items.kind = day_rows.kind where day is not null),
    running as (select *, ${running.join(", ")} from days),
    valued as (select item, center0, center1, variant_number, day, ${values.join(", ")} from running)
    select item, variant_number, cast(day as varchar) as day, ${steps.join(", ")}
    from valued group by item, variant_number, day`;
}

type Steps = {steps: Row[]; exposures: Exposures; variants: KindRows["variants"]};

function accumulated({metric, centers, isExcluding}: Item, {steps, exposures, variants}: Steps): SeriesRow[] {
  const days = [...new Set([...exposures, ...steps].map(({day}) => String(day)))].filter(Boolean).sort();
  return variants.flatMap(({name}, variant) => {
    const total = {n: 0, s0: 0, s1: 0, q00: 0, q11: 0, q01: 0};
    const own = new Map(
      steps.filter((row) => Number(row.variant_number) === variant).map((row) => [row.day, row])
    );
    return days.map((day): SeriesRow => {
      const step = own.get(day);
      if (isExcluding) total.n += Number(step?.n ?? 0);
      else
        for (const row of exposures)
          if (row.variant === name && row.day === day) expose(total, row.units, centers);
      for (const key of ["s0", "s1", "q00", "q11", "q01"] as const) total[key] += Number(step?.[key] ?? 0);
      return {
        metric: metric.alias,
        day,
        variant: name,
        moments: momentsAt(total, centers, metric.denominator !== null)
      };
    });
  });
}

type Total = {n: number; s0: number; s1: number; q00: number; q11: number; q01: number};

// A unit without events is at zero, away from the center.
function expose(total: Total, units: number, [a, b]: [number, number]) {
  total.n += units;
  total.q00 += units * a * a;
  total.q11 += units * b * b;
  total.q01 += units * a * b;
}

function momentsAt({n, s0, s1, q00, q11, q01}: Total, [a, b]: [number, number], isRatio: boolean) {
  const means = [s0, s1].map((sum) => (n ? sum / n : 0));
  const around = (q: number, i: number, j: number) =>
    n > 1 ? (q - n * (means[i] - [a, b][i]) * (means[j] - [a, b][j])) / (n - 1) : 0;
  // Rounding may leave a variance of none a little below zero.
  const [x, y, xy] = [Math.max(0, around(q00, 0, 0)), Math.max(0, around(q11, 1, 1)), around(q01, 0, 1)];
  return isRatio
    ? {
        n,
        means,
        covariance: [
          [x, xy],
          [xy, y]
        ]
      }
    : {n, means: [means[0]], covariance: [[x]]};
}
