import type {Experiment, Job, KeptPlan, Variant, Written} from "../../lib/types.js";
import type {
  AuditAnswer,
  Catalogue,
  CrossedUnits,
  DeletedThing,
  EditedExperiment,
  ExperimentCard,
  FileColumns,
  FileResults,
  JobProgress,
  JobView,
  MetricDetail,
  MetricEntry,
  MetricTrial,
  Overlap,
  PlanningBaseline,
  ResultsView,
  Saved,
  SqlPreview
} from "../../lib/view-types.js";
import type {Cells} from "../stats/cells.js";

/** Where the server answers, and where its pages stand; the only place that says so. */
const base = "/api/";
export const experimentsPage = "/";
export const experimentPage = (id: number) => `/?experiment=${id}`;
export const observationsPage = (experiment: number) => `/observations?experiment=${experiment}`;
export const metricsPage = "/metrics";
export const metricPage = (alias: string) => `/metrics?metric=${encodeURIComponent(alias)}`;
export const comparePage = (experiment: number, {from, to}: {from?: number; to?: number} = {}) =>
  `/compare?${new URLSearchParams({experiment: String(experiment), ...(from && {from: String(from)}), ...(to && {to: String(to)})})}`;
export const resultsPage = (observation: number) => `/results/${observation}`;

/** An answer that is not what was asked for, in the server's own words. */
export class Failure extends Error {
  readonly hint: string | null;
  constructor(message: string, hint: string | null) {
    super(message);
    this.hint = hint;
  }
}

/** Returns every experiment, one card each. */
export const fetchExperiments = () => ask<ExperimentCard[]>("experiments");

/** Returns what one observation's page shows, or the newest's. */
export const fetchResults = (observation: string) => ask<ResultsView>(`results/${observation}`);

/** Returns one completed job with what it was made of. */
export const fetchJob = (id: number) => ask<JobView>(`jobs/${id}/results`);

/** Returns what forms offer to choose from. */
export const fetchCatalogue = () => ask<Catalogue>("catalogue");

/** Returns every metric there is. */
export const fetchMetrics = () => ask<MetricEntry[]>("metrics");

/** Returns what is known of one metric. */
export const fetchMetric = (alias: string) => ask<MetricDetail>(`metrics/${encodeURIComponent(alias)}`);

/** Returns what the metrics of a YAML text come to on an observation's units. */
export const tryMetrics = (text: string, observation: number) =>
  send<MetricTrial>("POST", "metrics/try", {text, observation});

/** Returns an experiment with its observations as forms show them. */
export const fetchEdited = (experiment: number) => ask<EditedExperiment>(`experiments/${experiment}`);

type Edit = {fields: Written; updatedAt?: string | null};

/** Saves an experiment, new or by its id. */
export const saveExperiment = (edit: Edit, id?: number) =>
  id ? send<Saved>("PUT", `experiments/${id}`, edit) : send<Saved>("POST", "experiments", edit);

/** Saves an observation of an experiment, new or by its id. */
export function saveObservation(experiment: number, edit: Edit, id?: number): Promise<Saved> {
  const path = `experiments/${experiment}/observations`;
  return id ? send("PUT", `${path}/${id}`, edit) : send("POST", path, edit);
}

/** Returns the SQL an observation would run. */
export const previewObservation = (experiment: number, fields: Written) =>
  send<SqlPreview>("POST", `experiments/${experiment}/preview`, {fields});

export type LifecycleAction = "start" | "pause" | "resume" | "complete" | "cancel" | "reopen";
type Move = {action: LifecycleAction; words: string | null; updatedAt: string};

/** Takes an experiment a step further; refused in words where something is missing. */
export const moveExperiment = (id: number, step: Move) =>
  send<Saved>("POST", `experiments/${id}/status`, step);

/** Keeps a plan with an experiment. */
export const keepPlan = (id: number, plan: KeptPlan, replaces: string | null) =>
  send<void>("PUT", `experiments/${id}/plan`, {plan, replaces});

/** Returns the metrics of all units of a window, whatever their experiment, by an observation's fields. */
export const fetchBaseline = (fields: Written, signal?: AbortSignal) =>
  send<PlanningBaseline>("POST", "planning", {fields}, signal);

/** Returns how much goes with an experiment when it is deleted. */
export const fetchConsequences = (id: number) =>
  ask<{observations: number; jobs: number}>(`experiments/${id}/consequences`);

/** What is to be deleted, as it was seen: nothing is where somebody has changed it since. */
type Seen = {id: number; updatedAt: string};

/** Deletes an experiment; it can be brought back for a while. */
export const deleteExperiment = ({id, updatedAt}: Seen) =>
  ask<void>(`experiments/${id}?${new URLSearchParams({updatedAt})}`, {method: "DELETE"});

/** Deletes an observation; it can be brought back for a while. */
export const deleteObservation = (experiment: number, {id, updatedAt}: Seen) =>
  ask<void>(`experiments/${experiment}/observations/${id}?${new URLSearchParams({updatedAt})}`, {
    method: "DELETE"
  });

/** Returns what was deleted and can be brought back. */
export const fetchDeleted = () => ask<DeletedThing[]>("deleted");

/** Brings back what was deleted. */
export const restoreDeleted = ({kind, id}: DeletedThing) => send<void>("POST", "deleted/restore", {kind, id});

/** Starts an observation's job; an unfinished one is returned instead. */
export const calculate = (observation: number) =>
  ask<Job>(`observations/${observation}/calculate`, {method: "POST"});

/** Publishes an observation's report, and returns where it can be read. */
export const publish = (observation: number) =>
  ask<{address: string}>(`observations/${observation}/publish`, {method: "POST"});

/** Stops a job at the engine, and returns it as it ended. */
export const cancelJob = (id: number) => ask<Job>(`jobs/${id}/cancel`, {method: "POST"});

/** Returns a job's moments in cells. */
export const fetchCells = (job: number) => ask<Cells>(`jobs/${job}/cells`);

/** Returns metrics (null: all) in cells of an observation's cached units, those that a condition keeps, under another cap where one is given, and the job those units are of. */
export const askUnits = (
  observation: number,
  asked: {where?: string | null; metrics: string[] | null; by: string[]; cap?: number | "none" | null}
) => send<{job: number; cells: Cells}>("POST", `observations/${observation}/slice`, asked);

/** Returns the other experiments that units of an observation may be in at the same time. */
export const fetchOverlaps = (observation: number) => ask<Overlap[]>(`observations/${observation}/overlaps`);

/** Returns metrics of the units that are in two observations, by the variants of both. */
export const crossUnits = (observation: number, asked: {with: number; metrics: string[]}) =>
  send<CrossedUnits>("POST", `observations/${observation}/crossing`, asked);

/** Returns what a person's file holds; nothing of it is kept. */
export const fetchFileColumns = (file: File) => sendFile<FileColumns>("files/columns", file);

/** What is asked of a file; without a unit every row is one. */
export type FileQuestion = {
  unit: string | null;
  variant: string;
  control: string;
  means: string[];
  proportions: string[];
  ratios: string[];
  lowerIsBetter: string[];
  aggregate: boolean;
};

/** Returns the results of a person's file; nothing of it is kept. */
export const fetchFileResults = (file: File, question: FileQuestion) =>
  sendFile<FileResults>("files/results", file, {question: JSON.stringify(question)});

/** Returns the experiment with its variants declared; shares need not sum to one. */
export const declareVariants = (experiment: number, variants: Variant[]) =>
  send<Experiment>("POST", `experiments/${experiment}/variants`, {variants});

/** Returns what 2,000 shuffles of an observation's units make of a metric's own test. */
export const auditObservation = (observation: number, asked: {metric: string; confidence: number}) =>
  send<AuditAnswer>("POST", `observations/${observation}/audit`, asked);

/** Returns the observation a page's address names, or "latest". */
export function observationOf({pathname}: Pick<Location, "pathname">): string {
  return /\/results\/(\d+)\/?$/.exec(pathname)?.[1] ?? "latest";
}

/** Returns a job once it has ended, asking for it twice a second; tells of every state on the way. */
export async function ended(job: Job, tell: (job: Job | JobProgress) => void): Promise<Job> {
  tell(job);
  if (job.status !== "pending" && job.status !== "running") return job;
  await new Promise((resolve) => setTimeout(resolve, 500));
  return await ended(await ask<JobProgress>(`jobs/${job.id}`), tell);
}

const send = <T>(method: "POST" | "PUT", path: string, body: unknown, signal?: AbortSignal) =>
  ask<T>(path, {method, body: JSON.stringify(body), headers: {"Content-Type": "application/json"}, signal});

const sendFile = <T>(path: string, file: File, query: Record<string, string> = {}) =>
  ask<T>(`${path}?${new URLSearchParams({name: file.name, ...query})}`, {method: "POST", body: file});

async function ask<T>(path: string, options?: RequestInit): Promise<T> {
  const response = await reach(path, options);
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
  const {error, hint} = await response.json().catch(() => ({error: response.statusText, hint: null}));
  throw new Failure(error, hint);
}

async function reach(path: string, options?: RequestInit): Promise<Response> {
  try {
    return await fetch(base + path, options);
  } catch {
    if (options?.signal?.aborted) throw new Failure("stopped", null);
    throw new Failure(
      "the server does not answer",
      "start it again, or tell whoever runs it; then load this page again"
    );
  }
}
