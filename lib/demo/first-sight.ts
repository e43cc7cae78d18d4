import {join, resolve} from "node:path";
import {calculate} from "../calculate.js";
import {UserError} from "../errors.js";
import {applyExperimentFile, parseExperiment} from "../experiment-file.js";
import {listExperiments, observationsOf} from "../store.js";
import type {Config} from "../config/types.js";
import type {Experiment, Instant, Observation} from "../types.js";
import type {Workspace} from "../workspace.js";
import {demoExperiments} from "./experiments.js";
import {isDemoFresh, makeDemo, readDemo} from "./make.js";

/** Returns whether this workspace is one that nobody has used yet and that looks at the demo's warehouse. */
export function needsDemo({config, store}: Workspace): boolean {
  const isDemo =
    config.warehouse.type === "duckdb" &&
    resolve(config.warehouse.path) === join(config.folders.data, "demo");
  return isDemo && !listExperiments(store).length;
}

const demoFolder = ({folders}: Config): string => join(folders.data, "demo");

/** Makes the demo's data, describes its experiments and calculates those that have data; says what it does. */
export async function firstSight(
  workspace: Workspace,
  {say, now = new Date().toISOString()}: {say: (text: string) => void; now?: Instant}
) {
  const today = await demoDay(demoFolder(workspace.config), {say, now});
  for (const file of demoExperiments(today))
    applyExperimentFile(workspace.store, parseExperiment(file), {now});
  for (const experiment of listExperiments(workspace.store)) {
    for (const observation of observationsOf(workspace.store, experiment.id))
      await calculateOne(workspace, {experiment, observation, say});
  }
}

// Data that is already there keeps its own day: the experiments must lie where their events are.
async function demoDay(
  folder: string,
  {say, now}: {say: (text: string) => void; now: Instant}
): Promise<string> {
  const made = (await isDemoFresh(folder)) ? await readDemo(folder) : null;
  if (made) return made.today;
  const started = performance.now();
  const {today, events} = await makeDemo(folder, {today: now.slice(0, 10)});
  say(
    `Made the demo shop, ${events.toLocaleString("en-US")} events: ${seconds(performance.now() - started)}`
  );
  return today;
}

type Step = {experiment: Experiment; observation: Observation; say: (text: string) => void};

async function calculateOne(workspace: Workspace, {experiment, observation, say}: Step) {
  const job = await calculate(workspace, observation.id);
  if (job.status !== "completed") {
    throw new UserError(
      `the demo's ${experiment.name} could not be calculated: ${job.error}`,
      "delete the folder .expanto and start again"
    );
  }
  say(`Calculated ${experiment.name}, ${observation.name}: ${seconds(job.facts.durationMs ?? 0)}`);
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
