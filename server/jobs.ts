import {startCalculation} from "../lib/calculate.js";
import {ConflictError, explain, NotFoundError} from "../lib/errors.js";
import type {JobStage} from "../lib/job-stages.js";
import {jobById, markJob} from "../lib/store.js";
import type {Job} from "../lib/types.js";
import type {JobProgress} from "../lib/view-types.js";
import type {Workspace} from "../lib/workspace.js";
import {openLog, type Log} from "./log.js";
import {turns} from "./turns.js";

type Run = {controller: AbortController; end: Promise<void>; progress: JobStage | null};

/** Who hears of a job's start and end; how many run at once; where it is logged. */
export type QueueOptions = {
  told?: (job: Job) => void;
  atOnce?: number;
  log?: Log;
};

/**
 * Returns functions that run jobs in this process, so many at once and the others in turn: a second request for an
 * observation joins the job that runs or waits, a cancelled one stops at the engine, and a running one says how far it is.
 */
export function jobQueue(
  workspace: Workspace,
  {told = () => {}, atOnce = 2, log = openLog()}: QueueOptions = {}
) {
  const {store} = workspace;
  const inTurn = turns(atOnce);
  const starting = new Map<number, Promise<Job>>();
  const runs = new Map<number, Run>();
  // Jobs whose end could not be kept, as on a full disk, by what was wrong.
  const unkept = new Map<number, string>();
  let isStopped = false;

  async function begin(observation: number): Promise<Job> {
    if (isStopped) throw new ConflictError("the server is stopping", "calculate it when it runs again");
    keepEnds();
    const controller = new AbortController();
    const {signal} = controller;
    const state: {progress: JobStage | null} = {progress: null};
    const onProgress = (progress: JobStage) => void (state.progress = progress);
    const {job, run} = await startCalculation(workspace, observation, {
      signal,
      onProgress,
      turn: ({experimentId}) => inTurn(experimentId, signal)
    });
    const end = run
      .catch((error: unknown) => {
        log.error({job: job.id, err: error}, "the end of a job could not be kept");
        unkept.set(job.id, explain(error).message);
      })
      .then(() => {
        starting.delete(observation);
        runs.delete(job.id);
        const {status, error, facts} = current(job.id)!;
        log.info({job: job.id, observation, status, error, ms: facts.durationMs}, "job ended");
        told(current(job.id)!);
      })
      // A database that cannot be read at this moment must not end the server.
      .catch((error: unknown) => log.error({job: job.id, err: error}, "the end of a job could not be told"));
    runs.set(job.id, Object.assign(state, {controller, end}));
    log.info({job: job.id, observation}, "job asked for");
    told(job);
    return job;
  }

  function keepEnds() {
    for (const [id, error] of unkept) {
      markJob(store, id, {status: "failed", error});
      unkept.delete(id);
    }
  }

  function current(id: number): Job | null {
    const job = jobById(store, id);
    const error = unkept.get(id);
    return job && error ? {...job, status: "failed", error} : job;
  }

  return {
    calculate(observation: number): Promise<Job> {
      if (!starting.has(observation)) {
        const job = begin(observation);
        starting.set(observation, job);
        job.catch(() => starting.delete(observation));
      }
      return starting.get(observation)!;
    },
    async cancel(id: number): Promise<Job> {
      const job = current(id);
      if (!job) throw new NotFoundError(`there is no job ${id}`, "load the page again");
      const run = runs.get(id);
      if (!run)
        throw new ConflictError(`job ${id} is not running: it is ${job.status}`, "load the page again");
      run.controller.abort();
      await run.end;
      return current(id)!;
    },
    withProgress: (job: Job): JobProgress => ({
      ...(current(job.id) ?? job),
      progress: runs.get(job.id)?.progress ?? null
    }),
    isStopping: () => isStopped,
    /** Cancels what waits, lets what runs finish until the signal aborts, then cancels it too. */
    async stop(patience = AbortSignal.abort()) {
      isStopped = true;
      await Promise.allSettled(starting.values());
      const cancelAll = () => [...runs.values()].forEach(({controller}) => controller.abort());
      for (const [id, {controller}] of runs) if (jobById(store, id)?.status === "pending") controller.abort();
      if (patience.aborted) cancelAll();
      else patience.addEventListener("abort", cancelAll, {once: true});
      await Promise.all([...runs.values()].map(({end}) => end));
    }
  };
}
