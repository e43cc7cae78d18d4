// Which experiment, observation and metric a call means, by number or by name.

import {z} from "zod";
import {nearest, NotFoundError, UserError} from "../../lib/errors.js";
import {
  experimentById,
  latestCompletedJob,
  listExperiments,
  observationById,
  observationsOf
} from "../../lib/store.js";
import type {Experiment, Metric, Observation} from "../../lib/types.js";
import type {Workspace} from "../../lib/workspace.js";
import type {PageContext} from "../types.js";

/** How a call names what it is about. */
export const subject = {
  observation: z.number().int().positive().optional().describe("an observation's number"),
  experiment: z
    .union([z.number().int().positive(), z.string().max(255)])
    .optional()
    .describe(
      "an experiment's number or name; that of the page, else its first calculated observation is taken"
    )
};

export type Subject = {observation?: number; experiment?: number | string};

/** Returns the number of the observation whose results a page shows; null on any other page. */
export const observationOfPage = ({path}: Pick<PageContext, "path">): number | null =>
  Number(/^\/results\/(\d+)/.exec(path)?.[1] ?? NaN) || null;

/** Returns the observation that is meant, that of the page where nothing is named; throws a UserError that says what there is. */
export function observationMeant(
  workspace: Workspace,
  {observation: named, experiment}: Subject,
  page: Pick<PageContext, "path">
): Observation {
  const {store} = workspace;
  const shown = observationOfPage(page);
  const id = named ?? (experiment === undefined ? (shown ?? undefined) : undefined);
  if (id !== undefined) {
    const found = observationById(store, id);
    if (found) return found;
    throw new NotFoundError(`there is no observation ${id}`, "list_experiments says what there is");
  }
  if (experiment === undefined)
    throw new UserError("no observation is named", "ask which experiment is meant");
  const found = experimentMeant(workspace, experiment);
  const all = observationsOf(store, found.id).toSorted((a, b) => a.id - b.id);
  const meant =
    all.find((each) => each.id === shown) ??
    all.find((each) => latestCompletedJob(store, each.id)) ??
    all.at(0);
  if (!meant)
    throw new NotFoundError(`${found.name} has no observation yet`, "nothing can be calculated before");
  return meant;
}

/** Returns the experiment that is meant; throws a UserError that names what is near. */
export function experimentMeant({store}: Workspace, named: number | string): Experiment {
  const id = typeof named === "number" ? named : Number(/^\s*#?(\d+)\s*$/.exec(named)?.[1] ?? NaN);
  const all = listExperiments(store);
  const found = Number.isNaN(id) ? byName(all, String(named)) : experimentById(store, id);
  if (found) return found;
  const near = nearest(
    String(named),
    all.map(({name}) => name)
  );
  const hint = near
    ? `is ${near} meant?`
    : `there are ${all
        .slice(0, 20)
        .map(({name}) => name)
        .join(", ")}`;
  throw new NotFoundError(`there is no experiment ${named}`, hint);
}

const plain = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();

function byName(experiments: Experiment[], named: string): Experiment | null {
  const asked = plain(named);
  const exact = experiments.find(({name}) => plain(name) === asked);
  if (exact || !asked) return exact ?? null;
  const partly = experiments.filter(({name}) => plain(name).includes(asked));
  return partly.length === 1 ? partly[0] : null;
}

/** Returns the metric of that alias or title; throws a UserError that names the nearest. */
export function metricMeant({registry}: Workspace, named: string): Metric {
  const found =
    registry.byAlias.get(named) ?? registry.metrics.find(({title}) => plain(title) === plain(named));
  if (found) return found;
  const near = nearest(named, registry.byAlias.keys());
  throw new NotFoundError(
    `there is no metric ${named}`,
    near ? `is ${near} meant?` : "search_metrics finds what there is"
  );
}
