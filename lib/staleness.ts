// Which numbers of a job no longer answer their observation as it is now, and why.

import {definitionsOf, sourceOf} from "./run-plan.js";
import {planCalculation, planOf, type Plan} from "./job-plan.js";
import {explain} from "./errors.js";
import {writtenObservation} from "./experiment-file.js";
import {definitionHash} from "./metrics.js";
import {inputsOf, seriesOf} from "./store.js";
import type {Job, JobInputs, Metric, Observation} from "./types.js";
import type {Workspace} from "./workspace.js";

/** Why a job is out of date, in words, and the metrics whose numbers would be others now, by alias. */
export type Staleness = {why: string; metrics: string[]};

/** Returns what of a job no longer answers its observation; null where all of it does. */
export async function staleness(workspace: Workspace, job: Job): Promise<Staleness | null> {
  // Moments that came with a report are not those of this workspace's data.
  if (job.facts.origin) return null;
  const inputs = inputsOf(workspace.store, job.id);
  const all = inputs?.metrics.map(({alias}) => alias) ?? [];
  try {
    const plan = await planCalculation(workspace, job.observationId);
    const isAsThen =
      plan.sql === job.query &&
      job.facts.definitions === (job.facts.definitions && definitionsOf(plan.metrics));
    if (!isAsThen && !inputs)
      return {
        why: "the observation, its metrics or its templates have changed since this was calculated",
        metrics: plan.metrics.map(({alias}) => alias)
      };
    const changed = isAsThen ? null : await changesOf(workspace, {job, plan, inputs: inputs!});
    const isOtherData = job.facts.source && job.facts.source !== (await sourceOf(workspace.config));
    return isOtherData
      ? {
          why: [
            ...(changed ? [changed.why] : []),
            "the warehouse's data has changed since this was calculated"
          ].join("; "),
          metrics: all
        }
      : changed;
  } catch (error) {
    return {why: `it could not be calculated again now: ${explain(error).message}`, metrics: []};
  }
}

type Then = {job: Job; plan: Plan; inputs: JobInputs};

async function changesOf(workspace: Workspace, {job, plan, inputs}: Then): Promise<Staleness> {
  const all = inputs.metrics.map(({alias}) => alias);
  const settings = changedSettings(inputs.observation, plan.observation);
  const since = "since this was calculated";
  if (settings.length)
    return {why: `the observation has changed ${since}: ${settings.join(", ")}`, metrics: all};
  if ((await queryAsNow(workspace, {job, plan, inputs})) !== job.query)
    return {why: `the templates have changed ${since}`, metrics: all};
  const {changed, added, gone} = changedMetrics(inputs.metrics, plan.metrics);
  const what = [
    ...(changed.length ? [`the definition of ${names(changed)} has changed ${since}`] : []),
    ...(added.length ? [`not yet calculated: ${names(added)}`] : []),
    ...(gone.length ? [`no longer asked for: ${names(gone)}`] : [])
  ];
  return {
    why:
      what.join("; ") || `the experiment decides by other metrics ${since}: their days are not followed yet`,
    metrics: changed.map(({alias}) => alias)
  };
}

// What only names a thing, or chooses metrics, makes no number another.
const namesOnly = ["name", "metric_tags", "metric_groups"];

function changedSettings(then: JobInputs["observation"], observation: Observation): string[] {
  const now = writtenObservation(observation);
  const fields = [...new Set([...Object.keys(then), ...Object.keys(now)])];
  return fields
    .filter((field) => !namesOnly.includes(field))
    .filter((field) => JSON.stringify(then[field] ?? null) !== JSON.stringify(now[field] ?? null))
    .map((field) => field.replaceAll("_", " "));
}

// The job's own metrics by today's templates: another text means that the templates are others.
async function queryAsNow({config, store}: Workspace, {job, plan, inputs}: Then): Promise<string> {
  const metrics = inputs.metrics.map((metric): Metric => ({
    ...metric,
    source: {file: "", line: 0, column: 0}
  }));
  const registry = {metrics, byAlias: new Map(metrics.map((metric) => [metric.alias, metric]))};
  const keyMetrics = [...new Set(seriesOf(store, job.id).map(({metric}) => metric))];
  const experiment = {...plan.experiment, keyMetrics, guardrails: []};
  const every = {...plan.observation, metricTags: [], metricGroups: []};
  return (await planOf({config, registry}, experiment, every)).sql;
}

const asDefined = (metric: Omit<Metric, "source">): Metric => ({
  ...metric,
  source: {file: "", line: 0, column: 0}
});

function changedMetrics(then: JobInputs["metrics"], now: Metric[]) {
  const before = new Map(then.map((metric) => [metric.alias, definitionHash(asDefined(metric))]));
  return {
    changed: now.filter(
      (metric) => before.has(metric.alias) && before.get(metric.alias) !== definitionHash(metric)
    ),
    added: now.filter(({alias}) => !before.has(alias)),
    gone: then.filter(({alias}) => !now.some((metric) => metric.alias === alias))
  };
}

// Three at most, then how many more.
function names(metrics: {title: string}[]): string {
  const titles = metrics.slice(0, 3).map(({title}) => title);
  const more = metrics.length - titles.length;
  return `${titles.join(", ")}${more ? ` and ${more} more` : ""}`;
}
