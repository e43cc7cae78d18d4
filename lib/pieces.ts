// The cache in pieces: the population of an observation, rows per unit and kind of event, columns of formulas. Each is
// an immutable Parquet file that says itself what it holds, so that little is ever computed twice.

import {join} from "node:path";
import {columnsOfKinds} from "./aggregate/kinds.js";
import type {KindRows} from "./aggregate/kind-rows.js";
import type {UnitCounts} from "./aggregate.js";
import {contentsOf} from "./pieces/contents.js";
import {hash, type Engine} from "./pieces/engine.js";
import {eventDays, type EventDay} from "./pieces/event-days.js";
import {formulaPieces, type FormulaPiece} from "./pieces/formulas.js";
import {addedSql, columnsOf, isSameKind, renumbered, summed} from "./pieces/measure-sql.js";
import {heldKinds, measurePieces, type Making, type Told} from "./pieces/measures.js";
import {numberPopulation, openPopulation} from "./pieces/population.js";
import {extremesOf, type EventKind, type Extreme} from "./templates/variables.js";
import type {Instant, UserAggregation} from "./types.js";
import {identifier} from "./warehouse/duckdb.js";

export type {Engine} from "./pieces/engine.js";

/** A stretch of time; null where it has no beginning of its own, or no end. */
export type Stretch = {since?: Instant | null; until?: Instant | null};

/** Rows per unit and kind; the text is that of one kind, whatever its name, and tells templates apart. */
export type MeasurePlan = {
  wanted: EventKind[];
  text: string;
  byDay: boolean;
  sql: (kinds: EventKind[], stretch?: Stretch) => Promise<string>;
};

/** How an observation is calculated in pieces: the SQL of each, where `population` is the table of exposed units. */
export type PiecePlan = {
  population: string;
  /** What populations have in common that differ in the ends of their windows alone, as a hash. */
  lineage: string;
  /** Where the events that count end; null where they do not. */
  until: Instant | null;
  hasTwins: boolean;
  /** Of declared aggregations; `isExtended` where the template can count from some time on. */
  kinds: MeasurePlan & {isExtended: boolean};
  /** Of the kinds that are followed day by day. */
  days: MeasurePlan;
  /** Of formulas, likewise. */
  formulas: {wanted: UserAggregation[]; text: string; sql: (formulas: UserAggregation[]) => Promise<string>};
  /** The SQL of the days of events; null without a template for it. */
  eventDays: string | null;
};

/** What a calculation found or made: relations to read, and which files they are. */
export type Pieces = {
  /** The folder of the population and everything that was measured on it. */
  key: string;
  units: number;
  counts: UnitCounts;
  kindRows: KindRows | null;
  /** Per unit, kind and day. */
  dayRows: KindRows | null;
  /** One row a unit: unit_id, group_name, crossover, exposed_at, dimensions, and a column for each formula. */
  unitRows: string;
  /** The same with columns for declared aggregations too. */
  unitRowsWith: (declared: UserAggregation[]) => string;
  /** Pieces that were there already, and those that were made. */
  found: number;
  made: number;
  told: Told;
};

/** Returns the name of the folder that holds the pieces of a plan's units, as they are in a source. */
export const piecesKey = ({population}: PiecePlan, source: string): string => hash(source, population);

/** Makes what is missing of an observation's pieces, and returns all of them; an abort leaves only whole pieces. */
export async function piecesOf(engine: Engine, plan: PiecePlan, source: string): Promise<Pieces> {
  const key = piecesKey(plan, source);
  const folder = join(engine.cache, key);
  const count = {found: 0, made: 0};
  engine.tell?.("finding units");
  const population = await openPopulation(engine, {folder, plan, source, count});
  const known = await contentsOf(engine.duckdb, folder, population.numbering);
  const told: Told = {};
  const number = once(() => numberPopulation(engine, population));
  const days = once(() => openDays(engine, plan));
  const making: Making = {plan, folder, known, count, population, number, days, told};
  engine.tell?.("reading events");
  const {kindRows, dayRows} = await measured(engine, making);
  const formulas = await formulaPieces(engine, making);
  const unitRowsWith = (declared: UserAggregation[]) =>
    unitRelation([...formulas, ...(kindRows && declared.length ? [columnsOfKinds(kindRows, declared)] : [])]);
  const {units, counts} = population;
  return {
    key,
    units,
    counts,
    kindRows,
    dayRows,
    unitRows: unitRelation(formulas),
    unitRowsWith,
    told,
    ...count
  };
}

// A window that is over gets no more events: nobody will ask which of its days have changed.
async function openDays(
  {duckdb, options, now = new Date().toISOString()}: Engine,
  {until, eventDays: sql}: PiecePlan
): Promise<EventDay[] | null> {
  const isOver = until !== null && until <= now;
  return isOver || sql === null ? null : eventDays(duckdb, sql, options);
}

// Rows by day are rows of the whole as well: a kind that is followed is scanned and kept once.
async function measured(engine: Engine, making: Making): Promise<Pick<Pieces, "kindRows" | "dayRows">> {
  const {kinds, days, hasTwins} = making.plan;
  const isFollowed = (kind: EventKind) => days.wanted.some((each) => isSameKind(each, kind));
  const others = kinds.wanted.filter((kind) => !isFollowed(kind));
  const alsoByDay = heldKinds({...days, wanted: others}, making);
  const heldByDay = await measurePieces(engine, {...days, wanted: [...days.wanted, ...alsoByDay]}, making);
  const apart = others.filter((kind) => !alsoByDay.includes(kind));
  const held = await measurePieces(engine, {...kinds, wanted: apart}, making);
  const rowsOf = (wanted: EventKind[], relation: string, extremes: Extreme[] = []): KindRows | null =>
    wanted.length
      ? {
          relation,
          kinds: wanted,
          columns: columnsOf(wanted),
          extremes,
          hasTwins,
          variants: making.population.variants
        }
      : null;
  const byDay = {kinds: days.wanted, hasTwins, byDay: true};
  const daily = addedSql(renumbered(heldByDay, byDay), byDay);
  const dayRows = rowsOf(days.wanted, daily, extremesOf(days.wanted));
  const whole = {kinds: kinds.wanted, hasTwins, byDay: false};
  const fromDays = renumbered(heldByDay, whole).flat();
  const lists = [...renumbered(held, whole), ...(fromDays.length ? [[summed(fromDays, whole)]] : [])];
  if (!kinds.wanted.length || (!fromDays.length && lists.every(({length}) => length === 1)))
    return {kindRows: rowsOf(kinds.wanted, addedSql(lists, whole)), dayRows};
  // Every question reads it several times.
  await engine.duckdb.run(
    `create or replace temp table added_rows as select * from ${addedSql(lists, whole)}`
  );
  return {kindRows: rowsOf(kinds.wanted, "added_rows"), dayRows};
}

function once<Answer>(work: () => Promise<Answer>): () => Promise<Answer> {
  let answer: Promise<Answer> | undefined;
  return () => (answer ??= work());
}

// One row a unit is a view over the pieces.
function unitRelation(pieces: FormulaPiece[]): string {
  const columns = pieces.flatMap((piece, i) => piece.columns.map((name) => `f${i}.${identifier(name)}`));
  const joins = pieces.map(({relation}, i) => `left join ${relation} as f${i} on f${i}.uid = units.uid`);
  return `(select units.* exclude (uid)${columns.map((sql) => `, ${sql}`).join("")} from exposed_units as units ${joins.join(" ")})`;
}
