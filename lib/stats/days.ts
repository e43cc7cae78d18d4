// Moments by day, kept as cells that are crossed by variant and day alone, told row by row.

import {momentsIn, type Cells} from "./cells.js";
import type {Moments} from "./types.js";

export type DayRow = {metric: string; day: string; variant: string; moments: Moments};

/** Returns one row a metric, day and variant. */
export function rowsByDay(days: Cells): DayRow[] {
  const [{values}] = days.keys;
  return days.metrics.flatMap((metric) =>
    days.variant.flatMap((v, cell) => {
      const moments = momentsIn(days, metric, [cell])[v];
      return moments
        ? [{metric: metric.alias, day: values[days.at[0][cell]], variant: days.variants[v], moments}]
        : [];
    })
  );
}
