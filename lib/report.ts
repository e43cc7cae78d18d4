// A published report: what Results shows of one job, frozen, with all it takes to compute it again and to disagree with it.

import {createHash} from "node:crypto";
import {calculate} from "./calculate.js";
import {metricsOf} from "./job-plan.js";
import {UserError} from "./errors.js";
import {parseExperiment, writtenObservation} from "./experiment-file.js";
import {revisionsOf} from "./metrics/revisions.js";
import {metricYaml} from "./metrics/written.js";
import {brief} from "./report/brief.js";
import {guardedDays} from "./report/days.js";
import {guardedCells} from "./report/guard.js";
import type {Definition, ReportBundle} from "./report-types.js";
import {canonical} from "./stats/canonical.js";
import {cellsIn, unitsIn, type Cells} from "./stats/cells.js";
import {plannedFor} from "./stats/periods.js";
import {publishedTable, type PublishedReading} from "./stats/published.js";
import {
  cellsOf,
  eventsOf,
  experimentById,
  exposuresOf,
  inputsOf,
  latestCompletedJob,
  observationById,
  planKept,
  seriesOf
} from "./store.js";
import type {
  DimensionUnits,
  Experiment,
  Job,
  JobFacts,
  JobInputs,
  Metric,
  StatisticsDefaults
} from "./types.js";
import {metricMoments, periodsOfExperiment} from "./views.js";
import type {Workspace} from "./workspace.js";
import {own} from "./stats/own.js";

export type ReportOptions = {
  /** Units a cell must have in every variant. */
  minimum?: number;
};

/**
 * Returns the report of an observation's newest completed job, calculating it where there is none; the same job, words and
 * settings give the same bytes. Throws a UserError where nobody declared a control, or the calculation fails.
 */
export async function reportOf(
  workspace: Workspace,
  observationId: number,
  {minimum = workspace.config.reports.minimumUnits}: ReportOptions = {}
): Promise<ReportBundle> {
  const job = await requireJob(workspace, observationId);
  const {store, config} = workspace;
  const {experiment, observation, metrics, definitions} = subjectOf(workspace, job);
  requireControl(experiment);
  const kept = cellsOf(store, job.id);
  const {cells, merged, of} = kept ? guardedCells(kept, minimum) : {cells: null, merged: 0, of: 0};
  const variants = experiment.variants.map(({name}) => name);
  const {days, leftOut} = guardedDays(seriesOf(store, job.id), {variants, minimum});
  const reading = readingOf(config.statistics);
  const settings = {observation: writtenObservation(observation), statistics: config.statistics};
  const exposures = exposuresOf(store, job.id).map(({variant, day, units}) => ({variant, day, units}));
  const periods = periodsOfExperiment(workspace, experiment);
  const view: ReportBundle["view"] = {
    experiment,
    observation,
    job: {...job, facts: publicFacts(job.facts, cells)},
    metrics,
    exposures,
    periods,
    planned: plannedFor(periods, exposures),
    events: eventsOf(store, experiment.id),
    plan: planKept(store, experiment.id),
    defaults: config.statistics
  };
  return sealed({
    format: 1,
    view,
    days: days && brief(days),
    cells: cells && brief(cells),
    guard: {minimum, cells: of, merged, days: leftOut},
    reading,
    published: publishedTable(view, reading),
    definitions: await definitionsOf(workspace, definitions, inputsOf(store, job.id)),
    madeBy: job.facts.madeBy ?? null,
    settings: hashOf({...settings, reading, minimum}),
    origin: job.facts.origin ?? null
  });
}

/** Returns a bundle with the hash of all that is in it, as JSON carries it. */
export function sealed(bundle: Omit<ReportBundle, "hash">): ReportBundle {
  const plain = JSON.parse(JSON.stringify(bundle)) as typeof bundle;
  return {...plain, hash: hashOf(plain)};
}

const hashOf = (value: unknown) => createHash("sha256").update(canonical(value)).digest("hex");

async function requireJob(workspace: Workspace, observation: number): Promise<Job> {
  const job = latestCompletedJob(workspace.store, observation) ?? (await calculate(workspace, observation));
  if (job.status === "completed") return job;
  throw new UserError(`job ${job.id} ${job.status}: ${job.error}`, job.facts.hint ?? null);
}

function requireControl({name, variants}: Experiment): void {
  if (variants.some(({isControl}) => isControl)) return;
  throw new UserError(
    `${name} declares no control, so there is nothing to report`,
    "declare its variants on its Results page, or by an experiment file"
  );
}

// The observation and the metrics as the job knew them: what is written today may be something else.
function subjectOf({store, config, registry}: Workspace, job: Job) {
  const now = observationById(store, job.observationId)!;
  const experiment = experimentById(store, now.experimentId)!;
  const inputs = inputsOf(store, job.id);
  const observation = inputs ? {...now, ...observationIn(inputs, experiment)} : now;
  const definitions = inputs
    ? inputs.metrics.map((metric) => placed(metric, registry))
    : metricsOf(experiment, observation, registry.metrics);
  const byAlias = new Map(definitions.map((metric) => [metric.alias, metric]));
  const then = {store, config, registry: {metrics: definitions, byAlias}};
  const metrics = metricMoments(then, {experiment, observation, job});
  const shown = new Set(metrics.map(({metric}) => metric.alias));
  return {experiment, observation, metrics, definitions: definitions.filter(({alias}) => shown.has(alias))};
}

function observationIn({observation}: JobInputs, {name}: Experiment) {
  return parseExperiment({experiment: {name, status: "running"}, observations: [observation]})
    .observations[0];
}

// Where the registry still says the same it tells the file, elsewhere nothing does.
function placed(metric: JobInputs["metrics"][number], {byAlias}: Workspace["registry"]): Metric {
  const lost = {...metric, source: {file: "", line: 0, column: 0}};
  const now = byAlias.get(metric.alias);
  return now && metricYaml(now) === metricYaml(lost) ? {...lost, source: now.source} : lost;
}

async function definitionsOf(
  {config}: Workspace,
  metrics: Metric[],
  inputs: JobInputs | null
): Promise<Definition[]> {
  const known = metrics.filter(({source}) => source.file);
  const revisions = inputs?.revisions ?? (await revisionsOf(config.folders.metrics, known));
  return metrics.map((metric) => {
    const yaml = metricYaml(metric);
    const {source = null, commit = null} = own(revisions, metric.alias) ?? {};
    return {
      alias: metric.alias,
      yaml,
      source,
      commit,
      content: createHash("sha256").update(yaml).digest("hex")
    };
  });
}

const readingOf = ({confidence}: StatisticsDefaults): PublishedReading => ({
  confidence,
  alternative: "two-sided",
  lift: "delta",
  isAdjusted: false,
  correction: null,
  nStar: null
});

// Only what a reader is told of a job: nothing of the machine it ran on, and no split by values that are put together.
function publicFacts(facts: JobFacts, cells: Cells | null): JobFacts {
  const {durationMs, rows, crossovers, undeclared, refused, caps, dominance, definitions} = facts;
  return {
    durationMs,
    rows,
    crossovers,
    undeclared,
    refused,
    caps,
    dominance,
    definitions,
    splits: splitsOf(cells)
  };
}

function splitsOf(cells: Cells | null): DimensionUnits[] {
  if (!cells) return [];
  return cells.keys.flatMap(({name: dimension, values}) =>
    values.flatMap((value) =>
      unitsIn(cells, cellsIn(cells, {[dimension]: [value]})).map((units, v) => ({
        dimension,
        value,
        variant: cells.variants[v],
        units
      }))
    )
  );
}
