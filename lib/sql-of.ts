import {existsSync} from "node:fs";
import {join, posix} from "node:path";
import {isOfKinds, kindsOf} from "./aggregate/kind-rows.js";
import {nearest, UserError} from "./errors.js";
import {aggregationsOf} from "./metrics.js";
import type {PiecePlan} from "./pieces.js";
import {renderObservation} from "./templates.js";
import type {EventKind, Purpose} from "./templates/variables.js";
import type {Config, Metric, Observation, UserAggregation} from "./types.js";

/**
 * Returns how an observation is calculated in pieces, where its scenario's folder has the templates measures.sql and
 * formulas.sql beside the entry; `followed` are the metrics that are kept day by day; null where it has not. Throws a UserError where one cannot be rendered.
 */
export async function piecePlanOf(
  {folders, scenarios, warehouse}: Config,
  observation: Observation,
  {metrics, followed = []}: {metrics: Metric[]; followed?: Metric[]}
): Promise<PiecePlan | null> {
  const entry = entryOf(scenarios.templates, observation.scenario);
  const beside = (name: string) => posix.join(posix.dirname(entry), name);
  if (
    ![beside("measures.sql"), beside("formulas.sql")].every((name) => existsSync(join(folders.queries, name)))
  )
    return null;
  const common = {folder: folders.queries, metrics, dialect: warehouse.type};
  const measured = {...common, observation, entry: beside("measures.sql"), aggregations: []};
  const kindsSql = (kinds: EventKind[]) => renderObservation({...measured, kinds});
  const formulasSql = (aggregations: UserAggregation[]) =>
    renderObservation({...common, observation, entry: beside("formulas.sql"), aggregations});
  const withoutTwins = {...observation, preDays: 0};
  return {
    population: await renderObservation({...common, observation: withoutTwins, entry, aggregations: []}),
    hasTwins: observation.preDays > 0,
    kinds: {
      wanted: kindsOf(aggregationsOf(metrics.filter(isOfKinds))),
      text: await kindsSql([{event: "an event", where: null, columns: []}]),
      sql: kindsSql
    },
    days: {
      wanted: kindsOf(aggregationsOf(followed.filter(isOfKinds))),
      sql: (kinds) => renderObservation({...measured, kinds, byDay: true})
    },
    formulas: {
      wanted: aggregationsOf(metrics.filter((metric) => !isOfKinds(metric))),
      text: await formulasSql([{alias: "formula", sql: "COUNT(*)", missing: "zero"}]),
      sql: formulasSql
    }
  };
}

/** Returns all SQL of a plan in pieces, as one text for people. */
export async function textOfPieces({population, kinds, days, formulas}: PiecePlan): Promise<string> {
  const parts = [
    `-- population: the exposed units\n${population}`,
    ...(kinds.wanted.length ? [`-- rows per unit and kind of event\n${await kinds.sql(kinds.wanted)}`] : []),
    ...(days.wanted.length ? [`-- the same by day, of key metrics\n${await days.sql(days.wanted)}`] : []),
    ...(formulas.wanted.length ? [`-- formulas, a column each\n${await formulas.sql(formulas.wanted)}`] : [])
  ];
  return parts.map((part) => `${part.trimEnd()};\n`).join("\n");
}

/** Returns the SQL of an observation by its scenario's templates; throws a UserError where it cannot be rendered. */
export function sqlOf(
  {folders, scenarios, warehouse}: Config,
  observation: Observation,
  metrics: Metric[],
  purpose: Purpose = "regular"
): Promise<string> {
  const aggregations = aggregationsOf(metrics);
  const entry = entryOf(scenarios.templates, observation.scenario);
  return renderObservation({
    folder: folders.queries,
    entry,
    observation,
    metrics,
    aggregations,
    purpose,
    dialect: warehouse.type
  });
}

function entryOf(templates: Record<string, string>, scenario: string): string {
  if (Object.hasOwn(templates, scenario)) return templates[scenario];
  const known = Object.keys(templates);
  const near = nearest(scenario, known);
  const defined = `scenarios.templates in expanto.config.yaml defines ${known.join(", ")}`;
  throw new UserError(`unknown scenario: ${scenario}`, near ? `did you mean ${near}?` : defined);
}
