// What pages are told: the answers of the server, made of the product's nouns.

import type {LeftOut} from "./analyze/rows.js";
import type {Cells} from "./stats/cells.js";
import type {Period, Planned} from "./stats/periods.js";
import type {Moments} from "./stats/types.js";
import type {
  ExperimentEvent,
  ExposureCount,
  Experiment,
  Instant,
  Job,
  JobInputs,
  JobStatus,
  KeptPlan,
  Metric,
  Observation,
  SeriesRow,
  StatisticsDefaults,
  TrailEntry,
  Written
} from "./types.js";

/** What a page needs to know of a metric. */
export type MetricInfo = Pick<
  Metric,
  | "alias"
  | "title"
  | "type"
  | "group"
  | "description"
  | "owner"
  | "tags"
  | "goal"
  | "margin"
  | "cap"
  | "quantile"
  | "format"
> & {
  role: "primary" | "secondary" | "guardrail" | "other";
  numerator: string;
  denominator: string | null;
};

/** One metric with its moments in every variant that has any; a variant without lawful moments says why. */
export type MetricMoments = {
  metric: MetricInfo;
  arms: {variant: string; moments: Moments | null; reason: string | null}[];
};

/** Everything the Results page shows: one observation, one job, never two. */
export type ResultsView = {
  experiment: Experiment;
  observation: Observation;
  /** Every observation of the experiment, for the page's own navigation. */
  siblings: {id: number; name: string}[];
  job: Job | null;
  /** The newest attempt where it is not the job shown: still running, failed or cancelled. */
  latest: Job | null;
  /** Why the job shown no longer answers the observation as it is now; null where it does. */
  stale: string | null;
  /** The metrics whose numbers would be others now, by alias; of a job that is stale. */
  staleMetrics: string[];
  metrics: MetricMoments[];
  exposures: Omit<ExposureCount, "jobId">[];
  /** The times between changes of the planned shares and pauses; one where nothing changed while it ran. */
  periods: Period[];
  /** The shares that were planned for these units. */
  planned: Planned;
  /** Day by day, of the experiment's own metrics where they can be added over days. */
  series: SeriesRow[];
  /** Whether the job keeps its moments by the crossings of the observation's dimensions too. */
  hasCells: boolean;
  /** What happened to the experiment, oldest first. */
  events: ExperimentEvent[];
  plan: KeptPlan | null;
  defaults: StatisticsDefaults;
};

/** An experiment and its observations as forms show them, with their newest jobs; updatedAt tells whether somebody changed them meanwhile. */
export type EditedExperiment = {
  id: number;
  updatedAt: Instant;
  fields: Written;
  events: ExperimentEvent[];
  /** The last changes of it and its observations, newest first. */
  trail: TrailEntry[];
  observations: {id: number; updatedAt: Instant; fields: Written; jobs: Job[]}[];
};

/** One line of the catalogue of metrics; usedBy counts the experiments that decide by it. */
export type MetricEntry = Pick<
  Metric,
  "alias" | "title" | "type" | "group" | "owner" | "tags" | "description"
> & {
  usedBy: number;
};

/** All that is known of one metric: its definition, where it decides, and what it showed, newest first. */
export type MetricDetail = {
  metric: MetricInfo;
  /** File and line. */
  source: string;
  yaml: string;
  usedBy: {id: number; name: string; status: Experiment["status"]; role: MetricInfo["role"]}[];
  history: {
    experiment: Experiment;
    observation: number;
    job: number;
    row: MetricMoments;
    units: {variant: string; units: number}[];
    planned: ExperimentCard["planned"];
  }[];
  defaults: StatisticsDefaults;
};

/** What metrics nobody keeps come to on the units of a job. */
export type MetricTrial = {
  experiment: Experiment;
  job: number;
  sql: string;
  metrics: MetricMoments[];
  defaults: StatisticsDefaults;
};

/** A completed job by itself: its numbers, and what it was made of (null: before that was kept). */
export type JobView = {view: ResultsView; inputs: JobInputs | null};

/** What open pages are told: something of an experiment is other than it was. */
export type Change = {
  kind: "experiment" | "observation" | "job";
  experiment: number;
  observation: number | null;
  job: number | null;
  /** How the job stands. */
  status: JobStatus | null;
};

/** What is deleted and can be brought back until a while after deletedAt. */
export type DeletedThing = {kind: "experiment" | "observation"; id: number; name: string; deletedAt: Instant};

/** What was saved, and its time, by which the next change is told from somebody else's. */
export type Saved = {id: number; updatedAt: Instant};

/** The SQL of an observation that may not be saved yet, and what running it will take. */
export type SqlPreview = {
  sql: string;
  /** Their titles. */
  metrics: string[];
  aggregations: number;
  /** What the engine says it will read, in a sentence; empty where it refuses. */
  estimate: string;
  /** Why the engine would not run it, or is not reached, and what to do. */
  refusal: {error: string; hint: string | null} | null;
};

/** What forms offer to choose from. */
export type Catalogue = {
  metrics: {alias: string; title: string; group: string; tags: string[]}[];
  scenarios: string[];
  defaultScenario: string;
};

/** What a plan starts from: metrics over all units of a window as one variant, and when those came. */
export type PlanningBaseline = {
  sql: string;
  units: number;
  metrics: MetricMoments[];
  exposures: Pick<ExposureCount, "day" | "units">[];
  defaults: StatisticsDefaults;
};

/** A job with how far it is, while it runs. */
export type JobProgress = Job & {progress: {phase: string; share: number | null; rows: number} | null};

/** One line of the Experiments page. */
export type ExperimentCard = {
  experiment: Experiment;
  observation: {id: number; name: string} | null;
  job: Pick<Job, "id" | "status" | "createdAt" | "error"> | null;
  primary: MetricMoments | null;
  /** Guardrails that are clearly worse in a treatment, by title. */
  worse: {treatment: string; title: string}[];
  units: {variant: string; units: number}[];
  /** The share planned for each variant over these units; it may have changed while they came. */
  planned: Planned["all"];
  /** When the plan that is kept with it was made. */
  keptAt: Instant | null;
  defaults: StatisticsDefaults;
};

/** What a file holds, and what its columns look like: a guess that a person confirms. */
export type FileColumns = {
  rows: number;
  columns: {
    name: string;
    type: string;
    /** Different values, at most as many as a variant may have. */
    values: string[] | null;
    looksLike: "unit" | "variant" | "mean" | "proportion" | null;
  }[];
};

/** The results of a file that nobody keeps, and what no number counts of it. */
export type FileResults = {view: ResultsView; left: LeftOut};

/** Another experiment that units of an observation may be in at the same time. */
export type Overlap = {experiment: Experiment; observation: number};

/** The units that are in two experiments, in cells by the variant of the second; the job is that of the first. */
export type CrossedUnits = {job: number; cells: Cells};

/** What shuffling an observation's units found of one metric, in every treatment. */
export type AuditAnswer = {
  results: {variant: string; tested: number; rejections: number; histogram: number[]; sentence: string}[];
  /** Why the metric could not be audited, by its alias. */
  refused: Record<string, string>;
};
