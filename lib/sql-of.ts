import {existsSync} from "node:fs";
import {join, posix} from "node:path";
import {followedKindsOf, isOfKinds, kindsOf} from "./aggregate/kind-rows.js";
import {nearest, UserError} from "./errors.js";
import {aggregationsOf} from "./metrics.js";
import type {PiecePlan, Stretch} from "./pieces.js";
import {hash} from "./pieces/engine.js";
import {isSameKind} from "./pieces/measure-sql.js";
import {renderObservation} from "./templates.js";
import type {EventKind, Purpose} from "./templates/variables.js";
import type {Config} from "./config/types.js";
import type {Metric, Observation, UserAggregation} from "./types.js";

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
  const rowsSql =
    (byDay: boolean) =>
    (kinds: EventKind[], stretch: Stretch = {}) => {
      const {since = null, until = observation.calcEnd} = stretch;
      return renderObservation({
        ...measured,
        observation: {...observation, calcEnd: until},
        kinds,
        byDay,
        since
      });
    };
  const textOf = (byDay: boolean, since: string | null = null) =>
    rowsSql(byDay)([{event: "an event", where: null, columns: []}], {since, until: null});
  const formulasSql = (aggregations: UserAggregation[]) =>
    renderObservation({...common, observation, entry: beside("formulas.sql"), aggregations});
  const populationSql = (ends: Partial<Observation>) =>
    renderObservation({
      ...common,
      observation: {...observation, preDays: 0, ...ends},
      entry,
      aggregations: []
    });
  const hasEventDays = existsSync(join(folders.queries, beside("event_days.sql")));
  const text = await textOf(false);
  return {
    population: await populationSql({}),
    lineage: hash(await populationSql({exposureEnd: null, calcEnd: null})),
    until: observation.calcEnd && new Date(observation.calcEnd).toISOString(),
    hasTwins: observation.preDays > 0,
    kinds: {
      wanted: kindsOf(aggregationsOf(metrics.filter(isOfKinds))),
      text,
      byDay: false,
      isExtended: text !== (await textOf(false, "2000-01-01T00:00:00Z")),
      sql: rowsSql(false)
    },
    days: {
      wanted: followedKinds(metrics, followed),
      text: await textOf(true),
      byDay: true,
      sql: rowsSql(true)
    },
    formulas: {
      wanted: aggregationsOf(metrics.filter((metric) => !isOfKinds(metric))),
      text: await formulasSql([{alias: "formula", sql: "COUNT(*)", missing: "zero"}]),
      sql: formulasSql
    },
    eventDays: hasEventDays ? await renderObservation({...measured, entry: beside("event_days.sql")}) : null
  };
}

// A kind that is followed by one metric is kept by day for all.
function followedKinds(metrics: Metric[], followed: Metric[]): EventKind[] {
  const asked = followedKindsOf(followed);
  return followedKindsOf([...metrics.filter(isOfKinds), ...followed]).filter((kind) =>
    asked.some((each) => isSameKind(each, kind))
  );
}

/** Returns all SQL of a plan in pieces, as one text for people. */
export async function textOfPieces({population, kinds, days, formulas}: PiecePlan): Promise<string> {
  const apart = kinds.wanted.filter((kind) => !days.wanted.some((each) => isSameKind(each, kind)));
  const parts = [
    `-- population: the exposed units\n${population}`,
    ...(apart.length ? [`-- rows per unit and kind of event\n${await kinds.sql(apart)}`] : []),
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
