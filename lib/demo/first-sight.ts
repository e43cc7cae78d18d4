import {join, resolve} from "node:path";
import {calculate} from "../calculate.js";
import {UserError} from "../errors.js";
import {applyExperimentFile, parseExperiment} from "../experiment-file.js";
import {listExperiments, observationsOf} from "../store.js";
import type {Instant} from "../types.js";
import type {Workspace} from "../workspace.js";
import {demoExperiments} from "./experiments.js";
import {isDemoFresh, makeDemo} from "./make.js";

/** Returns whether this workspace is one that nobody has used yet and that looks at the demo's warehouse. */
export function needsDemo({config, store}: Workspace): boolean {
  const isDemo = resolve(config.warehouse.path) === join(config.folders.data, "demo");
  return isDemo && !listExperiments(store).length;
}

/** Makes the demo's data, describes its experiments and calculates those that have data; says what it does. */
export async function firstSight(
  workspace: Workspace,
  {say, now = new Date().toISOString()}: {say: (text: string) => void; now?: Instant}
) {
  const {config, store} = workspace;
  const today = now.slice(0, 10);
  if (!(await isDemoFresh(config.warehouse.path))) {
    const started = performance.now();
    await makeDemo(config.warehouse.path, {today});
    say(`Demo data made: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  }
  for (const file of demoExperiments(today)) applyExperimentFile(store, parseExperiment(file), {now});
  const begun = listExperiments(store).filter(({status}) => status !== "planned");
  for (const experiment of begun) {
    for (const observation of observationsOf(store, experiment.id)) {
      const job = await calculate(workspace, observation.id);
      if (job.status !== "completed")
        throw new UserError(
          `the demo's ${experiment.name} could not be calculated: ${job.error}`,
          "delete the folder .expanto and start again"
        );
      say(
        `Calculated ${experiment.name}, ${observation.name}: ${((job.facts.durationMs ?? 0) / 1000).toFixed(1)} s`
      );
    }
  }
}
