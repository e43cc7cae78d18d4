// What a plan starts from where no experiment has run: every unit of a window as one group, by the templates of calculations.

import {z} from "zod";
import {metricsOf} from "./job-plan.js";
import {runPlan} from "./run-plan.js";
import {checkExperiment} from "./check-experiment.js";
import {UserError} from "./errors.js";
import {parseExperiment} from "./experiment-file.js";
import {sqlOf} from "./sql-of.js";
import {momentsOfPrecompute} from "./stats/moments.js";
import type {Experiment, Instant} from "./types.js";
import type {PlanningBaseline} from "./view-types.js";
import {infoOf} from "./views.js";
import type {Workspace} from "./workspace.js";
import {own} from "./stats/own.js";

export const baselineQuestion = z.strictObject({fields: z.record(z.string(), z.unknown())});

/**
 * Returns the moments of every metric over all units of a window, whatever their experiment, and when they came.
 * Throws a UserError for fields that are no observation's, and in the warehouse's words where its query fails.
 */
export async function planningBaseline(
  workspace: Workspace,
  {fields}: z.output<typeof baselineQuestion>,
  {signal, now = () => new Date().toISOString()}: {signal?: AbortSignal; now?: () => Instant} = {}
): Promise<PlanningBaseline> {
  const {config, registry} = workspace;
  const file = parseExperiment(
    {experiment: {name: "planning"}, observations: [{...fields, name: "Baseline"}]},
    {defaultScenario: config.scenarios.default}
  );
  await checkExperiment(file, workspace);
  const observation = {...file.observations[0], id: 0, experimentId: 0, createdAt: "", updatedAt: ""};
  const experiment: Experiment = {...file.experiment, id: 0, createdAt: "", updatedAt: ""};
  const metrics = metricsOf(experiment, observation, registry.metrics);
  if (!metrics.length)
    throw new UserError("there is no metric to plan with", "docs/metrics.md tells how to write one");
  const sql = await sqlOf(config, observation, metrics, "planning");
  const plan = {experiment, observation, metrics, sql, pieces: null};
  const {aggregated, facts} = await runPlan(workspace, plan, {signal, now});
  return {
    sql,
    units: aggregated.exposures.reduce((sum, {units}) => sum + units, 0),
    exposures: aggregated.exposures.map(({day, units}) => ({day, units})),
    defaults: config.statistics,
    metrics: metrics.map((metric) => {
      const row = aggregated.precomputes.find((each) => each.metric === metric.alias);
      const read = row ? momentsOfPrecompute(row) : null;
      const moments = read && "moments" in read ? read.moments : null;
      const reason =
        own(facts.refused, metric.alias) ?? (read && "reason" in read ? read.reason : "no unit was measured");
      const arm = {variant: planningGroup, moments, reason: moments ? null : reason};
      return {metric: infoOf(metric, experiment), arms: [arm]};
    })
  };
}

/** The name templates give the one group of a planning query. */
const planningGroup = "planning";
