// What is measured: each metric's definition, where it is used, what it showed, and what another formula would show.

import {z} from "zod";
import {aggregateCells} from "./aggregate/cells.js";
import {planOf} from "./job-plan.js";
import {describeProblem, NotFoundError, UserError} from "./errors.js";
import {metricYaml} from "./metrics/written.js";
import {validateMetricText} from "./metrics.js";
import {openUnits} from "./open-units.js";
import {cellsIn, momentsIn} from "./stats/cells.js";
import {checkMoments} from "./stats/moments.js";
import {
  experimentById,
  jobsOfMetric,
  latestCompletedJob,
  listExperiments,
  observationById,
  observationsOf
} from "./store.js";
import type {Experiment, Metric} from "./types.js";
import type {MetricDetail, MetricEntry, MetricTrial} from "./view-types.js";
import {infoOf, metricMoments, trafficOfJob} from "./views.js";
import type {Workspace} from "./workspace.js";

/** Returns every metric of the registry with the number of experiments that decide by it. */
export function metricEntries({registry, store}: Workspace): MetricEntry[] {
  const uses = new Map<string, number>();
  for (const {keyMetrics, guardrails} of listExperiments(store))
    for (const alias of new Set([...keyMetrics, ...guardrails])) uses.set(alias, (uses.get(alias) ?? 0) + 1);
  return registry.metrics.map((metric) => ({
    ...pick(metric),
    usedBy: uses.get(metric.alias) ?? 0
  }));
}

const pick = ({alias, title, type, group, owner, tags, description}: Metric) => ({
  alias,
  title,
  type,
  group,
  owner,
  tags,
  description
});

/** Results that a history shows; the newest. */
const longestHistory = 40;

/** Returns one metric with its definition, who uses it, and what it showed in each experiment's first calculated observation. */
export function metricDetail(workspace: Workspace, alias: string): MetricDetail {
  const {registry, store, config} = workspace;
  const metric = registry.byAlias.get(alias);
  if (!metric) throw new NotFoundError(`there is no metric ${alias}`, "the catalogue lists what there is");
  const usedBy = listExperiments(store).flatMap(({id, name, status, ...experiment}) => {
    const {role} = infoOf(metric, experiment);
    return role === "other" ? [] : [{id, name, status, role}];
  });
  const {file, line} = metric.source;
  return {
    metric: infoOf(metric, {keyMetrics: [], guardrails: []}),
    source: `${file}:${line}`,
    yaml: metricYaml(metric),
    usedBy,
    history: historyOf(workspace, alias),
    defaults: config.statistics
  };
}

function historyOf(workspace: Workspace, alias: string): MetricDetail["history"] {
  const {store} = workspace;
  const found: MetricDetail["history"] = [];
  const seen = new Set<number>();
  for (const job of jobsOfMetric(store, alias)) {
    const observation = observationById(store, job.observationId);
    const experiment = observation && experimentById(store, observation.experimentId);
    if (!experiment || seen.has(experiment.id) || job.id !== mainJob(workspace, experiment)) continue;
    seen.add(experiment.id);
    const row = metricMoments(workspace, {experiment, observation, job}).find(
      (each) => each.metric.alias === alias
    );
    if (row)
      found.push({
        experiment,
        observation: observation.id,
        job: job.id,
        row,
        ...trafficOfJob(workspace, experiment, job.id)
      });
    if (found.length === longestHistory) break;
  }
  return found;
}

function mainJob({store}: Workspace, {id}: Experiment): number | null {
  const ids = observationsOf(store, id)
    .map((observation) => observation.id)
    .sort((a, b) => a - b);
  for (const each of ids) {
    const job = latestCompletedJob(store, each);
    if (job) return job.id;
  }
  return null;
}

export const trialQuestion = z.strictObject({
  text: z.string().max(50_000),
  observation: z.number().int().positive()
});

/**
 * Returns what the metrics of a YAML text come to on an observation's cached units, with the SQL it takes; nothing is
 * kept. Throws a UserError for text that is not sound, with its lines, or units that are not there.
 */
export async function tryMetrics(
  workspace: Workspace,
  {text, observation: id}: z.output<typeof trialQuestion>
): Promise<MetricTrial> {
  const {store, config} = workspace;
  const observation = observationById(store, id);
  if (!observation)
    throw new NotFoundError(`there is no observation ${id}`, "the Observations page lists what there is");
  const experiment = experimentById(store, observation.experimentId)!;
  const metrics = await soundMetrics(text);
  const registry = {metrics, byAlias: new Map(metrics.map((metric) => [metric.alias, metric]))};
  const own = {...experiment, keyMetrics: [], guardrails: []};
  const every = {...observation, metricTags: [], metricGroups: []};
  const {sql} = await planOf({config, registry}, own, every);
  const units = await openUnits(workspace, observation, metrics);
  try {
    const {duckdb, shape, columns, source} = units;
    const cells = await aggregateCells(duckdb, source, {
      shape,
      columns,
      metrics,
      dimensions: [],
      byDay: false
    });
    if (!cells) throw new UserError("there are too many variants", "check the observation");
    const all = cellsIn(cells, {});
    return {
      experiment,
      job: units.job.id,
      sql,
      defaults: config.statistics,
      metrics: metrics.map((metric) => {
        const kept = cells.metrics.find(({alias}) => alias === metric.alias)!;
        const arms = momentsIn(cells, kept, all).map((moments, v) => {
          const reason = moments
            ? checkMoments(metric.type, moments)
            : "no unit of this variant was measured";
          return {variant: cells.variants[v], moments: reason === null ? moments : null, reason};
        });
        return {metric: infoOf(metric, experiment), arms};
      })
    };
  } finally {
    await units.close();
  }
}

async function soundMetrics(text: string): Promise<Metric[]> {
  const {metrics, problems} = await validateMetricText(text, "what you typed");
  const errors = problems.filter(({severity}) => severity === "error");
  if (errors.length)
    throw new UserError(
      errors.map((problem) => describeProblem(problem)).join("\n"),
      "docs/metrics.md tells every field"
    );
  if (!metrics.length)
    throw new UserError("there is no metric in what you typed", "metrics: is a list of metrics");
  return metrics;
}
