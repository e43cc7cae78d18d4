// Experiments that share units: which there are, and the moments of the units in both.

import {rm} from "node:fs/promises";
import {join} from "node:path";
import {z} from "zod";
import {isCounted} from "./aggregate.js";
import {aggregateCells} from "./aggregate/cells.js";
import {cacheFolder} from "./cache.js";
import {metricsOf} from "./job-plan.js";
import {NotFoundError, UserError} from "./errors.js";
import {openUnits, type CachedUnits} from "./open-units.js";
import type {Cells} from "./stats/cells.js";
import {
  experimentById,
  latestCompletedJob,
  listExperiments,
  observationById,
  observationsOf
} from "./store.js";
import type {Experiment, Observation} from "./types.js";
import type {CrossedUnits, Overlap} from "./view-types.js";
import {identifier, literal} from "./warehouse/duckdb.js";
import type {Workspace} from "./workspace.js";

/** Returns the other experiments whose units may be those of an observation too: dealt by the same id, at the same time, and calculated. */
export function overlapsOf({store}: Workspace, id: number): Overlap[] {
  const own = requireObservation(store, id);
  return listExperiments(store)
    .filter(
      (experiment) => experiment.id !== own.experimentId && experiment.variants.some((d) => d.isControl)
    )
    .flatMap((experiment) => {
      const main = observationsOf(store, experiment.id)
        .toSorted((a, b) => a.id - b.id)
        .find((other) => latestCompletedJob(store, other.id)?.facts.cacheKey);
      return main && main.splitId === own.splitId && isAtOnce(own, main)
        ? [{experiment, observation: main.id}]
        : [];
    });
}

// A window that is open on one side may reach anywhere.
function isAtOnce(a: Observation, b: Observation): boolean {
  const isBefore = (one: Observation, other: Observation) =>
    one.exposureEnd !== null && other.exposureStart !== null && one.exposureEnd <= other.exposureStart;
  return !isBefore(a, b) && !isBefore(b, a);
}

export const crossQuestion = z.strictObject({
  with: z.number().int().positive(),
  metrics: z.array(z.string()).min(1).max(500)
});

/**
 * Returns metrics of the units that are in two observations, in cells by the variant of the second (key "other"). Events
 * are counted as the first observation counts them. Throws a UserError where units are not there, or nobody is in both.
 */
export async function crossUnits(
  workspace: Workspace,
  id: number,
  {with: otherId, metrics: aliases}: z.output<typeof crossQuestion>
): Promise<CrossedUnits> {
  const [own, other] = [id, otherId].map((each) => requireObservation(workspace.store, each));
  if (own.splitId !== other.splitId)
    throw new UserError(
      `the two count different units: ${own.splitId} and ${other.splitId}`,
      "an interaction needs the same units in both"
    );
  const experiment: Experiment = experimentById(workspace.store, own.experimentId)!;
  const all = metricsOf(experiment, own, workspace.registry.metrics);
  const metrics = all.filter(({alias}) => aliases.includes(alias));
  const unknown = aliases.find((alias) => !metrics.some((metric) => metric.alias === alias));
  if (unknown)
    throw new UserError(`unknown metric: ${unknown}`, `there are ${all.map(({alias}) => alias).join(", ")}`);
  const file = join(cacheFolder(workspace.config), `crossing-${id}-${otherId}-${Date.now()}.parquet`);
  try {
    await writeVariants(workspace, other, file);
    const units = await openUnits(workspace, own, metrics);
    try {
      const refused = units.job.facts.refused ?? {};
      const cells = await cross(
        units,
        file,
        metrics.filter(({alias}) => !Object.hasOwn(refused, alias))
      );
      return {job: units.job.id, cells};
    } finally {
      await units.close();
    }
  } finally {
    await rm(file, {force: true});
  }
}

async function writeVariants(workspace: Workspace, observation: Observation, file: string): Promise<void> {
  const units = await openUnits(workspace, observation, []);
  try {
    const {shape, relation, duckdb} = units;
    const unit = `cast(${identifier(shape.unit)} as varchar) as unit`;
    const variant = `cast(${identifier(shape.variant)} as varchar) as other`;
    await duckdb.writeParquet(
      `select ${unit}, ${variant} from ${relation} where ${isCounted(relation, shape)}`,
      file
    );
  } finally {
    await units.close();
  }
}

async function cross(
  {duckdb, source, shape, columns}: CachedUnits,
  file: string,
  metrics: Parameters<typeof aggregateCells>[2]["metrics"]
): Promise<Cells> {
  const from = source.kindRows ? "exposed_units" : source.units;
  const population = `(select units.*, others.other from ${from} as units
    join read_parquet(${literal(file)}) as others on others.unit = cast(units.${identifier(shape.unit)} as varchar))`;
  const cells = await aggregateCells(
    duckdb,
    {...source, population},
    {shape, columns, metrics, dimensions: ["other"], byDay: false}
  );
  if (cells?.units.length) return cells;
  throw new UserError("nobody is in both experiments", "there is nothing to interact");
}

function requireObservation(store: Workspace["store"], id: number): Observation {
  const observation = observationById(store, id);
  if (observation) return observation;
  throw new NotFoundError(`there is no observation ${id}`, "the Experiments page lists what there is");
}
