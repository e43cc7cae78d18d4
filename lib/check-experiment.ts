import {nearest, UserError} from "./errors.js";
import type {ExperimentFile} from "./experiment-file.js";
import {metricsOf} from "./job-plan.js";
import type {Registry} from "./metrics.js";
import {sqlOf} from "./sql-of.js";
import type {Config} from "./config/types.js";

/**
 * Throws a UserError that lists all in an experiment's file that could never be calculated: metrics, tags, groups and
 * scenarios that nobody defines, filters that are refused, names that cannot stand in SQL.
 */
export async function checkExperiment({experiment, observations}: ExperimentFile, checked: Checked) {
  const {registry} = checked;
  const problems = [...new Set([...experiment.keyMetrics, ...experiment.guardrails])]
    .filter((alias) => !registry.byAlias.has(alias))
    .map((alias) => unknown("metric", alias, registry.byAlias.keys()));
  for (const observation of observations) {
    const found = [
      ...selectionProblems(observation, registry),
      ...(await renderProblems(observation, experiment, checked))
    ];
    problems.push(...found.map((problem) => `observation “${observation.name}”: ${problem}`));
  }
  if (problems.length)
    throw new UserError(`this could not be calculated:\n  ${problems.join("\n  ")}`, "nothing was changed");
}

type Checked = {config: Config; registry: Registry};
type Experiment = ExperimentFile["experiment"];
type Written = ExperimentFile["observations"][number];

function selectionProblems({metricTags, metricGroups}: Written, {metrics}: Registry): string[] {
  const [tags, groups] = [
    new Set(metrics.flatMap((metric) => metric.tags)),
    new Set(metrics.map((metric) => metric.group))
  ];
  return [
    ...metricTags.filter((tag) => !tags.has(tag)).map((tag) => unknown("metric tag", tag, tags)),
    ...metricGroups
      .filter((group) => !groups.has(group))
      .map((group) => unknown("metric group", group, groups))
  ];
}

async function renderProblems(
  written: Written,
  experiment: Experiment,
  {config, registry}: Checked
): Promise<string[]> {
  const observation = {...written, id: 0, experimentId: 0, createdAt: "", updatedAt: ""};
  try {
    await sqlOf(config, observation, metricsOf(experiment, observation, registry.metrics));
    return [];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [`${error.message}${error.hint ? `; ${error.hint}` : ""}`];
  }
}

function unknown(what: string, name: string, known: Iterable<string>): string {
  const near = nearest(name, known);
  return `unknown ${what}: ${name}${near ? `; did you mean ${near}?` : ""}`;
}
