import type {Progress} from "./warehouse/connector.js";

/** How far a job is: the warehouse's progress, under the name of what is being done. */
export type JobStage = Omit<Progress, "phase"> & {phase: string};

/** Returns what names the stages of a job, and what hears the warehouse's progress under those names. */
export function stages(onProgress: ((progress: JobStage) => void) | undefined) {
  let stage = "";
  return {
    tell(next: string) {
      stage = next;
      onProgress?.({phase: stage, share: null, rows: 0});
    },
    heard({phase, ...progress}: Progress) {
      onProgress?.({...progress, phase: phase === "running" ? stage : phase});
    }
  };
}
