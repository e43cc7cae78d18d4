// Moments by day as cells: columns are a fifth of the size of rows.

import {pairsOf, type CellMetric, type Cells} from "../stats/cells.js";
import type {SeriesRow} from "../types.js";

/** Returns a job's moments by day as cells, without the days on which a variant has fewer units than a minimum, and how many those are. */
export function guardedDays(
  series: SeriesRow[],
  {variants, minimum}: {variants: string[]; minimum: number}
): {days: Cells | null; leftOut: number} {
  const all = [...new Set(series.map(({day}) => day))].sort();
  const rows = new Map(series.map((row) => [`${row.metric} ${row.day} ${row.variant}`, row]));
  const aliases = [...new Set(series.map(({metric}) => metric))];
  const isLarge = (day: string) =>
    aliases.every((alias) =>
      variants.every((variant) => (rows.get(`${alias} ${day} ${variant}`)?.moments.n ?? 0) >= minimum)
    );
  const days = all.filter(isLarge);
  const leftOut = all.length - days.length;
  if (!days.length) return {days: null, leftOut};
  const cells = days.flatMap((day, d) => variants.map((variant, v) => ({day, d, variant, v})));
  const metrics = aliases.map(
    (alias) =>
    columnsOf(alias, cells.map(({day, variant}) => rows.get(`${alias} ${day} ${variant}`)!.moments)) // prettier-ignore
  );
  return {
    days: {
      variants,
      keys: [{name: "day", values: days}],
      variant: cells.map(({v}) => v),
      at: [cells.map(({d}) => d)],
      units: metrics[0].n!,
      metrics
    },
    leftOut
  };
}

function columnsOf(alias: string, moments: SeriesRow["moments"][]): CellMetric {
  const width = moments[0].means.length;
  return {
    alias,
    n: moments.map(({n}) => n),
    means: moments[0].means.map((_, i) => moments.map(({means}) => means[i])),
    products: pairsOf(width).map(([i, j]) => moments.map(({n, covariance}) => covariance[i][j] * (n - 1)))
  };
}
