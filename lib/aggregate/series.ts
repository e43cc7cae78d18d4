// Moments until the end of each day, exactly: every unit's running total changes the sums by what is new. Squares are
// taken around the final mean, so that nothing is lost where the mean is large against the spread.

import type {ExposureCount, Metric, Precompute, SeriesRow} from "../types.js";
import type {DuckDB, Row} from "../warehouse/duckdb.js";
import {columnOfKind, type KindRows} from "./kind-rows.js";

type Exposures = Omit<ExposureCount, "jobId">[];
type Question = {
  metrics: Metric[];
  exposures: Exposures;
  precomputes: Omit<Precompute, "jobId">[];
  caps: Record<string, number>;
};

/**
 * Returns the moments of declared metrics over the units exposed until the end of each day (UTC), from their events
 * until then, in every variant: the last day's are those of the whole. `rows` are per unit, kind and day.
 */
export async function seriesOf(duckdb: DuckDB, rows: KindRows, question: Question): Promise<SeriesRow[]> {
  const {metrics, exposures, precomputes, caps} = question;
  const found: SeriesRow[] = [];
  for (const metric of metrics) {
    const centers = centersOf(metric, precomputes);
    const steps = await duckdb.rows(stepsQuery(rows, metric, {centers, cap: caps[metric.alias] ?? null}));
    found.push(...accumulated(metric, {steps, exposures, centers, variants: rows.variants}));
  }
  return found;
}

function centersOf({alias}: Metric, precomputes: Question["precomputes"]): [number, number] {
  const own = precomputes.filter(({metric}) => metric === alias);
  const mean = (of: (row: (typeof own)[number]) => number | null) =>
    own.reduce((sum, row) => sum + (of(row) ?? 0), 0) / Math.max(1, own.length);
  return [mean((row) => row.numeratorMean), mean((row) => row.denominatorMean)];
}

// What each day adds: to the sums, and to the squares and products around the centers.
function stepsQuery(
  rows: KindRows,
  {numerator, denominator}: Metric,
  {centers: [a, b], cap}: {centers: [number, number]; cap: number | null}
): string {
  const parts = [numerator, ...(denominator ? [denominator] : [])].map((part) => columnOfKind(rows, part));
  const totals = parts.flatMap(({kind, sums}, i) =>
    sums.map((column, j) => `sum(case when kind = ${kind} then ${column} else 0 end) as c${i}_${j}`)
  );
  const frame = "over (partition by uid order by day rows between unbounded preceding and";
  const running = parts.flatMap(({sums}, i) =>
    sums.flatMap((_, j) => [
      `sum(c${i}_${j}) ${frame} current row) as t${i}_${j}`,
      `coalesce(sum(c${i}_${j}) ${frame} 1 preceding), 0) as p${i}_${j}`
    ])
  );
  const values = parts.flatMap(({value}, i) =>
    (["t", "p"] as const).map((time) => {
      const sql = value((j) => `${time}${i}_${j}`);
      return `${i === 0 && cap !== null ? `least(${sql}, ${cap})` : sql} as ${time}${i}`;
    })
  );
  const product = (time: string, i: number, j: number) =>
    `(${time}${i} - ${[a, b][i]}) * (${time}${j} - ${[a, b][j]})`;
  const added = (i: number, j: number) => `sum(${product("t", i, j)} - ${product("p", i, j)})`;
  const steps = [
    "sum(t0 - p0) as s0",
    `${added(0, 0)} as q00`,
    ...(denominator ? ["sum(t1 - p1) as s1", `${added(1, 1)} as q11`, `${added(0, 1)} as q01`] : [])
  ];
  return `with days as (select uid, variant_number, day, ${totals.join(", ")}
      from ${rows.relation} where kind in (${parts.map(({kind}) => kind).join(", ")}) group by all),
    running as (select variant_number, day, ${running.join(", ")} from days),
    valued as (select variant_number, day, ${values.join(", ")} from running)
    select variant_number, cast(day as varchar) as day, ${steps.join(", ")} from valued group by all`;
}

type Steps = {
  steps: Row[];
  exposures: Exposures;
  centers: [number, number];
  variants: KindRows["variants"];
};

function accumulated(metric: Metric, {steps, exposures, centers: [a, b], variants}: Steps): SeriesRow[] {
  const days = [...new Set([...exposures, ...steps].map(({day}) => String(day)))].filter(Boolean).sort();
  return variants.flatMap(({name}, variant) => {
    const total = {n: 0, s0: 0, s1: 0, q00: 0, q11: 0, q01: 0};
    return days.map((day): SeriesRow => {
      for (const row of exposures)
        if (row.variant === name && row.day === day) expose(total, row.units, [a, b]);
      const step = steps.find((row) => Number(row.variant_number) === variant && row.day === day);
      for (const key of ["s0", "s1", "q00", "q11", "q01"] as const) total[key] += Number(step?.[key] ?? 0);
      return {
        metric: metric.alias,
        day,
        variant: name,
        moments: momentsAt(total, [a, b], metric.denominator !== null)
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
