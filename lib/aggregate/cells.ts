// Cells of an observation: every crossing of its dimensions (and of the day of exposure, where that stays small) is
// aggregated as a variant of its own, so that cells and the whole are computed by the same queries.

import {setImmediate} from "node:timers/promises";
import {UserError} from "../errors.js";
import {pairsOf, type CellMetric, type Cells} from "../stats/cells.js";
import type {Metric} from "../types.js";
import {identifier, type Column, type DuckDB, type Row} from "../warehouse/duckdb.js";
import {isCounted, type UnitShape} from "../aggregate.js";
import {aggregateKinds, capsOf, grouped} from "./kinds.js";
import {isOfKinds, type KindRows} from "./kind-rows.js";
import {hasMoments, isQuantile, quantilesOf} from "./quantiles.js";
import {measuresOf, momentsOfRow, momentsQuery, type Measure, type VariantMoments} from "./moments.js";

/** More cells than this are not kept: with days there are none by day, without days there are none at all. */
export const mostCells = 20_000;

export type CellQuestion = {
  shape: UnitShape;
  columns: Column[];
  metrics: Metric[];
  dimensions: string[];
  /** SQL of the units that are looked at, over the columns of the relation; all where it is null. */
  where?: string | null;
  /** Whether cells are also crossed by the day of exposure where they can be. */
  byDay?: boolean;
};

/** One row a unit with a column for each aggregation that is not in kindRows; with those, `exposed_units` numbers the units. */
export type CellSource = {
  units: string;
  kindRows: KindRows | null;
  /** Where cells are read from, with the columns of dimensions, where it is another relation; units that it lacks are in none. */
  population?: string;
};

/** Returns metrics in the cells that are asked for; null where there are more than are kept. */
export async function aggregateCells(
  duckdb: DuckDB,
  {units, kindRows, population = kindRows ? "exposed_units" : units}: CellSource,
  {metrics, columns, ...asked}: CellQuestion
): Promise<Cells | null> {
  const {shape} = asked;
  const ids = [shape.unit, ...(kindRows ? ["uid"] : [])];
  const cells = await numberCells(duckdb, population, {...asked, ids});
  if (!cells) return null;
  const isSparse = (metric: Metric) => kindRows !== null && isOfKinds(metric);
  const formulas = metrics.filter((metric) => !isSparse(metric));
  const dense = await denseCells(duckdb, units, {shape, columns, metrics: formulas, cells});
  const sparse = kindRows ? await sparseCells(duckdb, kindRows, metrics.filter(isSparse), cells) : [];
  return {...cells, metrics: [...dense, ...sparse]};
}

/** Cells without metrics yet. */
type NumberedCells = Omit<Cells, "metrics">;
type Numbering = Pick<CellQuestion, "shape" | "dimensions" | "where" | "byDay"> & {ids: string[]};

// The temporary table `cell_units` tells by the columns `ids` which cell a counted unit is in.
async function numberCells(
  duckdb: DuckDB,
  relation: string,
  {shape, dimensions, where = null, byDay = true, ids}: Numbering
): Promise<NumberedCells | null> {
  const isDaily = byDay && shape.exposedAt;
  const unit = ids.map((id) => identifier(id));
  const columns = [
    ...unit,
    `cast(${identifier(shape.variant)} as varchar) as variant`,
    ...dimensions.map((name, k) => `coalesce(cast(${identifier(name)} as varchar), '') as key_${k}`),
    ...(isDaily ? ["cast(cast(exposed_at as date) as varchar) as day"] : [])
  ];
  await duckdb.run(
    `create or replace temp table cell_rows as select ${columns.join(", ")}
     from ${relation} where ${isCounted(relation, shape)}${where === null ? "" : ` and (${where})`}`
  );
  const keys = dimensions.map((_, k) => `key_${k}`);
  const attempts = isDaily ? [[...keys, "day"], keys] : [keys];
  for (const by of attempts) {
    const names = ["variant", ...by].join(", ");
    await duckdb.run(
      `create or replace temp table cell_keys as select (row_number() over (order by ${names}) - 1)::integer as cell, *
       from (select ${names}, count(*) as units from cell_rows group by all limit ${mostCells + 1})`
    );
    const rows = await duckdb.rows("select * from cell_keys order by cell");
    if (rows.length > mostCells) continue;
    await duckdb.run(
      `create or replace temp table cell_units as
       select ${unit.join(", ")}, cell from cell_rows join cell_keys using (${names})`
    );
    return columnsOf(rows, {by, names: [...dimensions, "day"].slice(0, by.length)});
  }
  return null;
}

/** Returns metrics in cells from rows that an engine has crossed itself; null where there are more than are kept. */
export function cellsOfRows(rows: Row[], {by, measures}: {by: string[]; measures: Measure[]}): Cells | null {
  if (rows.length > mostCells) return null;
  const names = by.map((name) => (name === "exposure_day" ? "day" : name));
  const columns = columnsOf(rows, {by: by.map((name) => name.toLowerCase()), names});
  const metrics = measures.map((measure) => {
    const own = rows.map((row, cell) => ({...momentsOfRow(row, measure), variant: String(cell)}));
    return cellMetricOf(measure.metric, {rows: own, cells: rows.length});
  });
  return {...columns, metrics};
}

function columnsOf(rows: Row[], {by, names}: {by: string[]; names: string[]}): NumberedCells {
  const coded = (name: string) => {
    const values = [...new Set(rows.map((row) => String(row[name] ?? "")))].sort();
    const numbers = new Map(values.map((value, i) => [value, i]));
    return {values, codes: rows.map((row) => numbers.get(String(row[name] ?? ""))!)};
  };
  const [variant, ...keys] = ["variant", ...by].map(coded);
  return {
    variants: variant.values,
    keys: keys.map(({values}, k) => ({name: names[k], values})),
    variant: variant.codes,
    at: keys.map(({codes}) => codes),
    units: rows.map((row) => Number(row.units))
  };
}

type DenseQuestion = Pick<CellQuestion, "shape" | "columns" | "metrics"> & {cells: NumberedCells};

async function denseCells(
  duckdb: DuckDB,
  relation: string,
  {shape, columns, metrics, cells}: DenseQuestion
): Promise<CellMetric[]> {
  if (!metrics.length) return [];
  const unit = identifier(shape.unit);
  // What a missing covariate is taken for is told by all units, also where only some are looked at.
  const counted = `(select * from ${relation} where ${isCounted(relation, shape)})`;
  const withCells = `(select units.*, cell_units.cell from ${counted} as units left join cell_units on cell_units.${unit} = units.${unit})`;
  const measures = await measuresOf(duckdb, counted, {metrics: metrics.filter(hasMoments), columns});
  const found = await duckdb.rows(momentsQuery(withCells, {variant: "cell", measures}));
  const rows = found.filter(({variant}) => variant !== null);
  const moments: CellMetric[] = [];
  for (const measure of measures) {
    const own = rows.map((row) => momentsOfRow(row, measure));
    moments.push(cellMetricOf(measure.metric, {rows: own, cells: cells.units.length}));
    // Thousands of cells by many metrics: whoever else asks this process is answered in between.
    await setImmediate();
  }
  return [...moments, ...(await quantileCells(duckdb, withCells, metrics.filter(isQuantile), cells))];
}

async function quantileCells(
  duckdb: DuckDB,
  withCells: string,
  metrics: Metric[],
  {units}: NumberedCells
): Promise<CellMetric[]> {
  const {found, refused} = await quantilesOf(duckdb, withCells, {variant: "cast(cell as varchar)", metrics});
  for (const [alias, reason] of Object.entries(refused)) throw new UserError(`${alias}: ${reason}`);
  return metrics.map((metric) => {
    const rows = found.filter((each) => each.metric === metric);
    return {...cellMetricOf(metric, {rows, cells: units.length}), isQuantile: true};
  });
}

// A cell is taken for a variant; caps are those of all units, also where only some are looked at.
async function sparseCells(
  duckdb: DuckDB,
  rows: KindRows,
  metrics: Metric[],
  cells: NumberedCells
): Promise<CellMetric[]> {
  if (!metrics.length) return [];
  const relation = "cell_kind_rows";
  // Read several times, and where few units are looked at, small.
  await duckdb.run(
    `create or replace temp table ${relation} as
     select kind_rows.* exclude (variant_number), cell_units.cell as variant_number
     from ${rows.relation} as kind_rows join cell_units on cell_units.uid = kind_rows.uid`
  );
  const variants = cells.units.map((units, cell) => ({name: String(cell), units}));
  const caps = await capsOf(duckdb, rows, metrics);
  const {moments} = await aggregateKinds(duckdb, {...rows, relation, variants}, metrics, caps);
  const byMetric = grouped(moments, ({metric}) => metric);
  return metrics.map((metric) => ({
    ...cellMetricOf(metric, {rows: byMetric.get(metric) ?? [], cells: variants.length}),
    n: null
  }));
}

type CellRows = {rows: VariantMoments[]; cells: number};

// A cell of one unit has no variance: its sum of squares around itself is 0.
function cellMetricOf({alias, denominator}: Metric, {rows, cells}: CellRows): CellMetric {
  const width = rows[0]?.means.length ?? (denominator ? 2 : 1);
  const pairs = pairsOf(width);
  const zeros = () => Array<number>(cells).fill(0);
  const found = {
    alias,
    n: zeros(),
    means: Array.from({length: width}, zeros),
    products: pairs.map(zeros)
  };
  for (const row of rows) {
    const cell = Number(row.variant);
    found.n[cell] = row.n;
    row.means.forEach((mean, i) => (found.means[i][cell] = mean ?? 0));
    pairs.forEach(([i, j], k) => {
      found.products[k][cell] = (row.covariance[i][j] ?? 0) * Math.max(0, row.n - 1);
    });
  }
  return found;
}
