import {aggregateUnits, isCounted, type Shape} from "../aggregate.js";
import {measured} from "../aggregate/moments.js";
import type {AuditInput} from "../audit.js";
import type {Metric, UserAggregation} from "../types.js";
import {identifier, literal, type Column, type DuckDB, type Row} from "../warehouse/duckdb.js";
import type {AuditMetric} from "./sums.js";
import {emptyRecord, own} from "../stats/own.js";

/** One row a unit, and what is asked of it. */
export type UnitRelation = {
  relation: string;
  shape: Extract<Shape, {kind: "units"}>;
  columns: Column[];
  metrics: Metric[];
  control: string;
  /** The variants that count; every one where it is empty. */
  declared: string[];
};

/** What an audit is of; a metric that is refused, by its name, says why. */
export type AuditedUnits = AuditInput & {
  units: Record<string, number>;
  crossovers: number;
  refused: Record<string, string>;
};

/** Returns every unit's variant and values, in the order of their ids; crossovers and undeclared variants are left out. */
export async function readUnits(duckdb: DuckDB, asked: UnitRelation): Promise<AuditedUnits> {
  const {relation, control} = asked;
  const metrics = asked.metrics.filter(({type}) => type !== "quantile");
  const {crossovers, caps, ...found} = await aggregateUnits(duckdb, relation, {...asked, metrics});
  const refused = {...found.refused, ...refusedQuantiles(asked.metrics)};
  const kept = metrics.filter(({alias}) => !Object.hasOwn(refused, alias));
  const inputs = inputsOf(kept);
  await duckdb.rows(`create temp table audited as ${unitsQuery(asked, inputs)}`);
  const {variants, columns} = await readColumns(duckdb, inputs.length);
  const column = (aggregation: UserAggregation, cap?: number) => {
    const values = columns[inputs.indexOf(measured(aggregation))];
    return cap === undefined ? values : values.map((value) => Math.min(value, cap));
  };
  return {
    variants,
    control,
    metrics: kept.map((metric) => auditMetric(metric, column, own(caps, metric.alias))),
    units: countsOf(variants),
    crossovers,
    refused
  };
}

const refusedQuantiles = (metrics: Metric[]) =>
  Object.fromEntries(
    metrics
      .filter(({type}) => type === "quantile")
      .map(({alias}) => [alias, "a quantile is not audited: no sum over units gives it"])
  );

function auditMetric(
  {alias, type, numerator, denominator}: Metric,
  column: (aggregation: UserAggregation, cap?: number) => Float64Array,
  cap?: number
): AuditMetric {
  const own = column(numerator, cap);
  return {name: alias, type, columns: denominator ? [own, column(denominator)] : [own]};
}

// Metrics that share a user aggregation share its column.
function inputsOf(metrics: Metric[]): string[] {
  const used = metrics.flatMap(({numerator, denominator}) => [
    numerator,
    ...(denominator ? [denominator] : [])
  ]);
  return [...new Set(used.map((each) => measured(each)))];
}

function unitsQuery({relation, shape, declared}: UnitRelation, inputs: string[]): string {
  const variant = identifier(shape.variant);
  const isDeclared = declared.length
    ? `cast(${variant} as varchar) in (${declared.map(literal).join(", ")})`
    : "true";
  const values = inputs.map((input, i) => `, ${input} as value_${i}`).join("");
  return `
    select cast(${variant} as varchar) as variant${values}
    from ${relation}
    where ${isCounted(relation, shape)} and ${isDeclared}
    order by ${identifier(shape.unit)}`;
}

const page = 50_000;

// By pages, so that the rows' objects of a large file never stand in memory at once.
async function readColumns(duckdb: DuckDB, width: number) {
  const [{n}] = await duckdb.rows("select count(*) as n from audited");
  const variants: string[] = [];
  const columns = Array.from({length: width}, () => new Float64Array(Number(n)));
  for (let from = 0; from < Number(n); from += page) {
    const rows = await duckdb.rows(
      `select * from audited where rowid >= ${from} and rowid < ${from + page} order by rowid`
    );
    rows.forEach((row, i) => keep(row, from + i, {variants, columns}));
  }
  return {variants, columns};
}

function keep(row: Row, unit: number, {variants, columns}: {variants: string[]; columns: Float64Array[]}) {
  variants.push(String(row.variant));
  columns.forEach((column, k) => {
    const value = row[`value_${k}`];
    column[unit] = value === null ? NaN : Number(value);
  });
}

function countsOf(variants: string[]): Record<string, number> {
  const counts = emptyRecord<number>();
  for (const variant of variants) counts[variant] = (counts[variant] ?? 0) + 1;
  return counts;
}
