// The units of an observation as its last completed job left them in the cache; only a measure nobody asked for yet is
// computed.

import {stat} from "node:fs/promises";
import {join} from "node:path";
import {shapeOf, type UnitShape} from "./aggregate.js";
import type {CellSource} from "./aggregate/cells.js";
import {isOfKinds} from "./aggregate/kind-rows.js";
import {cacheFolder, engineOptions} from "./cache.js";
import {command} from "./command.js";
import {UserError} from "./errors.js";
import {aggregationsOf} from "./metrics.js";
import {piecesKey, piecesOf} from "./pieces.js";
import {piecePlanOf} from "./sql-of.js";
import {latestCompletedJob} from "./store.js";
import type {Job, Metric, Observation} from "./types.js";
import {literal, openDuckDB, type Column, type DuckDB} from "./warehouse/duckdb.js";
import {openConnector, warehouseIdentity} from "./warehouse/open.js";
import {isEmbedded} from "./warehouse/parquet.js";
import type {Workspace} from "./workspace.js";

export type CachedUnits = {
  duckdb: DuckDB;
  job: Job;
  /** One row a unit, with a column for each aggregation. */
  relation: string;
  /** The same as cells are aggregated from it. */
  source: CellSource;
  shape: UnitShape;
  columns: Column[];
  close: () => Promise<void> | void;
};

/**
 * Returns the cached units of an observation with the metrics given, to be closed by who asked. Throws a UserError
 * where it was never calculated, has changed since, keeps moments only, or its cache is gone.
 */
export async function openUnits(
  workspace: Workspace,
  observation: Observation,
  metrics: Metric[]
): Promise<CachedUnits> {
  const {config} = workspace;
  const job = requireUnits(workspace, observation.id);
  const plan = await piecePlanOf(config, observation, {metrics});
  if (!plan || config.warehouse.type !== "duckdb" || config.results !== "units") {
    const file = await cachedFile(workspace, job);
    const duckdb = await openDuckDB(engineOptions(config));
    const relation = `read_parquet(${literal(file)})`;
    return {
      job,
      relation,
      source: {units: relation, kindRows: null},
      close: () => duckdb.close(),
      ...(await read(duckdb, relation, observation))
    };
  }
  const cache = cacheFolder(config);
  const connector = await openConnector(config.warehouse, {writable: [cache]});
  if (!isEmbedded(connector)) throw withoutUnits();
  try {
    const identity = await warehouseIdentity(config.warehouse);
    refuseOthers(job, piecesKey(plan, identity));
    const pieces = await piecesOf({duckdb: connector.engine, cache, options: {}}, plan, identity);
    const columns = new Set(aggregationsOf(metrics.filter(isFormula)).map(({alias}) => alias));
    const others = aggregationsOf(metrics.filter(isOfKinds)).filter(({alias}) => !columns.has(alias));
    const relation = pieces.unitRowsWith(others);
    const found = await read(connector.engine, relation, observation);
    const source = {units: pieces.unitRows, kindRows: pieces.kindRows};
    return {job, relation, source, close: () => connector.close(), ...found};
  } catch (error) {
    await connector.close();
    throw error;
  }
}

// Of these every aggregation has a column of its own already.
const isFormula = (metric: Metric) => !isOfKinds(metric);

async function read(duckdb: DuckDB, relation: string, {splitId}: Observation) {
  const columns = await duckdb.columns(`select * from ${relation}`);
  const shape = shapeOf(columns, splitId);
  if (shape.kind === "moments") throw withoutUnits();
  return {duckdb, columns, shape};
}

const calculateFirst = (observationId: number) => `calculate it first: ${command} calculate ${observationId}`;

function requireUnits({store}: Workspace, observationId: number): Job {
  const job = latestCompletedJob(store, observationId);
  if (!job)
    throw new UserError(`observation ${observationId} has no completed job`, calculateFirst(observationId));
  if (!job.facts.cacheKey) throw withoutUnits();
  return job;
}

// Pieces of other units would be made without a word.
function refuseOthers({id, observationId, facts}: Job, key: string) {
  if (facts.cacheKey === key) return;
  throw new UserError(
    `the observation, its templates or the warehouse's data have changed since job ${id} counted its units`,
    calculateFirst(observationId)
  );
}

async function cachedFile({config}: Workspace, {id, observationId, facts}: Job): Promise<string> {
  const file = join(cacheFolder(config), `${facts.cacheKey}.parquet`);
  if (await stat(file).catch(() => null)) return file;
  throw new UserError(`the cached units of job ${id} are gone: ${file}`, calculateFirst(observationId));
}

function withoutUnits(): UserError {
  return new UserError(
    "this observation keeps moments only: its units stayed in the warehouse",
    "ask one whose template gives one row a unit, with warehouse.results: units"
  );
}
