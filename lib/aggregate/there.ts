// Moments by the warehouse itself, in one statement: for data too large to bring home.

import type {Metric, Observation} from "../types.js";
import {dialects, identifier} from "../templates/dialects.js";
import type {Connector, RunOptions} from "../warehouse/connector.js";
import type {Row} from "../warehouse/duckdb.js";
import {rowsOf} from "../warehouse/parquet.js";
import type {Aggregated, UnitShape} from "../aggregate.js";
import {cellsOfRows} from "./cells.js";
import {dominanceOf, measuresThere, momentsQuery, precomputeOf, refusals} from "./moments.js";

type Question = {
  sql: string;
  shape: UnitShape;
  columns: {name: string}[];
  observation: Observation;
  metrics: Metric[];
};

/** Returns the SQL by which a warehouse aggregates the unit rows of a query itself, and the measures it gives. */
export function momentsThereSql(
  dialect: Connector["dialect"],
  {sql, shape, columns, observation, metrics}: Question
) {
  const own = dialects[dialect];
  const isCounted = shape.crossover ? "not coalesce(crossover, false)" : "true";
  const measures = measuresThere({dialect: own, isCounted}, {metrics: metrics.filter(isKnownThere), columns});
  const text = momentsQuery(
    `(\n${sql.trimEnd()}\n) as unit_rows\nwhere ${identifier(shape.variant, own)} is not null`,
    {
      dialect: own,
      variant: `case when ${isCounted} then ${own.text(identifier(shape.variant, own))} end`,
      measures,
      cells: {
        day: shape.exposedAt ? own.day("exposed_at") : null,
        dimensions: observation.dimensions.map((name) => identifier(name, own))
      }
    }
  );
  return {text, measures};
}

/** Returns what aggregateUnits returns, from one statement that the warehouse answers with moments alone. */
export async function aggregateThere(
  connector: Connector,
  question: Question,
  options: RunOptions
): Promise<{aggregated: Aggregated; rows: number}> {
  const {observation, metrics, shape} = question;
  const {text, measures} = momentsThereSql(connector.dialect, question);
  const rows = await rowsOf(connector, text, options);
  const keys = [...(shape.exposedAt ? ["exposure_day"] : []), ...observation.dimensions];
  const cellsBy = (key: string | null) =>
    rows.filter((row) =>
      keys.every((each) => Number(row[`is_all_${each}`.toLowerCase()]) === (each === key ? 0 : 1))
    );
  const crossed = rows.filter((row) =>
    keys.every((each) => Number(row[`is_all_${each}`.toLowerCase()]) === 0)
  );
  const totals = cellsBy(null);
  const variants = totals.filter(({variant}) => variant !== null);
  const refused = {...refusals(variants, measures), ...unknownThere(metrics)};
  const lawful = measures.filter(({metric}) => !Object.hasOwn(refused, metric.alias));
  const isNamed = ({variant}: Row) => variant !== null;
  const aggregated: Aggregated = {
    precomputes: variants.flatMap((row) => lawful.map((measure) => precomputeOf(row, measure))),
    exposures: (shape.exposedAt ? cellsBy("exposure_day") : totals).filter(isNamed).map((row) => ({
      variant: String(row.variant),
      day: String(row.exposure_day ?? ""),
      units: Number(row.units)
    })),
    crossovers: Number(totals.find(({variant}) => variant === null)?.units ?? 0),
    refused,
    caps: Object.fromEntries(lawful.flatMap(({metric, cap}) => (cap === null ? [] : [[metric.alias, cap]]))),
    dominance: dominanceOf(variants, lawful),
    splits: observation.dimensions.flatMap((dimension) =>
      cellsBy(dimension)
        .filter(isNamed)
        .map((row) => ({
          dimension,
          value: String(row[dimension.toLowerCase()] ?? ""),
          variant: String(row.variant),
          units: Number(row.units)
        }))
    ),
    cells: observation.dimensions.length
      ? cellsOfRows(crossed.filter(isNamed), {
          by: [...observation.dimensions, ...(shape.exposedAt ? ["exposure_day"] : [])],
          measures: lawful
        })
      : null
  };
  return {aggregated, rows: rows.length};
}

const isKnownThere = ({type, cap}: Metric) => type !== "quantile" && (!cap || "at" in cap);

const unknownThere = (metrics: Metric[]) =>
  Object.fromEntries(
    metrics
      .filter((metric) => !isKnownThere(metric))
      .map(({alias, type}) => [
        alias,
        type === "quantile"
          ? "a quantile is told from units, and only moments come home: set warehouse.results to units"
          : "its cap is a percentile of all units, and only moments come home: cap it at a number, or set warehouse.results to units"
      ])
  );
