// What an observation is calculated by: its metrics, and the SQL that asks for them.

import {command} from "./command.js";
import {NotFoundError} from "./errors.js";
import {filterMetrics} from "./metrics.js";
import type {PiecePlan} from "./pieces.js";
import {piecePlanOf, sqlOf, textOfPieces} from "./sql-of.js";
import {experimentById, observationById} from "./store.js";
import type {Experiment, Metric, Observation} from "./types.js";
import {refreshMetrics, type Workspace} from "./workspace.js";

export type Plan = {
  experiment: Experiment;
  observation: Observation;
  metrics: Metric[];
  sql: string;
  /** How it is calculated in pieces; null where the scenario gives one row a unit, or moments, by one query. */
  pieces: PiecePlan | null;
};

/** Returns what one observation is calculated by; throws a UserError where it is unknown or its templates do not render. */
export async function planCalculation(workspace: Workspace, observationId: number): Promise<Plan> {
  await refreshMetrics(workspace);
  const {store} = workspace;
  const observation = observationById(store, observationId);
  if (!observation)
    throw new NotFoundError(`there is no observation ${observationId}`, `${command} calculate lists them`);
  return planOf(workspace, experimentById(store, observation.experimentId)!, observation);
}

/** Returns what an observation, saved or not, is calculated by; throws a UserError where its templates do not render. */
export async function planOf(
  {config, registry}: Pick<Workspace, "config" | "registry">,
  experiment: Experiment,
  observation: Observation
): Promise<Plan> {
  const metrics = metricsOf(experiment, observation, registry.metrics);
  const isHere = config.warehouse.type === "duckdb" && config.results === "units";
  const followed = followedOf(experiment, metrics);
  const pieces = isHere ? await piecePlanOf(config, observation, {metrics, followed}) : null;
  const sql = pieces ? await textOfPieces(pieces) : await sqlOf(config, observation, metrics);
  return {experiment, observation, metrics, sql, pieces};
}

/** Returns the metrics an observation shows: those of its tags and groups (all, without any), with the experiment's own. */
export function metricsOf(
  {keyMetrics, guardrails}: Pick<Experiment, "keyMetrics" | "guardrails">,
  {metricTags, metricGroups}: Observation,
  metrics: Metric[]
): Metric[] {
  const own = new Set([...keyMetrics, ...guardrails]);
  const chosen = new Set(
    metricTags.length || metricGroups.length
      ? filterMetrics(metrics, {tags: orAll(metricTags), groups: orAll(metricGroups)})
      : metrics
  );
  return metrics.filter((metric) => chosen.has(metric) || own.has(metric.alias));
}

/** Returns the metrics that are kept day by day: the experiment's own. */
const followedOf = (
  {keyMetrics, guardrails}: Pick<Experiment, "keyMetrics" | "guardrails">,
  metrics: Metric[]
) => metrics.filter(({alias}) => keyMetrics.includes(alias) || guardrails.includes(alias));

const orAll = (names: string[]) => (names.length ? names : undefined);
