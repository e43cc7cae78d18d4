import {join} from "node:path";
import {aggregateUnits, shapeOf, type Aggregated, type UnitShape} from "./aggregate.js";
import {denseCells, numberCells, sparseCells, type CellQuestion} from "./aggregate/cells.js";
import {aggregateKinds, isHeldBy, isOfKinds} from "./aggregate/kinds.js";
import {precomputeFrom} from "./aggregate/moments.js";
import {seriesOf} from "./aggregate/series.js";
import {touchEntry} from "./cache-report.js";
import {piecesOf, type Engine, type PiecePlan, type Pieces} from "./pieces.js";
import type {Cells} from "./stats/cells.js";
import type {Metric, Observation} from "./types.js";
import type {Column, DuckDB} from "./warehouse/duckdb.js";

type PieceQuestion = {pieces: PiecePlan; source: string; observation: Observation; metrics: Metric[]};

/** Returns what aggregateUnits returns, over pieces of which only the missing ones are made. */
export async function calculatePieces(
  engine: Engine,
  {pieces: plan, source, observation, metrics}: PieceQuestion
) {
  const {duckdb} = engine;
  const {key, units, kindRows, dayRows, unitRows, made} = await piecesOf(engine, plan, source);
  await touchEntry(join(engine.cache, key));
  const columns = await duckdb.columns(`select * from ${unitRows}`);
  const shape = shapeOf(columns, observation.splitId) as UnitShape;
  const formulas = metrics.filter((metric) => !isOfKinds(metric));
  const dense = await aggregateUnits(duckdb, unitRows, {
    shape,
    metrics: formulas,
    columns,
    isUnique: true
  });
  const sparse = kindRows ? await aggregateKinds(duckdb, kindRows, metrics.filter(isOfKinds)) : null;
  const aggregated: Aggregated = {
    ...dense,
    precomputes: [...dense.precomputes, ...(sparse?.moments.map(precomputeFrom) ?? [])],
    refused: {...dense.refused, ...sparse?.refused},
    caps: {...dense.caps, ...sparse?.caps},
    dominance: {...dense.dominance, ...sparse?.dominance}
  };
  const followed = metrics.filter((metric) => isOfKinds(metric) && dayRows && isHeldBy(dayRows, metric));
  const lawful = followed.filter(({alias}) => !(alias in aggregated.refused));
  const series = dayRows ? await seriesOf(duckdb, dayRows, {...aggregated, metrics: lawful}) : [];
  const isLawful = ({alias}: Metric) => !(alias in aggregated.refused);
  const cells = await cellsOfPieces(
    duckdb,
    {kindRows, unitRows},
    {shape, columns, metrics: metrics.filter(isLawful), dimensions: observation.dimensions}
  );
  return {aggregated: {...aggregated, series, cells}, rows: units, cacheKey: key, cacheHit: made === 0};
}

type CellsAsked = Omit<CellQuestion, "shape"> & {shape: UnitShape; columns: Column[]; metrics: Metric[]};

/** Returns metrics in the cells that are asked for, over pieces; null without dimensions, or where cells are too many. */
export async function cellsOfPieces(
  duckdb: DuckDB,
  {kindRows, unitRows}: Pick<Pieces, "kindRows" | "unitRows">,
  {shape, columns, metrics, ...asked}: CellsAsked
): Promise<Cells | null> {
  if (!asked.dimensions.length && !asked.where) return null;
  const ids = ["uid", shape.unit];
  const numbered = await numberCells(duckdb, "exposed_units", {...asked, shape, ids});
  if (!numbered) return null;
  const formulas = metrics.filter((metric) => !isOfKinds(metric));
  const declared = metrics.filter(isOfKinds);
  const dense = await denseCells(duckdb, unitRows, {shape, metrics: formulas, columns, cells: numbered});
  const sparse = kindRows ? await sparseCells(duckdb, kindRows, {metrics: declared, cells: numbered}) : [];
  return {...numbered, metrics: [...dense, ...sparse]};
}
