// What people change by forms: the fields of an experiment's file, read and checked by the same rules as the file.

import {refuseChanged, requireExperiment, requireObservation} from "./as-seen.js";
import {checkExperiment} from "./check-experiment.js";
import {planOf} from "./job-plan.js";
import {ConflictError, UserError} from "./errors.js";
import {
  parseExperiment,
  writtenExperiment,
  writtenObservation,
  type ExperimentFile
} from "./experiment-file.js";
import {aggregationsOf} from "./metrics.js";
import {sqlOf} from "./sql-of.js";
import {
  eventsOf,
  experimentById,
  experimentByName,
  jobsOf,
  observationById,
  observationByName,
  observationsOf,
  saveExperiment,
  saveObservation,
  trailOf,
  type SaveOptions
} from "./store.js";
import type {Experiment, Written} from "./types.js";
import type {EditedExperiment, Saved, SqlPreview} from "./view-types.js";
import {estimateWords} from "./warehouse/estimate.js";
import type {Workspace} from "./workspace.js";

/** What a form sends: fields as the file names them, and when the row it was made from was last changed. */
export type Edit = {fields: Written; updatedAt?: string | null};

type EditOptions = Pick<SaveOptions, "id" | "now" | "who">;

/** Returns an experiment as its form shows it, with its observations, oldest first, and their last jobs. */
export function editedExperiment({store}: Workspace, id: number): EditedExperiment {
  const experiment = requireExperiment(store, id);
  const observations = observationsOf(store, id).toSorted((a, b) => a.id - b.id);
  return {
    id,
    updatedAt: experiment.updatedAt,
    fields: writtenExperiment(experiment),
    events: eventsOf(store, id),
    trail: trailOf(store, id),
    observations: observations.map((observation) => ({
      id: observation.id,
      updatedAt: observation.updatedAt,
      fields: writtenObservation(observation),
      jobs: jobsOf(store, observation.id).slice(0, newestJobs)
    }))
  };
}

// What a history shows; older jobs are kept and not listed.
const newestJobs = 20;

/**
 * Returns the experiment's id, new or changed, and when that was. Throws a UserError that lists every problem, a ConflictError where
 * somebody changed it after the form was opened, or where the name is another's.
 */
export async function saveEditedExperiment(
  workspace: Workspace,
  {fields, updatedAt}: Edit,
  {id, now, who}: EditOptions = {}
): Promise<Saved> {
  const {store, config} = workspace;
  const file = parseExperiment({experiment: fields}, {defaultScenario: config.scenarios.default});
  await checkExperiment(file, workspace);
  return store
    .transaction(() => {
      if (id !== undefined) refuseChanged(requireExperiment(store, id), updatedAt, overwritten);
      refuseTaken(experimentByName(store, file.experiment.name), id);
      const saved = saveExperiment(store, file.experiment, {id, now, who});
      return {id: saved, updatedAt: experimentById(store, saved)!.updatedAt};
    })
    .immediate();
}

/** Returns the id of an observation, new or changed, and when that was; throws as saveEditedExperiment does. */
export async function saveEditedObservation(
  workspace: Workspace,
  experimentId: number,
  {fields, updatedAt}: Edit,
  {id, now, who}: EditOptions = {}
): Promise<Saved> {
  const {store} = workspace;
  const file = readObservation(workspace, requireExperiment(store, experimentId), fields);
  await checkExperiment(file, workspace);
  const [observation] = file.observations;
  return store
    .transaction(() => {
      if (id !== undefined)
        refuseChanged(requireObservation(store, experimentId, id), updatedAt, overwritten);
      refuseTaken(observationByName(store, experimentId, observation.name), id);
      const saved = saveObservation(store, {...observation, experimentId}, {id, now, who});
      return {id: saved, updatedAt: observationById(store, saved)!.updatedAt};
    })
    .immediate();
}

/** Returns the SQL an observation would run, and what the warehouse says it will read; throws a UserError where it cannot be rendered. */
export async function previewObservation(
  workspace: Workspace,
  experimentId: number,
  fields: Written
): Promise<SqlPreview> {
  const experiment = requireExperiment(workspace.store, experimentId);
  // Who has not named it yet may see its SQL already.
  const file = readObservation(workspace, experiment, {...fields, name: fields.name || "New observation"});
  await checkExperiment(file, workspace);
  const observation = {...file.observations[0], id: 0, experimentId, createdAt: "", updatedAt: ""};
  const {sql, metrics} = await planOf(workspace, experiment, observation);
  return {
    sql,
    metrics: metrics.map(({title}) => title),
    aggregations: aggregationsOf(metrics).length,
    ...(await estimateOf(workspace, await sqlOf(workspace.config, observation, metrics)))
  };
}

// An engine that refuses it, or is not reached, is no reason to withhold the SQL.
async function estimateOf(
  {config}: Workspace,
  sql: string
): Promise<Pick<SqlPreview, "estimate" | "refusal">> {
  try {
    return {estimate: await estimateWords(config, sql), refusal: null};
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return {estimate: "", refusal: {error: error.message, hint: error.hint}};
  }
}

function readObservation({config}: Workspace, {name}: Experiment, fields: Written): ExperimentFile {
  return parseExperiment(
    {experiment: {name}, observations: [fields]},
    {defaultScenario: config.scenarios.default}
  );
}

const overwritten =
  "open this page in another tab to see it, then save your changes there: nothing has been overwritten";

function refuseTaken(other: {id: number; name: string} | null, id?: number) {
  if (other && other.id !== id)
    throw new ConflictError(`the name ${other.name} is taken`, "choose another name");
}
