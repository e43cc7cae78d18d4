import {traced} from "./trace.js";
import {createHash} from "node:crypto";
import {aggregateUnits, precomputesOfRows, shapeOf, type Aggregated, type UnitShape} from "./aggregate.js";
import {aggregateCells} from "./aggregate/cells.js";
import {hasMoments} from "./aggregate/quantiles.js";
import {aggregateThere} from "./aggregate/there.js";
import {cacheFolder, cached, engineOptions} from "./cache.js";
import {keepInUse, pruneCache, touchEntry} from "./cache-report.js";
import {redactor} from "./config/secrets.js";
import {explain, NotFoundError, UserError} from "./errors.js";
import {writtenObservation} from "./experiment-file.js";
import {definitionHash, filterMetrics} from "./metrics.js";
import {revisionsOf} from "./metrics/revisions.js";
import {calculatePieces} from "./calculate-pieces.js";
import {thisProcess} from "./process.js";
import type {PiecePlan} from "./pieces.js";
import {stages, type JobStage} from "./job-stages.js";
import {piecePlanOf, sqlOf, textOfPieces} from "./sql-of.js";
import {emptyRecord} from "./stats/own.js";
import {completeJob, createJob, experimentById, jobById, markJob, observationById} from "./store.js";
import type {Config, Experiment, Instant, Job, JobFacts, JobInputs, Metric, Observation} from "./types.js";
import {literal, openDuckDB, type DuckDB} from "./warehouse/duckdb.js";
import {lineOf} from "./warehouse/error.js";
import {expectedBytes, refuseBytes} from "./warehouse/limits.js";
import {madeBy} from "./version.js";
import {openConnector, warehouseIdentity} from "./warehouse/open.js";
import {isEmbedded, rowsOf, writeParquet} from "./warehouse/parquet.js";
import {refreshMetrics, type Workspace} from "./workspace.js";

export type CalculateOptions = {
  signal?: AbortSignal;
  now?: () => Instant;
  onProgress?: (progress: JobStage) => void;
  /** Waits until the job may run, and returns what says that it has ended; until then the job is pending. */
  turn?: (observation: Observation) => Promise<() => void>;
  /** Asks the warehouse though its answer is kept; the embedded one is asked anyway once a file has changed. */
  isFresh?: boolean;
};

type Running = Omit<CalculateOptions, "now"> & {now: () => Instant};

/**
 * Returns the finished job of an observation: completed with its precomputes stored, failed with the
 * warehouse's own words, or cancelled when the signal aborts. Throws a UserError where there is nothing to
 * run: an unknown observation, a template that does not render.
 */
export async function calculate(
  workspace: Workspace,
  observationId: number,
  options: CalculateOptions = {}
): Promise<Job> {
  const {job, run} = await startCalculation(workspace, observationId, options);
  await run;
  return jobById(workspace.store, job.id)!;
}

/** Returns a job that runs, or waits for its turn, and a promise that settles, without throwing, when it has ended. */
export async function startCalculation(
  workspace: Workspace,
  observationId: number,
  {now = () => new Date().toISOString(), ...options}: CalculateOptions = {}
): Promise<{job: Job; run: Promise<void>}> {
  const plan = await planCalculation(workspace, observationId);
  const id = createJob(workspace.store, {
    observationId,
    query: plan.sql,
    status: options.turn ? "pending" : "running",
    process: thisProcess(),
    now: now()
  });
  return {
    job: jobById(workspace.store, id)!,
    run: traced("job", {name: "calculate", job: id}, () => execute(workspace, id, plan, {...options, now}))
  };
}

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
    throw new NotFoundError(`there is no observation ${observationId}`, "npx expanto calculate lists them");
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

async function execute(workspace: Workspace, id: number, plan: Plan, running: Running) {
  const {signal, now, turn} = running;
  const {store} = workspace;
  let started = performance.now();
  const elapsed = () => Math.round(performance.now() - started);
  let release = () => {};
  try {
    if (turn) {
      release = await turn(plan.observation);
      started = performance.now();
      markJob(store, id, {status: "running"});
    }
    const {aggregated, facts} = await runPlan(workspace, plan, running);
    const {precomputes, exposures, series, cells} = aggregated;
    await pruneToLimit(workspace.config);
    completeJob(store, id, {
      precomputes,
      exposures,
      series,
      cells,
      inputs: await inputsOfPlan(plan, workspace.config),
      facts: {...facts, durationMs: elapsed()},
      now: now()
    });
  } catch (error) {
    const {message, hint} = explained(error, workspace.config);
    const status = signal?.aborted ? "cancelled" : "failed";
    const line = lineOf(plan.sql, message);
    const facts: JobFacts = {durationMs: elapsed(), ...(hint && {hint}), ...(line && {line})};
    markJob(store, id, {
      status,
      error: status === "cancelled" ? "cancelled before it finished" : message,
      facts
    });
  } finally {
    release();
  }
}

function explained(error: unknown, config: Config) {
  const {message, hint} = explain(error);
  const redact = redactor(config);
  return {message: redact(message), hint: hint && redact(hint)};
}

async function pruneToLimit(config: Config) {
  const {limit} = config.cache;
  if (limit !== null) await pruneCache(cacheFolder(config), {bytes: limit});
}

async function inputsOfPlan({observation, metrics}: Plan, {folders}: Config): Promise<JobInputs> {
  return {
    observation: writtenObservation(observation),
    metrics: metrics.map(({source: _, ...definition}) => definition),
    revisions: await revisionsOf(folders.metrics, metrics)
  };
}

/** Returns what a plan comes to, and the facts of its run; throws in the warehouse's words. Keeps nothing but cached units. */
export async function runPlan(
  {config}: Pick<Workspace, "config">,
  plan: Plan,
  {signal, now, onProgress, isFresh}: Running
): Promise<{aggregated: Aggregated; facts: JobFacts}> {
  const cache = cacheFolder(config);
  const source = await warehouseIdentity(config.warehouse);
  const connector = await openConnector(config.warehouse, {writable: [cache]});
  const {tell, heard} = stages(onProgress);
  const options = {...config.limits, signal, onProgress: heard, tag: tagOf(plan.observation)};
  const facts = {source: keyOf(source), madeBy: madeBy(config.warehouse)};
  try {
    if (plan.pieces && isEmbedded(connector)) {
      const allow = async () =>
        refuseBytes(options.byteLimit, async () =>
          connector.estimate(await sqlOf(config, plan.observation, plan.metrics))
        );
      const {aggregated, ...found} = await calculatePieces(
        {duckdb: connector.engine, cache, options, allow, tell},
        {...plan, pieces: plan.pieces, source}
      );
      const whole = async () => sqlOf(config, plan.observation, plan.metrics);
      const read = found.pieces.found ? {} : await expectedBytes(connector, await whole());
      return finish(plan, aggregated, {...facts, ...found, ...read});
    }
    tell("asking the warehouse");
    const shape = shapeOf(await connector.columns(plan.sql), plan.observation.splitId);
    if (shape.kind === "moments") {
      const rows = await rowsOf(connector, plan.sql, options);
      const read = await expectedBytes(connector, plan.sql);
      const aggregated = precomputesOfRows(rows, shape, plan.metrics);
      return finish(plan, aggregated, {...facts, ...read, rows: rows.length});
    }
    if (config.results === "moments") {
      const columns = await connector.columns(plan.sql);
      const {aggregated, rows} = await aggregateThere(connector, {...plan, shape, columns}, options);
      const read = await expectedBytes(connector, plan.sql);
      return finish(plan, aggregated, {...facts, ...read, rows});
    }
    const asked = isFresh ? [now()] : freshness(config, plan.observation, now());
    const key = keyOf(source, plan.sql, ...asked);
    const {file, hit} = await cached(cache, key, (aside) =>
      writeParquet(connector, plan.sql, {file: aside, exact: [shape.unit], ...options})
    );
    await touchEntry(file);
    signal?.throwIfAborted();
    tell("computing moments");
    const stop = keepInUse(file);
    const {aggregated, rows} = await aggregateFile(config, file, plan).finally(stop);
    const read = hit ? {} : await expectedBytes(connector, plan.sql);
    return finish(plan, aggregated, {...facts, ...read, rows, cacheKey: key, cacheHit: hit});
  } finally {
    await connector.close();
  }
}

async function aggregateFile(config: Config, file: string, {observation, metrics}: Plan) {
  const relation = `read_parquet(${literal(file)})`;
  const duckdb = await openDuckDB(engineOptions(config));
  try {
    const columns = await duckdb.columns(`select * from ${relation}`);
    const shape = shapeOf(columns, observation.splitId) as UnitShape;
    const aggregated = await aggregateUnits(duckdb, relation, {shape, metrics, columns});
    const lawful = metrics.filter((metric) => hasMoments(metric) && !(metric.alias in aggregated.refused));
    const {dimensions} = observation;
    const source = {units: relation, kindRows: null};
    const cells = dimensions.length
      ? await aggregateCells(duckdb, source, {shape, columns, metrics: lawful, dimensions})
      : null;
    return {aggregated: {...aggregated, cells}, rows: await countRows(duckdb, relation)};
  } finally {
    duckdb.close();
  }
}

// Another warehouse does not tell when its data changes: what a window still open gave is not used again.
function freshness({warehouse}: Config, {calcEnd, exposureEnd}: Observation, now: Instant): string[] {
  const isOver = (end: Instant | null) => end !== null && end <= now;
  return warehouse.type === "duckdb" || (isOver(calcEnd) && isOver(exposureEnd)) ? [] : [now];
}

const tagOf = ({id}: Observation) => `expanto-observation-${id}`;

function finish({experiment, metrics}: Plan, aggregated: Aggregated, facts: JobFacts) {
  if (!aggregated.exposures.length) {
    throw new UserError(
      "no unit was exposed",
      "check the experiment's name in the warehouse, the exposure window and the filters"
    );
  }
  const undeclared = undeclaredUnits(experiment, aggregated);
  const {crossovers, splits, ...found} = aggregated;
  const {refused, caps, dominance} = found;
  return {
    aggregated,
    facts: {
      ...facts,
      crossovers,
      definitions: definitionsOf(metrics),
      ...(some(undeclared) && {undeclared}),
      ...(some(refused) && {refused}),
      ...(some(caps) && {caps}),
      ...(some(dominance) && {dominance}),
      ...(splits.length && {splits})
    }
  };
}

function undeclaredUnits({variants}: Experiment, {exposures}: Aggregated): Record<string, number> {
  const names = new Set(variants.map((variant) => variant.name));
  const units = emptyRecord<number>();
  if (!names.size) return units;
  for (const {variant, units: n} of exposures)
    if (!names.has(variant)) units[variant] = (units[variant] ?? 0) + n;
  return units;
}

// A missing value or a cap may change without the SQL.
/** Returns what decides the numbers of metrics, as one hash. */
export const definitionsOf = (metrics: Metric[]) => keyOf(...metrics.map(definitionHash));

const some = (record: object) => Object.keys(record).length > 0;

/** Returns what names the source of a warehouse's data, as a hash. */
export const sourceOf = async ({warehouse}: Pick<Config, "warehouse">) =>
  keyOf(await warehouseIdentity(warehouse));

const keyOf = (...parts: string[]) =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);

async function countRows(duckdb: DuckDB, relation: string): Promise<number> {
  return Number((await duckdb.rows(`select count(*) as n from ${relation}`))[0].n);
}
