// What a published page carries: JSON in a script element that no browser runs.

import type {IndexEntry, ReportBundle} from "../../lib/report-types.js";
import type {ResultsView} from "../../lib/view-types.js";
import {rowsByDay} from "../stats/days.js";

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
  const series = days ? rowsByDay(days) : [];
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
