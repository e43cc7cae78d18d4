import {startCalculation} from "../lib/calculate.js";
import {ConflictError, NotFoundError} from "../lib/errors.js";
import {jobById} from "../lib/store.js";
import type {Job} from "../lib/types.js";
import type {JobProgress} from "../lib/view-types.js";
import type {Progress} from "../lib/warehouse/connector.js";
import type {Workspace} from "../lib/workspace.js";

type Run = {controller: AbortController; end: Promise<void>; progress: Progress | null};

/**
 * Returns functions that run jobs in this process: a second request for an observation joins the job that runs, a
 * cancelled one stops at the engine, and a running one says how far it is; `told` hears of every start and end.
 */
export function jobQueue(workspace: Workspace, told: (job: Job) => void = () => {}) {
  const starting = new Map<number, Promise<Job>>();
  const runs = new Map<number, Run>();

  async function begin(observation: number): Promise<Job> {
    const controller = new AbortController();
    const state: {progress: Progress | null} = {progress: null};
    const onProgress = (progress: Progress) => void (state.progress = progress);
    const {job, run} = await startCalculation(workspace, observation, {
      signal: controller.signal,
      onProgress
    });
    const end = run.finally(() => {
      starting.delete(observation);
      runs.delete(job.id);
      told(jobById(workspace.store, job.id)!);
    });
    runs.set(job.id, Object.assign(state, {controller, end}));
    told(job);
    return job;
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
      const job = jobById(workspace.store, id);
      if (!job) throw new NotFoundError(`there is no job ${id}`, "load the page again");
      const run = runs.get(id);
      if (!run)
        throw new ConflictError(`job ${id} is not running: it is ${job.status}`, "load the page again");
      run.controller.abort();
      await run.end;
      return jobById(workspace.store, id)!;
    },
    withProgress: (job: Job): JobProgress => ({...job, progress: runs.get(job.id)?.progress ?? null}),
    async stop() {
      await Promise.allSettled(starting.values());
      for (const {controller} of runs.values()) controller.abort();
      await Promise.all([...runs.values()].map(({end}) => end));
    }
  };
}
