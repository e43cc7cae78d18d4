import {openUnits} from "../open-units.js";
import {UserError} from "../errors.js";
import {filterMetrics} from "../metrics.js";
import {findObservation} from "../observations.js";
import {experimentById, observationById} from "../store.js";
import type {Experiment, Metric} from "../types.js";
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
  const {store} = workspace;
  const observation = observationById(
    store,
    findObservation(store, named, {what: "file and no observation"})
  )!;
  const experiment = experimentById(store, observation.experimentId)!;
  const metrics = chosenMetrics(workspace, experiment, aliases);
  const {duckdb, relation, shape, columns, close} = await openUnits(workspace, observation, metrics);
  try {
    const declared = experiment.variants.map(({name}) => name);
    return await readUnits(duckdb, {
      relation,
      shape,
      columns,
      metrics,
      declared,
      control: controlOf(experiment, control)
    });
  } finally {
    await close();
  }
}

function chosenMetrics({registry}: Workspace, {name, keyMetrics}: Experiment, aliases: string[]): Metric[] {
  const chosen = aliases.length ? [...new Set(aliases)] : keyMetrics;
  if (chosen.length) return filterMetrics(registry.metrics, {aliases: chosen});
  const known = registry.metrics.map(({alias}) => alias);
  throw new UserError(`${name} has no key metrics`, `name some by --metric: ${known.join(", ")}`);
}

function controlOf({name, variants}: Experiment, named?: string): string {
  const control = named ?? variants.find(({isControl}) => isControl)?.name;
  if (control !== undefined) return control;
  throw new UserError(`${name} declares no control`, "name it by --control");
}
