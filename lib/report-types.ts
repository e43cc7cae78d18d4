// What a report is made of: plain JSON that holds all a page needs to answer questions, and a hash of all of it.

import type {Cells} from "./stats/cells.js";
import type {PublishedReading, PublishedTable} from "./stats/published.js";
import type {Instant} from "./types.js";
import type {ResultsView} from "./view-types.js";

/** Where a report was opened from, edited and published again. */
export type Origin = {name: string; hash: string; link: string};

/** A metric's definition as the job used it, and what names this very text. */
export type Definition = {
  alias: string;
  yaml: string;
  /** File and line, where the registry still says the same. */
  source: string | null;
  /** The commit that last touched the file; null where there is no Git, or the text is not the committed one. */
  commit: string | null;
  /** SHA-256 of the YAML. */
  content: string;
};

/** How cells too small to be published were put together. */
export type Guard = {minimum: number; cells: number; merged: number; days: number};

export type ReportBundle = {
  format: 1;
  /** What Results shows, without what only a server can answer; series and the days of cells stand in `days` and `cells`. */
  view: Omit<ResultsView, "series" | "siblings" | "latest" | "hasCells" | "stale" | "staleMetrics">;
  /** Moments by day: cells crossed by the variant and the day alone. */
  days: Cells | null;
  /** Moments in the crossings of dimensions, none below the minimum. */
  cells: Cells | null;
  guard: Guard;
  reading: PublishedReading;
  /** The table as it was published. */
  published: PublishedTable;
  definitions: Definition[];
  /** What the job was made by; null for one from before that was kept. */
  madeBy: {expanto: string; engine: string} | null;
  /** SHA-256 of what was asked: the observation, the statistics, the reading, the minimum. */
  settings: string;
  origin: Origin | null;
  /** SHA-256 of the canonical JSON of all of the above. */
  hash: string;
};

/** One line of the index: what a report found, small enough to hold hundreds. */
export type IndexEntry = {
  experiment: number;
  /** The report's file beside the index. */
  file: string;
  name: string;
  status: string;
  owner: string | null;
  conclusion: string | null;
  hypotheses: string | null;
  start: Instant | null;
  end: Instant | null;
  units: number;
  days: number | null;
  isReadable: boolean;
  control: string;
  effects: IndexedEffect[];
  planned: {units: number | null; day: number | null; lift: number} | null;
  job: {id: number; createdAt: Instant};
  hash: string;
};

export type IndexedEffect = {
  metric: string;
  title: string;
  role: "primary" | "secondary" | "guardrail" | "other";
  goal: "increase" | "decrease" | null;
  treatment: string;
  lift: number | null;
  low: number | null;
  high: number | null;
  error: number | null;
  verdict: string | null;
};
