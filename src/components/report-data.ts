// What a published page carries: JSON in a script element that no browser runs.

import type {IndexEntry, ReportBundle} from "../../lib/report-types.js";
import type {SeriesRow} from "../../lib/types.js";
import type {ResultsView} from "../../lib/view-types.js";
import {momentsIn, type Cells} from "../stats/cells.js";

/** Returns the report this page was published with; null on the empty page reports are made from. */
export const reportHere = (): ReportBundle | null => dataHere("report-data");

/** Returns the reports the index lists; none before one is published. */
export const entriesHere = (): IndexEntry[] => dataHere("reports-data") ?? [];

function dataHere<T>(id: string): T | null {
  const text = document.getElementById(id)?.textContent;
  return text ? (JSON.parse(text) as T) : null;
}

/** Returns a report as Results shows one. */
export function viewOf({view, days, cells}: ReportBundle): ResultsView {
  const series = days ? seriesOf(days) : [];
  return {
    ...view,
    series,
    siblings: [],
    latest: null,
    hasCells: cells !== null,
    stale: null,
    staleMetrics: []
  };
}

function seriesOf(days: Cells): SeriesRow[] {
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
