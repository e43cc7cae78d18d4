import {cacheFolder} from "./cache.js";
import {pruneCache} from "./cache-report.js";
import {redactor} from "./config/secrets.js";
import {explain} from "./errors.js";
import {writtenObservation} from "./experiment-file.js";
import {planCalculation, type Plan} from "./job-plan.js";
import {revisionsOf} from "./metrics/revisions.js";
import {thisProcess} from "./process.js";
import {runPlan, type Asking} from "./run-plan.js";
import {completeJob, createJob, jobById, markJob, packOf} from "./store.js";
import {traced} from "./trace.js";
import type {Config} from "./config/types.js";
import type {Instant, Job, JobFacts, JobInputs, Observation} from "./types.js";
import {lineOf} from "./warehouse/error.js";
import type {Workspace} from "./workspace.js";

export type CalculateOptions = Omit<Asking, "now"> & {
  now?: () => Instant;
  /** Waits until the job may run, and returns what says that it has ended; until then the job is pending. */
  turn?: (observation: Observation) => Promise<() => void>;
};

type Running = CalculateOptions & Asking;

/**
 * Returns the finished job of an observation: completed with its precomputes stored, failed with the
 * warehouse's own words, or cancelled when the signal aborts. Throws a UserError where there is nothing to
 * run: an unknown observation, a template that does not render.
 */
export async function calculate(
  workspace: Workspace,
  observationId: number,
  options: CalculateOptions = {}
): Promise<Job> {
  const {job, run} = await startCalculation(workspace, observationId, options);
  await run;
  return jobById(workspace.store, job.id)!;
}

/** Returns a job that runs, or waits for its turn, and a promise that settles, without throwing, when it has ended. */
export async function startCalculation(
  workspace: Workspace,
  observationId: number,
  {now = () => new Date().toISOString(), ...options}: CalculateOptions = {}
): Promise<{job: Job; run: Promise<void>}> {
  const plan = await planCalculation(workspace, observationId);
  const id = createJob(workspace.store, {
    observationId,
    query: plan.sql,
    status: options.turn ? "pending" : "running",
    process: thisProcess(),
    now: now()
  });
  return {
    job: jobById(workspace.store, id)!,
    run: traced("job", {name: "calculate", job: id}, () => execute(workspace, id, plan, {...options, now}))
  };
}

async function execute(workspace: Workspace, id: number, plan: Plan, running: Running) {
  const {signal, now, turn} = running;
  const {store} = workspace;
  let started = performance.now();
  const elapsed = () => Math.round(performance.now() - started);
  let release = () => {};
  try {
    if (turn) {
      release = await turn(plan.observation);
      started = performance.now();
      markJob(store, id, {status: "running"});
    }
    const {aggregated, facts} = await runPlan(workspace, plan, running);
    const {precomputes, exposures, series, cells} = aggregated;
    await pruneToLimit(workspace.config);
    completeJob(store, id, {
      precomputes,
      exposures,
      series,
      cells: await packOf(cells ?? null),
      inputs: await packOf(await inputsOfPlan(plan, workspace.config)),
      facts: {...facts, durationMs: elapsed()},
      now: now()
    });
  } catch (error) {
    const {message, hint} = explained(error, workspace.config);
    const status = signal?.aborted ? "cancelled" : "failed";
    const line = lineOf(plan.sql, message);
    const facts: JobFacts = {durationMs: elapsed(), ...(hint && {hint}), ...(line && {line})};
    markJob(store, id, {
      status,
      error: status === "cancelled" ? "cancelled before it finished" : message,
      facts
    });
  } finally {
    release();
  }
}

function explained(error: unknown, config: Config) {
  const {message, hint} = explain(error);
  const redact = redactor(config);
  return {message: redact(message), hint: hint && redact(hint)};
}

async function pruneToLimit(config: Config) {
  const {limit} = config.cache;
  if (limit !== null) await pruneCache(cacheFolder(config), {bytes: limit});
}

async function inputsOfPlan({observation, metrics}: Plan, {folders}: Config): Promise<JobInputs> {
  return {
    observation: writtenObservation(observation),
    metrics: metrics.map(({source: _, ...definition}) => definition),
    revisions: await revisionsOf(folders.metrics, metrics)
  };
}
