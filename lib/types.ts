// The nouns of the product, named once. Field names are ours; names on disk (YAML keys, template
// variables, SQLite columns) are translated at the door: metrics.ts, templates.ts, store.

import type {PrecomputeRow} from "./stats/moments.js";
import type {Alternative, MetricType, Moments} from "./stats/types.js";

/** A moment in time as ISO 8601 text in UTC, such as "2025-10-01T00:00:00.000Z". */
export type Instant = string;

/** A place in a file a person can open; line and column count from 1. */
export type Place = {file: string; line: number; column: number};

/** What one unit's events are reduced to; a unit without a value counts as zero or is left out. */
export type UserAggregation = {
  alias: string;
  /** The formula; of a declared aggregation, what says the same where the event's name is in event_name. */
  sql: string;
  missing: "zero" | "exclude";
  declared?: DeclaredAggregation;
};

/** An aggregation by what it counts: events of a name (null: any) that a condition allows, and a column of theirs. */
export type DeclaredAggregation = {
  agg: "count" | "sum" | "max" | "min" | "flag" | "distinct";
  event: string | null;
  value: string | null;
  where: string | null;
};

/** Where values above a limit count as the limit: a number, or the value below which this share of all units lies. */
export type Cap = {at: number} | {share: number};

export type Metric = {
  alias: string;
  title: string;
  /** The YAML's `avg` is `mean` here; a proportion with a denominator is a `ratio`. */
  type: MetricType;
  group: string;
  description: string | null;
  owner: string | null;
  tags: string[];
  /** The good direction; without one a verdict says higher or lower, uncoloured. */
  goal: "increase" | "decrease" | null;
  /** The harm that is allowed where the metric is a guardrail: a positive lift such as 0.01. */
  margin?: number | null;
  /** Limits the numerator of every unit. */
  cap?: Cap | null;
  /** Of type quantile: the share of units at or below the metric's value. */
  quantile?: number | null;
  /** How values are written: options of Intl.NumberFormat. */
  format: Intl.NumberFormatOptions;
  numerator: UserAggregation;
  denominator: UserAggregation | null;
  source: Place;
};

export const experimentStatuses = ["planned", "running", "paused", "completed", "cancelled"] as const;
export type ExperimentStatus = (typeof experimentStatuses)[number];
export const jobStatuses = ["pending", "running", "completed", "failed", "cancelled"] as const;
export type JobStatus = (typeof jobStatuses)[number];

/** One arm of an experiment; allocation is its expected share of units, a fraction. */
export type Variant = {name: string; allocation: number; isControl: boolean};

export type Experiment = {
  id: number;
  name: string;
  status: ExperimentStatus;
  description: string | null;
  hypotheses: string | null;
  /** Aliases; the first is the primary metric, the others secondary. */
  keyMetrics: string[];
  guardrails: string[];
  design: string | null;
  conclusion: string | null;
  owner: string | null;
  start: Instant | null;
  end: Instant | null;
  /** Empty where nobody declared them yet: then there is no control and no verdict. */
  variants: Variant[];
  createdAt: Instant;
  updatedAt: Instant;
};

/** A plan as it was kept with an experiment: what it should see, and what that was said to take. */
export type KeptPlan = {
  metrics: {alias: string; title: string; units: number | null; day: number | null}[];
  lift: number;
  power: number;
  confidence: number;
  /** Control first; they need not sum to 1. */
  shares: number[];
  side: Alternative;
  corrected: boolean;
  cuped: boolean;
  sequential: boolean;
  /** Of the metric that takes longest; null where one of them has none. */
  units: number | null;
  day: number | null;
  source: string;
  keptAt: Instant;
};

export const experimentEventKinds = ["status", "allocation"] as const;

/** Something that happened to an experiment: its status, or its variants with their shares, before and after. */
export type ExperimentEvent = {
  kind: (typeof experimentEventKinds)[number];
  before: unknown;
  after: unknown;
  /** Why, in somebody's words. */
  words: string | null;
  at: Instant;
};

export const trailKinds = [
  ...experimentEventKinds,
  "edit",
  "create",
  "delete",
  "restore",
  "plan",
  "publish"
] as const;

/** One change of an experiment, or of one of its observations: which fields, from what to what, when and by whom. */
export type TrailEntry = Omit<ExperimentEvent, "kind"> & {
  kind: (typeof trailKinds)[number];
  /** As it was called then; null where the experiment itself was changed. */
  observation: {id: number; name: string} | null;
  /** Null where it is not known, as of what was made before anybody was asked. */
  who: string | null;
};

/** One way of looking at an experiment: who is counted, when, and what is measured. */
export type Observation = {
  id: number;
  experimentId: number;
  name: string;
  /** The experiment's name in the warehouse's assignments. */
  dbExperimentName: string;
  /** The column that names the randomised unit, such as user_id. */
  splitId: string;
  scenario: string;
  /** Windows are half-open: start ≤ t < end. */
  exposureStart: Instant | null;
  exposureEnd: Instant | null;
  calcStart: Instant | null;
  calcEnd: Instant | null;
  exposureEvent: string | null;
  audienceTables: string[];
  /** Conditions on assignments; each stands in parentheses of its own. */
  filters: string[];
  /** Conditions on events; they never remove a unit. */
  eventFilters: string[];
  customTestIdsQuery: string | null;
  metricTags: string[];
  metricGroups: string[];
  /** Columns of the assignment that split the result. */
  dimensions: string[];
  /** Days before each unit's exposure from which covariates are taken; 0 takes none. */
  preDays: number;
  /** Days after each unit's exposure in which its events count; 0 counts them to the end of the window. */
  horizonDays: number;
  createdAt: Instant;
  updatedAt: Instant;
};

/** What a job says of its execution, kept in calculation_jobs.extra. */
export type JobFacts = {
  durationMs?: number;
  /** Unit rows (or moment rows) the query returned. */
  rows?: number;
  /** Units seen in more than one variant: counted, and left out of every number. */
  crossovers?: number;
  /** Units whose variant the experiment does not declare, by that name. */
  undeclared?: Record<string, number>;
  /** Metrics without lawful moments, by alias, and why. */
  refused?: Record<string, string>;
  /** What capped metrics were limited to, by alias. */
  caps?: Record<string, number>;
  /** Metrics whose variance one unit carries for the most part: in which variant, and the share. */
  dominance?: Record<string, Dominance>;
  /** Units of every variant in every value of a dimension, before any join with events. */
  splits?: DimensionUnits[];
  /** What decides the metrics' numbers, as one hash. */
  definitions?: string;
  /** What names the source of the data, as a hash: another one makes the job stale. */
  source?: string;
  /** The content address of the cached user aggregates. */
  cacheKey?: string;
  cacheHit?: boolean;
  /** Pieces of the cache that were there, and those that were computed. */
  pieces?: {found: number; made: number};
  /** What the warehouse said it would read, where all of it had to be asked for. */
  bytes?: number;
  /** Events before this instant had been counted by an earlier job, and were not read again. */
  since?: Instant;
  /** What was counted from the beginning all the same, and why: everything, or aggregations by alias. */
  whole?: Record<string, string>;
  hint?: string;
  /** The process that calculates it, as thisProcess() names it. */
  process?: string;
  /** The line of the job's query, from 1, that its error points to. */
  line?: number;
  /** The program and the engines that made the numbers. */
  madeBy?: {expanto: string; engine: string};
  /** The report whose moments these are, where they were not calculated here. */
  origin?: {name: string; hash: string; link: string};
};

/** A share of a variant's variance that one unit carries. */
export type Dominance = {variant: string; share: number};

export type DimensionUnits = {dimension: string; value: string; variant: string; units: number};

export type Job = {
  id: number;
  observationId: number;
  status: JobStatus;
  query: string;
  error: string | null;
  facts: JobFacts;
  createdAt: Instant;
};

/** What a job was made of, as it was then. */
export type JobInputs = {
  observation: Written;
  metrics: Omit<Metric, "source">[];
  /** By alias; absent in a job from before they were kept. */
  revisions?: Record<string, Revision>;
};

/** Where a metric's text stood, as file:line, and the commit that last touched it; null where none holds this text. */
export type Revision = {source: string; commit: string | null};

/** The moments of one metric in one variant, as the table precomputes keeps them. */
export type Precompute = PrecomputeRow & {jobId: number; variant: string; metric: string; title: string};

/** Moments of one metric in one variant over the units exposed until the end of a day (UTC), from their events until then. */
export type SeriesRow = {metric: string; day: string; variant: string; moments: Moments};

/** Units of one variant first exposed on one day (UTC, "2025-10-01"), before any join with events. */
export type ExposureCount = {jobId: number; variant: string; day: string; units: number};

/** Fields as an experiment's file names them. */
export type Written = Record<string, unknown>;

export type StatisticsDefaults = {
  confidence: number;
  power: number;
  /** A sample ratio mismatch is called below this p. */
  srmThreshold: number;
  /** n* of always-valid intervals: the units over both arms at which they are tightest. */
  sequentialUnits: number;
};

/** Who reads, who also changes, and who also deletes and lets people in; each may do what those before may. */
export const roles = ["viewer", "analyst", "admin"] as const;
export type Role = (typeof roles)[number];

/** Who asks, under the name that the trail keeps. */
export type Person = {name: string; role: Role};
