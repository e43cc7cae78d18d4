// What the server's addresses ask of the rest.

import type {z} from "zod";
import type {FileQuestion} from "../lib/analyze/results.js";
import type {baselineQuestion} from "../lib/baseline.js";
import type {Edit} from "../lib/editing.js";
import type {Move, planToKeep} from "../lib/lifecycle.js";
import type {trialQuestion} from "../lib/metric-catalogue.js";
import type {SliceQuestion} from "../lib/slice.js";
import type {Cells} from "../lib/stats/cells.js";
import type {Experiment, Job, Variant, Written} from "../lib/types.js";
import type * as views from "../lib/view-types.js";
import type {Chat} from "../agents/assistant.js";
import type {Access} from "./access/access.js";
import type {ChangeFeed} from "./changes.js";
import type {Log} from "./log.js";
import type {PublishedAt} from "./publisher.js";

type Answer<T> = T | Promise<T>;

/** Who asked for a change. */
export type By = {who: string | null};

/** When what is to be deleted was last changed, as whoever asks for it has seen it. */
type Seen = {updatedAt: string};

/** What the app asks of the rest: plain functions, and the folder of the built site. */
export type AppParts = {
  experimentCards: () => Answer<views.ExperimentCard[]>;
  resultsView: (observation: number | "latest") => Answer<views.ResultsView>;
  calculate: (observation: number) => Answer<Job>;
  cancel: (job: number) => Answer<Job>;
  jobById: (id: number) => Answer<Job | views.JobProgress>;
  catalogue: () => Answer<views.Catalogue>;
  metricEntries: () => Answer<views.MetricEntry[]>;
  metricDetail: (alias: string) => Answer<views.MetricDetail>;
  tryMetrics: (asked: z.output<typeof trialQuestion>) => Answer<views.MetricTrial>;
  editedExperiment: (id: number) => Answer<views.EditedExperiment>;
  saveExperiment: (edit: Edit, by: By & {id?: number}) => Answer<views.Saved>;
  saveObservation: (experiment: number, edit: Edit, by: By & {id?: number}) => Answer<views.Saved>;
  preview: (experiment: number, fields: Written) => Answer<views.SqlPreview>;
  jobView: (job: number) => Answer<views.JobView>;
  moveExperiment: (id: number, move: Move, by: By) => Answer<views.Saved>;
  keepPlan: (id: number, kept: z.output<typeof planToKeep>, by: By) => Answer<void>;
  /** Stops at the warehouse when the asker leaves. */
  planningBaseline: (
    asked: z.output<typeof baselineQuestion>,
    gone: AbortSignal
  ) => Answer<views.PlanningBaseline>;
  consequences: (id: number) => Answer<{observations: number; jobs: number}>;
  deleteExperiment: (id: number, by: By & Seen) => Answer<void>;
  deleteObservation: (which: {experiment: number; id: number}, by: By & Seen) => Answer<void>;
  deleted: () => Answer<views.DeletedThing[]>;
  restore: (thing: Pick<views.DeletedThing, "kind" | "id">, by: By) => Answer<void>;
  /** Tells open pages of changes. */
  hear: ChangeFeed["hear"];
  declareVariants: (experiment: number, variants: Variant[], by: By) => Answer<Experiment>;
  /** Gzipped JSON of a job's cells. */
  cells: (job: number) => Answer<Buffer>;
  slice: (observation: number, asked: SliceQuestion) => Answer<{job: number; cells: Cells}>;
  fileColumns: (file: string) => Answer<views.FileColumns>;
  fileResults: (file: string, asked: FileQuestion) => Answer<views.FileResults>;
  overlaps: (observation: number) => Answer<views.Overlap[]>;
  crossUnits: (observation: number, asked: {with: number; metrics: string[]}) => Answer<views.CrossedUnits>;
  audit: (observation: number, asked: {metric: string; confidence: number}) => Answer<views.AuditAnswer>;
  chat: Chat;
  publish: (observation: number, by: By) => Answer<PublishedAt>;
  /** Why the server cannot do its work at this moment; null where it can. */
  unready?: () => string | null;
  /** Throws where what is changed would be answered and lost. */
  requireKept?: () => void;
  /** How people come in; without it nobody has to say who they are. */
  access?: Access;
  log?: Log;
  site: string;
  /** The folder reports are published in. */
  reports: string;
};
