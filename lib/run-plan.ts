// A plan at work: the warehouse is asked, or the cache, and what came home is aggregated.

import {createHash} from "node:crypto";
import {aggregateUnits, precomputesOfRows, shapeOf, type Aggregated, type UnitShape} from "./aggregate.js";
import {aggregateCells} from "./aggregate/cells.js";
import {hasMoments} from "./aggregate/quantiles.js";
import {aggregateThere} from "./aggregate/there.js";
import {cacheFolder, cached, engineOptions} from "./cache.js";
import {keepInUse, touchEntry} from "./cache-report.js";
import {calculatePieces} from "./calculate-pieces.js";
import {UserError} from "./errors.js";
import type {Plan} from "./job-plan.js";
import {stages, type JobStage} from "./job-stages.js";
import {definitionHash} from "./metrics.js";
import {sqlOf} from "./sql-of.js";
import {emptyRecord} from "./stats/own.js";
import type {Config} from "./config/types.js";
import type {Experiment, Instant, JobFacts, Metric, Observation} from "./types.js";
import type {PiecePlan} from "./pieces.js";
import {madeBy} from "./version.js";
import type {Connector, ResultColumn, RunOptions} from "./warehouse/connector.js";
import {literal, openDuckDB, type DuckDB} from "./warehouse/duckdb.js";
import type {EmbeddedConnector} from "./warehouse/embedded.js";
import {expectedBytes, refuseBytes} from "./warehouse/limits.js";
import {openConnector, warehouseIdentity} from "./warehouse/open.js";
import {isEmbedded, rowsOf, writeParquet} from "./warehouse/parquet.js";
import type {Workspace} from "./workspace.js";

export type Asking = {
  now: () => Instant;
  signal?: AbortSignal;
  onProgress?: (progress: JobStage) => void;
  /** Asks the warehouse though its answer is kept; the embedded one is asked anyway once a file has changed. */
  isFresh?: boolean;
};

/** What a run has at hand. */
type Run = Asking & {
  config: Config;
  connector: Connector;
  /** Names the warehouse's data. */
  source: string;
  options: RunOptions;
  tell: (stage: string) => void;
};

type Found = {aggregated: Aggregated; facts: JobFacts};

/** Returns what a plan comes to, and the facts of its run; throws in the warehouse's words. Keeps nothing but cached units. */
export async function runPlan(
  {config}: Pick<Workspace, "config">,
  plan: Plan,
  asking: Asking
): Promise<Found> {
  const source = await warehouseIdentity(config.warehouse);
  const connector = await openConnector(config.warehouse, {writable: [cacheFolder(config)]});
  const {tell, heard} = stages(asking.onProgress);
  const {signal} = asking;
  const options = {...config.limits, signal, onProgress: heard, tag: tagOf(plan.observation)};
  try {
    const found = await answerOf({...asking, config, connector, source, options, tell}, plan);
    const facts = {source: keyOf(source), madeBy: madeBy(config.warehouse), ...found.facts};
    return finish(plan, found.aggregated, facts);
  } finally {
    await connector.close();
  }
}

// In pieces where the engine is here; else as the scenario gives it, moments or units, and units are aggregated there or come home.
async function answerOf(run: Run, plan: Plan): Promise<Found> {
  const {config, connector, tell} = run;
  if (plan.pieces && isEmbedded(connector)) return fromPieces(run, {...plan, pieces: plan.pieces}, connector);
  tell("asking the warehouse");
  const columns = await connector.columns(plan.sql);
  const shape = shapeOf(columns, plan.observation.splitId);
  if (shape.kind === "moments") return momentsAsWritten(run, plan, shape);
  return config.results === "moments" ? unitsThere(run, plan, {shape, columns}) : unitsHome(run, plan, shape);
}

async function fromPieces(
  {config, source, options, tell}: Run,
  plan: Plan & {pieces: PiecePlan},
  connector: EmbeddedConnector
): Promise<Found> {
  const whole = () => sqlOf(config, plan.observation, plan.metrics);
  const allow = async () => refuseBytes(options.byteLimit, async () => connector.estimate(await whole()));
  const {aggregated, ...facts} = await calculatePieces(
    {duckdb: connector.engine, cache: cacheFolder(config), options, allow, tell},
    {...plan, source}
  );
  const read = facts.pieces.found ? {} : await expectedBytes(connector, await whole());
  return {aggregated, facts: {...facts, ...read}};
}

async function momentsAsWritten(
  {connector, options}: Run,
  {sql, metrics}: Plan,
  shape: {variant: string}
): Promise<Found> {
  const rows = await rowsOf(connector, sql, options);
  const read = await expectedBytes(connector, sql);
  return {aggregated: precomputesOfRows(rows, shape, metrics), facts: {...read, rows: rows.length}};
}

async function unitsThere(
  {connector, options}: Run,
  plan: Plan,
  found: {shape: UnitShape; columns: ResultColumn[]}
): Promise<Found> {
  const {aggregated, rows} = await aggregateThere(connector, {...plan, ...found}, options);
  return {aggregated, facts: {...(await expectedBytes(connector, plan.sql)), rows}};
}

async function unitsHome(run: Run, plan: Plan, {unit}: UnitShape): Promise<Found> {
  const {config, connector, source, options, now, isFresh, signal, tell} = run;
  const asked = isFresh ? [now()] : freshness(config, plan.observation, now());
  const key = keyOf(source, plan.sql, ...asked);
  const {file, hit} = await cached(cacheFolder(config), key, (aside) =>
    writeParquet(connector, plan.sql, {file: aside, exact: [unit], ...options})
  );
  await touchEntry(file);
  signal?.throwIfAborted();
  tell("computing moments");
  const stop = keepInUse(file);
  const {aggregated, rows} = await aggregateFile(config, file, plan).finally(stop);
  const read = hit ? {} : await expectedBytes(connector, plan.sql);
  return {aggregated, facts: {...read, rows, cacheKey: key, cacheHit: hit}};
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

/** Returns what decides the numbers of metrics, as one hash: a missing value or a cap may change without the SQL. */
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
