import {command} from "./command.js";
import {NotFoundError} from "./errors.js";
import {metricsOf} from "./job-plan.js";
import {momentsOfPrecompute} from "./stats/moments.js";
import {periodsOf, plannedFor, type Period} from "./stats/periods.js";
import {
  experimentById,
  eventsOf,
  exposuresOf,
  inputsOf,
  jobById,
  hasCells,
  seriesOf,
  jobsOf,
  latestCompletedJob,
  listExperiments,
  newestCompletedJob,
  observationById,
  observationsOf,
  planKept,
  precomputesOf,
  stateOf,
  type Store
} from "./store.js";
import type {Registry} from "./metrics.js";
import {staleness} from "./staleness.js";
import type {Experiment, Job, Metric, Observation, Precompute} from "./types.js";
import type {ExperimentCard, JobView, MetricInfo, MetricMoments, ResultsView} from "./view-types.js";
import type {Workspace} from "./workspace.js";
import {findingsOf, readingOfDefaults} from "./stats/analysis.js";
import {own} from "./stats/own.js";
import {controlOf} from "./stats/variants.js";

/** Returns one card an experiment, newest start first: its primary metric's moments and its units, from the last completed job. */
// Ten thousand cards take a second to read: they are read again once something has changed.
export function experimentCards(workspace: Workspace): ExperimentCard[] {
  const {store, registry} = workspace;
  const state = stateOf(store);
  const kept = cardsKept.get(store);
  if (kept?.state === state && kept.registry === registry) return kept.cards;
  const cards = listExperiments(store).map((experiment) => cardOf(workspace, experiment));
  cardsKept.set(store, {state, registry, cards});
  return cards;
}

const cardsKept = new WeakMap<Store, {state: string; registry: Registry; cards: ExperimentCard[]}>();

/** Returns all that the Results page shows of an observation ("latest": that of the newest job), from one job alone. */
export async function resultsView(workspace: Workspace, id: number | "latest"): Promise<ResultsView> {
  const {store} = workspace;
  const observation = observationById(store, id === "latest" ? newestObservation(workspace) : id);
  if (!observation)
    throw new NotFoundError(`there is no observation ${id}`, "the Experiments page lists what there is");
  const experiment = experimentById(store, observation.experimentId)!;
  const job = latestCompletedJob(store, observation.id);
  const newest = jobsOf(store, observation.id).at(0) ?? null;
  const stale = job && (await staleness(workspace, job));
  return {
    ...shownOf(workspace, {experiment, observation, job}),
    latest: newest?.id === job?.id ? null : newest,
    stale: stale?.why ?? null,
    staleMetrics: stale?.metrics ?? []
  };
}

/** Returns one completed job with what it was made of; throws a NotFoundError where there is none of that id. */
export function jobView(workspace: Workspace, id: number): JobView {
  const {store} = workspace;
  const job = jobById(store, id);
  const observation = job && observationById(store, job.observationId);
  const experiment = observation && experimentById(store, observation.experimentId);
  if (!experiment || job.status !== "completed")
    throw new NotFoundError(
      `there is no completed job ${id}`,
      "the Observations page lists the jobs there are"
    );
  const view = {...shownOf(workspace, {experiment, observation, job}), latest: null, ...upToDate};
  return {view, inputs: inputsOf(store, id)};
}

const upToDate = {stale: null, staleMetrics: []};

type Shown = {experiment: Experiment; observation: Observation; job: Job | null};

function shownOf(
  workspace: Workspace,
  {experiment, observation, job}: Shown
): Omit<ResultsView, "latest" | "stale" | "staleMetrics"> {
  const {store, config} = workspace;
  const exposures = job
    ? exposuresOf(store, job.id).map(({variant, day, units}) => ({variant, day, units}))
    : [];
  const periods = periodsOfExperiment(workspace, experiment);
  return {
    experiment,
    observation,
    siblings: oldestFirst(observationsOf(store, experiment.id)).map(({id, name}) => ({id, name})),
    job,
    metrics: job ? metricMoments(workspace, {experiment, observation, job}) : [],
    exposures,
    periods,
    planned: plannedFor(periods, exposures),
    series: job ? seriesOf(store, job.id) : [],
    hasCells: job !== null && hasCells(store, job.id),
    events: eventsOf(store, experiment.id),
    plan: planKept(store, experiment.id),
    defaults: config.statistics
  };
}

function cardOf(workspace: Workspace, experiment: Experiment): ExperimentCard {
  const {store} = workspace;
  const observations = oldestFirst(observationsOf(store, experiment.id));
  const {observation, job} = mainJob(store, observations);
  const isDone = job?.status === "completed";
  return {
    experiment,
    observation: observation && {id: observation.id, name: observation.name},
    job: job && {id: job.id, status: job.status, createdAt: job.createdAt, error: job.error},
    primary: isDone ? momentsOf(workspace, {experiment, job, alias: experiment.keyMetrics.at(0)}) : null,
    worse: isDone ? worseGuardrails(workspace, experiment, job) : [],
    ...(isDone ? trafficOfJob(workspace, experiment, job.id) : {units: [], planned: []}),
    keptAt: planKept(store, experiment.id)?.keptAt ?? null,
    defaults: workspace.config.statistics
  };
}

// Of the first observation that has completed one; without any, the newest attempt at the first.
function mainJob(store: Workspace["store"], observations: Observation[]) {
  for (const observation of observations) {
    const job = latestCompletedJob(store, observation.id);
    if (job) return {observation, job};
  }
  const observation = observations.at(0) ?? null;
  return {observation, job: observation && (jobsOf(store, observation.id).at(0) ?? null)};
}

// The first observation made is the experiment's main one; later ones look closer.
const oldestFirst = (observations: Observation[]) => observations.toSorted((a, b) => a.id - b.id);

function worseGuardrails(workspace: Workspace, experiment: Experiment, job: Job): ExperimentCard["worse"] {
  const control = controlOf(experiment);
  if (control === null) return [];
  const treatments = experiment.variants.map(({name}) => name).filter((name) => name !== control);
  const guardrails = experiment.guardrails.flatMap(
    (alias) => momentsOf(workspace, {experiment, job, alias}) ?? []
  );
  const shown = {control, treatments, scale: "relative", isValid: true} as const;
  return findingsOf(guardrails, {...readingOfDefaults(workspace.config.statistics), ...shown})
    .flat()
    .filter(({verdict}) => verdict === "worse")
    .map(({metric, treatment}) => ({treatment, title: metric.title}));
}

type OfMetric = {experiment: Experiment; job: Job; alias: string | undefined};

// The few metrics that a list speaks of are asked for alone: ten thousand lists of all metrics take seconds.
function momentsOf({store, registry}: Workspace, {experiment, job, alias}: OfMetric): MetricMoments | null {
  if (alias === undefined) return null;
  const rows = precomputesOf(store, job.id, alias);
  const refused = job.facts.refused ?? {};
  const metric = registry.byAlias.get(alias);
  if (!rows.length && !(metric && Object.hasOwn(refused, alias))) return null;
  const info = metric ? infoOf(metric, experiment) : infoOfRow(rows[0], experiment);
  return armsOf(info, rows, {experiment, refused});
}

function newestObservation({store}: Workspace): number {
  const newest = newestCompletedJob(store);
  if (!newest)
    throw new NotFoundError(
      "nothing has been calculated yet",
      `calculate an observation first: ${command} calculate`
    );
  return newest.observationId;
}

/** Returns the units of a job by variant, as they were exposed, and the shares that were planned for them. */
export function trafficOfJob(
  workspace: Workspace,
  experiment: Experiment,
  jobId: number
): Pick<ExperimentCard, "units" | "planned"> {
  const units = new Map<string, number>();
  const exposures = exposuresOf(workspace.store, jobId);
  for (const d of exposures) units.set(d.variant, (units.get(d.variant) ?? 0) + d.units);
  return {
    units: [...units].map(([variant, n]) => ({variant, units: n})),
    planned: plannedFor(periodsOfExperiment(workspace, experiment), exposures).all
  };
}

/** Returns the times between changes of an experiment's planned shares and pauses. */
export function periodsOfExperiment({store}: Workspace, {id, variants}: Experiment): Period[] {
  const allocation = variants.map(({name, allocation}) => ({variant: name, allocation}));
  return periodsOf(eventsOf(store, id), allocation);
}

/** Returns the moments of every metric of a job, the experiment's own first. */
// The registry may have changed since the job ran: what the job computed is shown, under today's description where there is one.
export function metricMoments(
  {store, registry}: Workspace,
  {experiment, observation, job}: Shown & {job: Job}
): MetricMoments[] {
  const rows = new Map<string, Precompute[]>();
  for (const row of precomputesOf(store, job.id))
    rows.set(row.metric, [...(rows.get(row.metric) ?? []), row]);
  const refused = job.facts.refused ?? {};
  const shown = metricsOf(experiment, observation, registry.metrics).filter(
    ({alias}) => rows.has(alias) || Object.hasOwn(refused, alias)
  );
  const gone = [...rows.keys()].filter((alias) => !shown.some((metric) => metric.alias === alias));
  const infos = [
    ...shown.map((metric) => infoOf(metric, experiment)),
    ...gone.map((alias) => infoOfRow(rows.get(alias)![0], experiment))
  ];
  return infos
    .sort((a, b) => rank(a, experiment) - rank(b, experiment))
    .map((metric) => armsOf(metric, rows.get(metric.alias) ?? [], {experiment, refused}));
}

function armsOf(
  metric: MetricInfo,
  rows: Precompute[],
  {experiment, refused}: {experiment: Experiment; refused: Record<string, string>}
): MetricMoments {
  const names = experiment.variants.length
    ? experiment.variants.map(({name}) => name)
    : rows.map(({variant}) => variant);
  const arms = names.map((variant) => {
    const row = rows.find((d) => d.variant === variant);
    const reason = own(refused, metric.alias) ?? (row ? null : "no unit of this variant was measured");
    const read = row && !reason ? momentsOfPrecompute(row) : {reason: reason!};
    return "moments" in read
      ? {variant, moments: read.moments, reason: null}
      : {variant, moments: null, reason: read.reason};
  });
  return {metric, arms};
}

/** Returns what a page needs to know of a metric, with its role in an experiment. */
export function infoOf(
  metric: Metric,
  experiment: Pick<Experiment, "keyMetrics" | "guardrails">
): MetricInfo {
  const {alias, title, type, group, description, owner, tags, goal, format, numerator, denominator} = metric;
  const {margin, cap, quantile} = metric;
  return {
    alias,
    title,
    type,
    group,
    description,
    owner,
    tags,
    goal,
    margin,
    cap,
    quantile,
    format,
    role: roleOf(alias, experiment),
    numerator: numerator.sql,
    denominator: denominator?.sql ?? null
  };
}

function infoOfRow({metric, title, type}: Precompute, experiment: Experiment): MetricInfo {
  const unknown = {
    group: "",
    description: "No longer defined in the registry.",
    owner: null,
    tags: [],
    goal: null,
    format: {}
  };
  return {
    alias: metric,
    title,
    type,
    ...unknown,
    role: roleOf(metric, experiment),
    numerator: "",
    denominator: null
  };
}

function roleOf(
  alias: string,
  {keyMetrics, guardrails}: Pick<Experiment, "keyMetrics" | "guardrails">
): MetricInfo["role"] {
  if (keyMetrics[0] === alias) return "primary";
  if (keyMetrics.includes(alias)) return "secondary";
  return guardrails.includes(alias) ? "guardrail" : "other";
}

function rank({alias, role}: MetricInfo, {keyMetrics, guardrails}: Experiment): number {
  const order = {primary: 0, secondary: 1000, guardrail: 2000, other: 3000}[role];
  return order + Math.max(keyMetrics.indexOf(alias), guardrails.indexOf(alias), 0);
}
