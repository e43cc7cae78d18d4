import {UserError} from "../errors.js";
import {checkFilter, checkQuery} from "../sql-filter.js";
import {twinOf} from "../metrics.js";
import type {Metric, Observation, UserAggregation} from "../types.js";
import {checkName, plainTime} from "./dialects.js";
import {Sql} from "./environment.js";
import type {DialectName} from "../warehouse/connector.js";

export type Purpose = "regular" | "planning";

type Definition = {
  observation: Observation;
  metrics: Metric[];
  aggregations: UserAggregation[];
  purpose: Purpose;
  dialect: DialectName;
  /** Kinds of events to be kept a row each, by the template measures.sql. */
  kinds?: EventKind[];
  /** Whether those rows are by day too. */
  byDay?: boolean;
  /** Where the rows that are there already end; null where there are none. */
  since?: string | null;
};

/** Returns what a template sees, under the names people's templates use; throws UserError for a name or SQL it refuses. */
export async function templateVariables({
  observation,
  metrics,
  aggregations,
  purpose,
  dialect,
  kinds = [],
  byDay = false,
  since = null
}: Definition) {
  checkColumns(observation, aggregations);
  return {
    observation: await observationVariable(observation, dialect),
    experiment_metrics_list: metrics.map(metricVariable),
    user_formula_list: await Promise.all(
      aggregations.map(async (each) => formulaVariable(await checkedDeclaration(each, dialect)))
    ),
    ...(await kindVariables(kinds, dialect)),
    by_day: byDay,
    since: time(since),
    purpose
  };
}

// The result's columns are named by people: they must be names, and no two the same.
function checkColumns({splitId, dimensions, preDays}: Observation, aggregations: UserAggregation[]): void {
  checkName(splitId, "split_id");
  const taken = new Set(["unit_id", "group_name", "crossover", "exposed_at"]);
  for (const name of dimensions) claim(checkName(name, "dimension"), "dimension", taken);
  for (const {alias} of aggregations) {
    claim(checkName(alias, "alias"), "alias", taken);
    if (preDays > 0) claim(twinOf(alias), "alias", taken);
  }
}

function claim(name: string, what: string, taken: Set<string>): void {
  if (taken.has(name.toLowerCase()))
    throw new UserError(`the result has two columns of one name: ${name}`, `give the ${what} another name`);
  taken.add(name.toLowerCase());
}

async function observationVariable(observation: Observation, dialect: DialectName) {
  const query = observation.customTestIdsQuery;
  return {
    id: observation.id,
    experiment_id: observation.experimentId,
    name: observation.name,
    db_experiment_name: observation.dbExperimentName,
    split_id: observation.splitId,
    calculation_scenario: observation.scenario,
    exposure_start_datetime: time(observation.exposureStart),
    exposure_end_datetime: time(observation.exposureEnd),
    calc_start_datetime: time(observation.calcStart),
    calc_end_datetime: time(observation.calcEnd),
    exposure_event: observation.exposureEvent || null,
    audience_tables: (observation.audienceTables ?? []).map(audienceTable),
    filters: await checkedFilters(observation.filters, dialect),
    event_filters: await checkedFilters(observation.eventFilters, dialect),
    custom_test_ids_query: query ? new Sql(await checkQuery(query, {dialect})) : null,
    metric_tags: observation.metricTags ?? [],
    metric_groups: observation.metricGroups ?? [],
    dimensions: observation.dimensions ?? [],
    pre_period_days: observation.preDays,
    horizon_days: observation.horizonDays
  };
}

const time = (instant: string | null) => (instant ? plainTime(instant) : null);

function audienceTable(name: string): string {
  for (const part of name.split(".")) checkName(part, `audience table ${name}, in the part`);
  return name;
}

async function checkedFilters(filters: string[] | null, dialect: DialectName): Promise<Sql[]> {
  const checked = await Promise.all((filters ?? []).map((text) => checkFilter(text, {dialect})));
  return checked.map((sql) => new Sql(sql));
}

async function checkedDeclaration(
  aggregation: UserAggregation,
  dialect: DialectName
): Promise<UserAggregation> {
  const {declared} = aggregation;
  if (!declared?.where) return aggregation;
  return {...aggregation, declared: {...declared, where: await checkFilter(declared.where, {dialect})}};
}

/** A kind of event: its name, a condition, the columns of which sums are kept, and those of which the ends are. */
export type EventKind = {event: string; where: string | null; columns: string[]; extremes?: Extreme[]};

/** The largest or the least value of a column, which is among those of which sums are kept. */
export type Extreme = {agg: "max" | "min"; column: string};

/** Returns the extremes of kinds, each once, in the order of their numbers. */
export function extremesOf(kinds: EventKind[]): Extreme[] {
  const all = kinds.flatMap(({extremes = []}) => extremes);
  return [...new Map(all.map((each) => [`${each.agg} ${each.column}`, each])).values()];
}

// Kinds are numbered in their order; a condition is numbered from 1, and 0 is none.
async function kindVariables(kinds: EventKind[], dialect: DialectName) {
  const columns = [...new Set(kinds.flatMap(({columns: own}) => own))];
  const conditions = [...new Set(kinds.map(({where}) => where).filter((where) => where !== null))];
  return {
    kinds: kinds.map(({event, where}, number) => ({
      number,
      event,
      condition: where === null ? 0 : conditions.indexOf(where) + 1
    })),
    conditions: await checkedFilters(conditions, dialect),
    value_columns: columns.map((name) => checkName(name, "column")),
    extremes: extremesOf(kinds).map(({agg, column}) => ({agg, column: columns.indexOf(column)}))
  };
}

function metricVariable(metric: Metric) {
  const {numerator, denominator} = metric;
  return {
    alias: checkName(metric.alias, "metric's alias"),
    type: metric.type === "mean" ? "avg" : metric.type,
    display_name: metric.title,
    description: metric.description,
    owner: metric.owner,
    group_name: metric.group,
    tags: metric.tags,
    sql: new Sql(metricSql(metric)),
    formula: {
      numerator: formulaVariable(numerator),
      denominator: denominator ? formulaVariable(denominator) : null
    }
  };
}

// A ratio over a sum of zero has no value, which is NULL and not zero.
function metricSql({type, alias, quantile, numerator, denominator}: Metric): string {
  if (type === "quantile") return `PERCENTILE_CONT(${quantile}) WITHIN GROUP (ORDER BY ${numerator.alias})`;
  if (type !== "ratio") return `AVG(${numerator.alias})`;
  if (!denominator)
    throw new UserError(`the ratio ${alias} has no denominator`, "give it one in its formula");
  return `SUM(${numerator.alias}) / NULLIF(SUM(${denominator.alias}), 0)`;
}

function formulaVariable({alias, sql, missing, declared}: UserAggregation) {
  return {
    alias: checkName(alias, "alias"),
    alias_before: twinOf(alias),
    sql: new Sql(sql),
    missing,
    declared: declared ?? null
  };
}
