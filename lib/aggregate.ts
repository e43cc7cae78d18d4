import {UserError} from "./errors.js";
import {
  dominanceOf,
  measuresOf,
  momentsQuery,
  precomputeFrom,
  precomputeOf,
  refusals
} from "./aggregate/moments.js";
import {hasMoments, isQuantile, quantilesOf} from "./aggregate/quantiles.js";
import type {Cells} from "./stats/cells.js";
import type {DimensionUnits, Dominance, ExposureCount, Metric, Precompute, SeriesRow} from "./types.js";
import {identifier, literal, type Column, type DuckDB, type Row} from "./warehouse/duckdb.js";

/** What the columns of a query's result make of it. */
export type Shape =
  | {kind: "units"; variant: string; unit: string; crossover: boolean; exposedAt: boolean}
  | {kind: "moments"; variant: string};

/** How a result with one row a unit is to be read. */
export type UnitShape = Extract<Shape, {kind: "units"}>;

export type Aggregated = {
  precomputes: Omit<Precompute, "jobId">[];
  exposures: Omit<ExposureCount, "jobId">[];
  crossovers: number;
  /** Metrics without lawful moments, by alias, and why. */
  refused: Record<string, string>;
  /** What capped metrics were limited to, by alias. */
  caps: Record<string, number>;
  dominance: Record<string, Dominance>;
  splits: DimensionUnits[];
  /** Of the metrics that are kept day by day. */
  series?: SeriesRow[];
  /** Every metric in the crossings of the observation's dimensions; null where there are none, or too many. */
  cells?: Cells | null;
};

/** Returns how a result is to be read, by its columns alone; throws a UserError that says which are missing. */
export function shapeOf(columns: {name: string}[], splitId: string): Shape {
  const names = new Map(columns.map(({name}) => [name.toLowerCase(), name]));
  const variant = names.get("group_name") ?? names.get("variant");
  if (!variant) throw missing("group_name", columns);
  if (names.has("metric_name") && names.has("observation_cnt")) return {kind: "moments", variant};
  const unit = names.get("unit_id") ?? names.get(splitId.toLowerCase());
  if (!unit) throw missing("unit_id", columns);
  return {
    kind: "units",
    variant,
    unit,
    crossover: names.has("crossover"),
    exposedAt: names.has("exposed_at")
  };
}

/** How many units there are, before any metric is looked at. */
export type UnitCounts = Pick<Aggregated, "exposures" | "crossovers" | "splits">;

/**
 * Returns the moments of every metric in every variant of a relation with one row a unit, the units
 * exposed each day, and how many units were seen in more than one variant and so left out. A metric with
 * values that are not finite, or a proportion with values other than 0 and 1, is refused with its reason.
 * Throws a UserError for a missing column or a repeated unit.
 */
export async function aggregateUnits(
  duckdb: DuckDB,
  relation: string,
  question: UnitQuestion
): Promise<Aggregated> {
  await requireUnique(duckdb, relation, question.shape);
  const moments = await momentsOfUnits(duckdb, relation, question);
  return {...moments, ...(await countUnits(duckdb, relation, question))};
}

/** Returns what aggregateUnits does of metrics alone, of a relation in which no unit is repeated. */
export async function momentsOfUnits(
  duckdb: DuckDB,
  relation: string,
  {shape, metrics, columns}: UnitQuestion
): Promise<Omit<Aggregated, keyof UnitCounts>> {
  if (!metrics.length) return {precomputes: [], refused: {}, caps: {}, dominance: {}};
  requireColumns(metrics, columns);
  const kept = `(select * from ${relation} where ${isCounted(relation, shape)})`;
  const measures = await measuresOf(duckdb, kept, {metrics: metrics.filter(hasMoments), columns});
  const variant = `cast(${identifier(shape.variant)} as varchar)`;
  const rows = await duckdb.rows(momentsQuery(kept, {variant, measures}));
  const quantiles = await quantilesOf(duckdb, kept, {variant, metrics: metrics.filter(isQuantile)});
  const refused = {...refusals(rows, measures), ...quantiles.refused};
  const lawful = measures.filter(({metric}) => !Object.hasOwn(refused, metric.alias));
  return {
    precomputes: [
      ...rows.flatMap((row) => lawful.map((measure) => precomputeOf(row, measure))),
      ...quantiles.found.map(precomputeFrom)
    ],
    refused,
    caps: Object.fromEntries(lawful.flatMap(({metric, cap}) => (cap === null ? [] : [[metric.alias, cap]]))),
    dominance: dominanceOf(rows, lawful)
  };
}

/** Returns how many units of a relation count: each day, in each dimension, and those in several variants. */
export async function countUnits(
  duckdb: DuckDB,
  relation: string,
  question: UnitQuestion
): Promise<UnitCounts> {
  const {shape} = question;
  const kept = `(select * from ${relation} where ${isCounted(relation, shape)})`;
  const exposures = await duckdb.rows(exposuresQuery(kept, shape));
  return {
    exposures: exposures.map((row) => ({
      variant: String(row.variant),
      day: String(row.day),
      units: Number(row.units)
    })),
    crossovers: await countCrossovers(duckdb, relation, shape),
    splits: await splitsOf(duckdb, kept, question)
  };
}

type UnitQuestion = {shape: UnitShape; metrics: Metric[]; columns: Column[]};

// A dimension is whatever else the result holds as text.
async function splitsOf(
  duckdb: DuckDB,
  kept: string,
  {shape, metrics, columns}: UnitQuestion
): Promise<DimensionUnits[]> {
  const own = new Set(
    [shape.unit, shape.variant, ...metrics.flatMap(aliasesOf)].map((name) => name.toLowerCase())
  );
  const dimensions = columns.filter(({name, type}) => type === "VARCHAR" && !own.has(name.toLowerCase()));
  const counts = dimensions.map(
    ({name}) => `select ${literal(name)} as dimension, coalesce(${identifier(name)}, '') as value,
      cast(${identifier(shape.variant)} as varchar) as variant, count(*) as units from ${kept} group by all`
  );
  if (!counts.length) return [];
  const rows = await duckdb.rows(`${counts.join("\nunion all\n")} order by all`);
  return rows.map((row) => ({
    dimension: String(row.dimension),
    value: String(row.value),
    variant: String(row.variant),
    units: Number(row.units)
  }));
}

/** Returns the precomputes of moment rows, the result contract of templates that aggregate in the warehouse. */
export function precomputesOfRows(rows: Row[], {variant}: {variant: string}, metrics: Metric[]): Aggregated {
  const known = new Set(metrics.map((metric) => metric.alias));
  const precomputes = rows
    .filter((row) => known.has(String(lower(row).metric_name)))
    .map((row) => momentRow(lower(row), variant));
  return {
    precomputes,
    exposures: largestCounts(precomputes),
    crossovers: 0,
    refused: {},
    caps: {},
    dominance: {},
    splits: []
  };
}

function missing(name: string, columns: {name: string}[]) {
  return new UserError(
    `the query's result has no column ${name}`,
    `a result has one row a unit (unit_id, group_name, one column per user aggregation) or moment rows (group_name, metric_name, observation_cnt, …); this one has ${columns.map((d) => d.name).join(", ")}`
  );
}

function requireColumns(metrics: Metric[], columns: Column[]) {
  const names = new Set(columns.map(({name}) => name.toLowerCase()));
  const absent = metrics
    .flatMap((metric) => aliasesOf(metric))
    .filter((alias) => !names.has(alias.toLowerCase()));
  if (absent.length) {
    throw new UserError(
      `the query's result has no column ${[...new Set(absent)].join(", ")}`,
      "a template loops over user_formula_list and names each column by its alias"
    );
  }
}

const aliasesOf = ({numerator, denominator}: Metric) => [
  numerator.alias,
  ...(denominator ? [denominator.alias] : [])
];

// Without a column that says so, a unit is a crossover when its rows name several variants.
function crossing(relation: string, {unit, variant}: {unit: string; variant: string}) {
  return `select ${identifier(unit)} from ${relation} group by 1 having count(distinct ${identifier(variant)}) > 1`;
}

/** Returns the condition of the rows that count: a variant, and no unit seen in several. */
export function isCounted(relation: string, shape: UnitShape): string {
  return `${identifier(shape.variant)} is not null and ${isKept(relation, shape)}`;
}

function isKept(relation: string, shape: UnitShape): string {
  if (shape.crossover) return "not coalesce(crossover, false)";
  return `${identifier(shape.unit)} not in (${crossing(relation, shape)})`;
}

async function countCrossovers(duckdb: DuckDB, relation: string, shape: UnitShape): Promise<number> {
  const crossed = shape.crossover ? `select 1 from ${relation} where crossover` : crossing(relation, shape);
  const [{crossovers}] = await duckdb.rows(`select count(*) as crossovers from (${crossed})`);
  return Number(crossovers);
}

async function requireUnique(duckdb: DuckDB, relation: string, shape: UnitShape) {
  const unit = identifier(shape.unit);
  const rows = shape.crossover ? relation : `(select * from ${relation} where ${isKept(relation, shape)})`;
  const [{nameless, repeated}] = await duckdb.rows(
    `select (select count(*) from ${relation} where ${unit} is null) as nameless,
       (select count(*) from (select ${unit} from ${rows} group by 1 having count(*) > 1)) as repeated`
  );
  refuseRepeated({nameless: Number(nameless), repeated: Number(repeated)});
}

/** Throws a UserError where rows have no unit, or units have several rows. */
export function refuseRepeated({nameless, repeated}: {nameless: number; repeated: number}): void {
  if (nameless)
    throw new UserError(
      `${nameless} rows of the result have no unit id`,
      "the template selects a unit_id that is never NULL"
    );
  if (repeated) {
    throw new UserError(
      `${counted(repeated, "unit occurs", "units occur")} in more than one row of the result`,
      "a template gives one row a unit: group by the unit"
    );
  }
}

const counted = (n: unknown, one: string, many: string) => `${n} ${Number(n) === 1 ? one : many}`;
function exposuresQuery(from: string, {variant, exposedAt}: UnitShape): string {
  const day = exposedAt ? "coalesce(cast(cast(exposed_at as date) as varchar), '')" : "''";
  const by = exposedAt ? ", cast(exposed_at as date) as exposed_at" : "";
  const counts = `select ${identifier(variant)}${by}, count(*) as units from ${from} group by all`;
  return `select cast(${identifier(variant)} as varchar) as variant, ${day} as day, units from (${counts}) order by all`;
}

const lower = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]));

function momentRow(row: Row, variant: string): Omit<Precompute, "jobId"> {
  const number = (name: string) => (row[name] === null || row[name] === undefined ? null : Number(row[name]));
  const type = row.metric_type === "avg" ? "mean" : (String(row.metric_type) as Precompute["type"]);
  return {
    variant: String(row[variant.toLowerCase()]),
    metric: String(row.metric_name),
    title: String(row.metric_display_name ?? row.metric_name),
    type,
    n: Number(row.observation_cnt),
    value: number("metric_value"),
    numeratorMean: number("numerator_avg") ?? (type === "ratio" ? null : number("metric_value")),
    denominatorMean: number("denominator_avg"),
    numeratorVariance: number("numerator_var"),
    denominatorVariance: number("denominator_var"),
    covariance: number("covariance")
  };
}

// Moment rows say nothing of exposures: the largest count of a variant is the best there is.
function largestCounts(precomputes: Omit<Precompute, "jobId">[]): Omit<ExposureCount, "jobId">[] {
  const units = new Map<string, number>();
  for (const {variant, n} of precomputes) units.set(variant, Math.max(n, units.get(variant) ?? 0));
  return [...units].map(([variant, n]) => ({variant, day: "", units: n}));
}
