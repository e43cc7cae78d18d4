import {stat} from "node:fs/promises";
import {join} from "node:path";
import {shapeOf} from "../aggregate.js";
import {cacheFolder, engineOptions} from "../cache.js";
import {UserError} from "../errors.js";
import {aggregationsOf, filterMetrics} from "../metrics.js";
import {isAdditive} from "../metrics/declared.js";
import {findObservation} from "../observations.js";
import {experimentById, latestCompletedJob, observationById} from "../store.js";
import {piecesOf, type PiecePlan} from "../pieces.js";
import {piecePlanOf} from "../sql-of.js";
import type {Config, Experiment, Job, Metric, Observation} from "../types.js";
import {literal, openDuckDB, type DuckDB} from "../warehouse/duckdb.js";
import {openConnector, warehouseIdentity} from "../warehouse/open.js";
import {isEmbedded} from "../warehouse/parquet.js";
import type {Workspace} from "../workspace.js";
import {readUnits, type AuditedUnits} from "./units.js";

/**
 * Returns the units of an observation (a number, or EXPERIMENT/OBSERVATION) as its last completed job cached
 * them, with the metrics named (default: the experiment's key metrics). Throws a UserError where no unit is kept,
 * a metric was not calculated or the control is unknown.
 */
export async function unitsOfObservation(
  workspace: Workspace,
  named: string,
  {metrics: aliases = [], control}: {metrics?: string[]; control?: string} = {}
): Promise<AuditedUnits> {
  const {store, config} = workspace;
  const observation = observationById(
    store,
    findObservation(store, named, {what: "file and no observation"})
  )!;
  const experiment = experimentById(store, observation.experimentId)!;
  const metrics = chosenMetrics(workspace, experiment, aliases);
  const asked = {
    metrics,
    declared: experiment.variants.map(({name}) => name),
    control: controlOf(experiment, control)
  };
  requireUnits(workspace, observation.id);
  const pieces = await piecePlanOf(config, observation, {metrics});
  return pieces && config.warehouse.type === "duckdb" && config.results === "units"
    ? readPieces(config, {...asked, plan: pieces, observation})
    : readFile(config, {...asked, file: await cachedFile(workspace, observation.id), observation});
}

type Asked = {metrics: Metric[]; declared: string[]; control: string; observation: Observation};

async function readPieces(config: Config, {plan, observation, ...asked}: Asked & {plan: PiecePlan}) {
  const cache = cacheFolder(config);
  const connector = await openConnector(config.warehouse, {writable: [cache]});
  try {
    if (!isEmbedded(connector)) throw withoutUnits();
    const duckdb = connector.engine;
    const source = await warehouseIdentity(config.warehouse);
    const pieces = await piecesOf({duckdb, cache, options: {}}, plan, source);
    const relation = pieces.unitRowsWith(aggregationsOf(asked.metrics).filter(isAdditive));
    return await readRelation(duckdb, relation, {...asked, observation});
  } finally {
    await connector.close();
  }
}

async function readFile(config: Config, {file, ...asked}: Asked & {file: string}) {
  const duckdb = await openDuckDB(engineOptions(config));
  try {
    return await readRelation(duckdb, `read_parquet(${literal(file)})`, asked);
  } finally {
    duckdb.close();
  }
}

async function readRelation(duckdb: DuckDB, relation: string, {observation, ...asked}: Asked) {
  const columns = await duckdb.columns(`select * from ${relation}`);
  const shape = shapeOf(columns, observation.splitId);
  if (shape.kind === "moments") throw withoutUnits();
  return readUnits(duckdb, {relation, shape, columns, ...asked});
}

function chosenMetrics({registry}: Workspace, {name, keyMetrics}: Experiment, aliases: string[]): Metric[] {
  const chosen = aliases.length ? [...new Set(aliases)] : keyMetrics;
  if (chosen.length) return filterMetrics(registry.metrics, {aliases: chosen});
  const known = registry.metrics.map(({alias}) => alias);
  throw new UserError(`${name} has no key metrics`, `name some by --metric: ${known.join(", ")}`);
}

const calculateFirst = (observationId: number) =>
  `calculate it first: npx expanto calculate ${observationId}`;

function requireUnits({store}: Workspace, observationId: number): Job {
  const job = latestCompletedJob(store, observationId);
  if (!job)
    throw new UserError(`observation ${observationId} has no completed job`, calculateFirst(observationId));
  if (!job.facts.cacheKey) throw withoutUnits();
  return job;
}

async function cachedFile(workspace: Workspace, observationId: number): Promise<string> {
  const {config} = workspace;
  const job = requireUnits(workspace, observationId);
  const file = join(cacheFolder(config), `${job.facts.cacheKey}.parquet`);
  if (await stat(file).catch(() => null)) return file;
  throw new UserError(`the cached units of job ${job.id} are gone: ${file}`, calculateFirst(observationId));
}

function withoutUnits(): UserError {
  return new UserError(
    "this observation keeps moments only: no units to shuffle",
    "audit one whose template gives one row a unit"
  );
}

function controlOf({name, variants}: Experiment, named?: string): string {
  const control = named ?? variants.find(({isControl}) => isControl)?.name;
  if (control !== undefined) return control;
  throw new UserError(`${name} declares no control`, "name it by --control");
}
