// The effect by the day on which units came, from cells: each day's own units, or all that had come until then.

import type {ResultsView} from "../../lib/view-types.js";
import type {Cells, Slice} from "../stats/cells.js";
import {findingsOf, type FindingOptions} from "../stats/analysis.js";
import type {DailyEffect} from "./over-time.js";
import {slicedView} from "../stats/segments.js";

export type CohortQuestion = FindingOptions & {
  treatment: string;
  slice: Slice;
  /** Whether a day counts all units that had come until its end. */
  isCumulative: boolean;
};

/** Returns the lift of one metric by day of first exposure, of the units in a slice, from all their events; days without an interval are left out. */
export function effectsByCohort(
  view: ResultsView,
  cells: Cells,
  alias: string,
  {slice, isCumulative, treatment, ...options}: CohortQuestion
): DailyEffect[] {
  const metrics = view.metrics.filter(({metric}) => metric.alias === alias);
  const all = cells.keys.find(({name}) => name === "day")?.values.toSorted() ?? [];
  const days = all.filter((day) => slice.day?.includes(day) ?? true);
  return days.flatMap((day, i) => {
    const kept = {...slice, day: isCumulative ? days.slice(0, i + 1) : [day]};
    const [row] = findingsOf(slicedView({...view, metrics}, cells, kept).metrics, {
      ...options,
      correction: null,
      scale: "relative"
    });
    const {value, low, high} = row[options.treatments.indexOf(treatment)].effect?.lift ?? nothing;
    return [value, low, high].every((x) => x !== null && Number.isFinite(x))
      ? [{day: new Date(day), value: value!, low: low!, high: high!}]
      : [];
  });
}

const nothing = {value: null, low: null, high: null};
