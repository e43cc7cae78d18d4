import type {AuditAnswer, Experiment, ExperimentCard, Job, ResultsView, Variant} from "../../lib/types.js";
import type {Cells} from "../stats/cells.js";

/** Where the server answers, and where its pages stand; the only place that says so. */
const base = "/api/";
export const experimentsPage = "/";
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

/** Returns a job's moments in cells. */
export const fetchCells = (job: number) => ask<Cells>(`jobs/${job}/cells`);

/** Returns the experiment with its variants declared; shares need not sum to one. */
export function declareVariants(experiment: number, variants: Variant[]): Promise<Experiment> {
  const body = JSON.stringify({variants});
  return ask(`experiments/${experiment}/variants`, {
    method: "POST",
    body,
    headers: {"Content-Type": "application/json"}
  });
}

/** Returns what 2,000 shuffles of an observation's units make of a metric's own test. */
export function auditObservation(
  observation: number,
  {metric, confidence}: {metric: string; confidence: number}
): Promise<AuditAnswer> {
  const body = JSON.stringify({metric, confidence});
  return ask(`observations/${observation}/audit`, {
    method: "POST",
    body,
    headers: {"Content-Type": "application/json"}
  });
}

/** Returns the observation a page's address names, or "latest". */
export function observationOf({pathname}: Pick<Location, "pathname">): string {
  return /\/results\/(\d+)\/?$/.exec(pathname)?.[1] ?? "latest";
}

/** Returns the job once it has ended; tells of every state on the way. */
export async function calculate(observation: number, tell: (job: Job) => void): Promise<Job> {
  return await ended(await ask<Job>(`observations/${observation}/calculate`, {method: "POST"}), tell);
}

/** Returns a job once it has ended, asking for it every second. */
export async function ended(job: Job, tell: (job: Job) => void): Promise<Job> {
  tell(job);
  if (job.status !== "pending" && job.status !== "running") return job;
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return await ended(await ask<Job>(`jobs/${job.id}`), tell);
}

async function ask<T>(path: string, options?: RequestInit): Promise<T> {
  const response = await reach(path, options);
  if (response.ok) return (await response.json()) as T;
  const {error, hint} = await response.json().catch(() => ({error: response.statusText, hint: null}));
  throw new Failure(error, hint);
}

async function reach(path: string, options?: RequestInit): Promise<Response> {
  try {
    return await fetch(base + path, options);
  } catch {
    throw new Failure("the server does not answer", "start it with npm start, then load this page again");
  }
}
