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
import {madeBy} from "./version.js";
import {literal, openDuckDB, type DuckDB} from "./warehouse/duckdb.js";
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

/** Returns what a plan comes to, and the facts of its run; throws in the warehouse's words. Keeps nothing but cached units. */
export async function runPlan(
  {config}: Pick<Workspace, "config">,
  plan: Plan,
  {signal, now, onProgress, isFresh}: Asking
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
