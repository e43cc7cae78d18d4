import {stat} from "node:fs/promises";
import {join} from "node:path";
import {shapeOf} from "../aggregate.js";
import {cacheFolder, engineOptions} from "../cache.js";
import {UserError} from "../errors.js";
import {filterMetrics} from "../metrics.js";
import {findObservation} from "../observations.js";
import {experimentById, latestCompletedJob, observationById} from "../store.js";
import type {Experiment, Job, Metric} from "../types.js";
import {literal, openDuckDB} from "../warehouse/duckdb.js";
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
  const relation = `read_parquet(${literal(await cachedFile(workspace, observation.id))})`;
  const duckdb = await openDuckDB(engineOptions(config));
  try {
    const columns = await duckdb.columns(`select * from ${relation}`);
    const shape = shapeOf(columns, observation.splitId);
    if (shape.kind === "moments") throw withoutUnits();
    const declared = experiment.variants.map(({name}) => name);
    const asked = {relation, shape, columns, metrics, declared, control: controlOf(experiment, control)};
    return await readUnits(duckdb, asked);
  } finally {
    duckdb.close();
  }
}

function chosenMetrics({registry}: Workspace, {name, keyMetrics}: Experiment, aliases: string[]): Metric[] {
  const chosen = aliases.length ? [...new Set(aliases)] : keyMetrics;
  if (chosen.length) return filterMetrics(registry.metrics, {aliases: chosen});
  const known = registry.metrics.map(({alias}) => alias);
  throw new UserError(`${name} has no key metrics`, `name some by --metric: ${known.join(", ")}`);
}

async function cachedFile({store, config}: Workspace, observationId: number): Promise<string> {
  const hint = `calculate it first: npx expanto calculate ${observationId}`;
  const job: Job | null = latestCompletedJob(store, observationId);
  if (!job) throw new UserError(`observation ${observationId} has no completed job`, hint);
  if (!job.facts.cacheKey) throw withoutUnits();
  const file = join(cacheFolder(config), `${job.facts.cacheKey}.parquet`);
  if (await stat(file).catch(() => null)) return file;
  throw new UserError(`the cached units of job ${job.id} are gone: ${file}`, hint);
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
