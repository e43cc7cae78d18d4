// Questions that stored cells do not answer, asked of the cached units: any condition on dimensions, another cap.

import {z} from "zod";
import type {UnitShape} from "./aggregate.js";
import {aggregateCells} from "./aggregate/cells.js";
import {metricsOf} from "./job-plan.js";
import {openUnits} from "./open-units.js";
import {NotFoundError, UserError} from "./errors.js";
import {checkFilter} from "./sql-filter.js";
import type {Cells} from "./stats/cells.js";
import {experimentById, observationById} from "./store.js";
import type {Metric} from "./types.js";
import type {Workspace} from "./workspace.js";

export const sliceQuestion = z.strictObject({
  /** A condition on the observation's dimensions and exposed_at; null keeps every unit. */
  where: z.string().max(2000).nullable().default(null),
  /** Dimensions that cells are crossed by; "day" is the day of exposure. */
  by: z.array(z.string()).max(8).default([]),
  /** Aliases; null asks for every metric of the observation. */
  metrics: z.array(z.string()).max(500).nullable().default(null),
  /** Caps every metric that can be capped below this share of all units; "none" takes caps away, null leaves each its own. */
  cap: z
    .union([z.number().gt(0.5).lt(1), z.literal("none")])
    .nullable()
    .default(null)
});
export type SliceQuestion = z.output<typeof sliceQuestion>;

/**
 * Returns metrics in cells of an observation's cached units, as a question asks; the job says which units they are.
 * Throws a UserError for a condition or a dimension that is not lawful, a metric that is not known, too many cells, or
 * units that are no longer those of the observation as it is.
 */
export async function sliceUnits(
  workspace: Workspace,
  observationId: number,
  {where, by, metrics: aliases, cap}: SliceQuestion
): Promise<{job: number; cells: Cells}> {
  const observation = observationById(workspace.store, observationId);
  if (!observation)
    throw new NotFoundError(
      `there is no observation ${observationId}`,
      "the Experiments page lists what there is"
    );
  const dimensions = by.filter((name) => name !== "day");
  requireDimensions(dimensions, observation.dimensions);
  const condition = where?.trim()
    ? await checkFilter(where, {columns: [...observation.dimensions, "exposed_at"]})
    : null;
  const experiment = experimentById(workspace.store, observation.experimentId)!;
  const metrics = chosen(metricsOf(experiment, observation, workspace.registry.metrics), aliases).map(
    (metric) => (cap === null ? metric : cappedAt(metric, cap))
  );
  const units = await openUnits(workspace, observation, metrics);
  try {
    const lawful = metrics.filter(({alias}) => !(alias in (units.job.facts.refused ?? {})));
    const {duckdb, shape, columns, source} = units;
    const byDay = by.includes("day");
    const asked = {shape, columns, metrics: lawful, dimensions, where: condition, byDay};
    const cells = await aggregateCells(duckdb, source, asked);
    const isAnswered = cells && (!byDay || cells.keys.some(({name}) => name === "day"));
    if (!isAnswered) throw new UserError(unanswered(by, shape), "ask by fewer dimensions");
    return {job: units.job.id, cells};
  } finally {
    await units.close();
  }
}

const unanswered = (by: string[], {exposedAt}: UnitShape) =>
  by.includes("day") && !exposedAt
    ? "the query says nothing of when each unit was exposed"
    : `there are too many cells by ${by.join(", ")}`;

// A proportion is 0 or 1 already, and a quantile does not look at how large the largest are.
const cappedAt = (metric: Metric, cap: number | "none"): Metric =>
  metric.type === "proportion" || metric.type === "quantile"
    ? metric
    : {...metric, cap: cap === "none" ? null : {share: cap}};

function chosen(metrics: Metric[], aliases: string[] | null): Metric[] {
  if (!aliases) return metrics;
  const unknown = aliases.find((alias) => !metrics.some((metric) => metric.alias === alias));
  if (unknown)
    throw new UserError(
      `unknown metric: ${unknown}`,
      `this observation has ${metrics.map(({alias}) => alias).join(", ")}`
    );
  return metrics.filter(({alias}) => aliases.includes(alias));
}

function requireDimensions(asked: string[], known: string[]): void {
  const unknown = asked.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const kept = known.length ? `it keeps ${known.join(", ")}` : "it keeps none: add some to its dimensions";
  throw new UserError(`this observation has no dimension ${unknown}`, kept);
}
