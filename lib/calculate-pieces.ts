import {join} from "node:path";
import {momentsOfUnits, shapeOf, type Aggregated, type UnitShape} from "./aggregate.js";
import {aggregateCells} from "./aggregate/cells.js";
import {aggregateKinds} from "./aggregate/kinds.js";
import {isFollowable, isHeldBy, isOfKinds} from "./aggregate/kind-rows.js";
import {precomputeFrom} from "./aggregate/moments.js";
import {hasMoments} from "./aggregate/quantiles.js";
import {seriesOf} from "./aggregate/series.js";
import {keepInUse} from "./cache-report.js";
import {piecesKey, piecesOf, type Engine, type PiecePlan} from "./pieces.js";
import type {Metric, Observation} from "./types.js";

type PieceQuestion = {pieces: PiecePlan; source: string; observation: Observation; metrics: Metric[]};

/** Returns what aggregateUnits returns, over pieces of which only the missing ones are made. */
export async function calculatePieces(engine: Engine, question: PieceQuestion) {
  const stop = keepInUse(join(engine.cache, piecesKey(question.pieces, question.source)));
  try {
    return await aggregatePieces(engine, question);
  } finally {
    stop();
  }
}

async function aggregatePieces(engine: Engine, {pieces: plan, source, observation, metrics}: PieceQuestion) {
  const {duckdb} = engine;
  const pieces = await piecesOf(engine, plan, source);
  const {key, units, counts, kindRows, dayRows, unitRows, found, made, told} = pieces;
  engine.tell?.("computing moments");
  const columns = await duckdb.columns(`select * from ${unitRows}`);
  const shape = shapeOf(columns, observation.splitId) as UnitShape;
  const formulas = metrics.filter((metric) => !isOfKinds(metric));
  const dense = await momentsOfUnits(duckdb, unitRows, {shape, metrics: formulas, columns});
  const sparse = kindRows ? await aggregateKinds(duckdb, kindRows, metrics.filter(isOfKinds)) : null;
  const aggregated: Aggregated = {
    ...counts,
    precomputes: [...dense.precomputes, ...(sparse?.moments.map(precomputeFrom) ?? [])],
    refused: {...dense.refused, ...sparse?.refused},
    caps: {...dense.caps, ...sparse?.caps},
    dominance: {...dense.dominance, ...sparse?.dominance}
  };
  const lawful = metrics.filter(({alias}) => !(alias in aggregated.refused));
  const followed = lawful.filter((metric) => isFollowable(metric) && dayRows && isHeldBy(dayRows, metric));
  const series = dayRows ? await seriesOf(duckdb, dayRows, {...aggregated, metrics: followed}) : [];
  const {dimensions} = observation;
  const crossed = {shape, columns, metrics: lawful.filter(hasMoments), dimensions};
  const cells = dimensions.length ? await aggregateCells(duckdb, {units: unitRows, kindRows}, crossed) : null;
  return {
    aggregated: {...aggregated, series, cells},
    rows: units,
    cacheKey: key,
    cacheHit: made === 0,
    pieces: {found, made},
    ...told
  };
}
