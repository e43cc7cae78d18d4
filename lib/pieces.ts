// The cache in pieces: the population of an observation, rows per unit and kind of event, columns of formulas. Each is
// an immutable Parquet file that says itself what it holds, so that little is ever computed twice.

import {createHash} from "node:crypto";
import {join} from "node:path";
import {refuseRepeated} from "./aggregate.js";
import {columnsOfKinds} from "./aggregate/kinds.js";
import type {KindRows} from "./aggregate/kind-rows.js";
import {cached} from "./cache.js";
import {contentsOf, type Contents} from "./pieces/contents.js";
import {twinOf} from "./metrics.js";
import type {EventKind} from "./templates/variables.js";
import type {UserAggregation} from "./types.js";
import type {RunOptions} from "./warehouse/connector.js";
import {identifier, literal, type DuckDB} from "./warehouse/duckdb.js";

/** How an observation is calculated in pieces: the SQL of each, where `population` is the table of exposed units. */
export type PiecePlan = {
  population: string;
  hasTwins: boolean;
  /** Of declared aggregations; the text is that of one kind, whatever its name, and tells templates apart. */
  kinds: {wanted: EventKind[]; text: string; sql: (kinds: EventKind[]) => Promise<string>};
  /** Of the kinds that are followed day by day. */
  days: {wanted: EventKind[]; sql: (kinds: EventKind[]) => Promise<string>};
  /** Of formulas, likewise. */
  formulas: {wanted: UserAggregation[]; text: string; sql: (formulas: UserAggregation[]) => Promise<string>};
};

/** What a calculation found or made: relations to read, and which files they are. */
export type Pieces = {
  /** The folder of the population and everything that was measured on it. */
  key: string;
  units: number;
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
};

/** What makes pieces, and where they are kept; `allow` throws where the warehouse must not be asked. */
export type Engine = {
  duckdb: DuckDB;
  cache: string;
  options: RunOptions;
  allow?: () => Promise<void>;
  /** Hears what is being done. */
  tell?: (phase: string) => void;
};

/** Returns the name of the folder that holds the pieces of a plan's units, as they are in a source. */
export const piecesKey = ({population}: PiecePlan, source: string): string => hash(source, population);

/** Makes what is missing of an observation's pieces, and returns all of them; an abort leaves only whole pieces. */
export async function piecesOf(engine: Engine, plan: PiecePlan, source: string): Promise<Pieces> {
  const key = piecesKey(plan, source);
  const folder = join(engine.cache, key);
  const count = {found: 0, made: 0};
  engine.tell?.("finding units");
  const variants = await openPopulation(engine, {folder, sql: plan.population, count});
  const known = await contentsOf(engine.duckdb, folder);
  const making = {plan, folder, known, count, variants};
  engine.tell?.("reading events");
  const kinds = await kindPieces(engine, making);
  const formulas = await formulaPieces(engine, making);
  const dayRows = await dayPiece(engine, making);
  const kindRows = plan.kinds.wanted.length
    ? {...kindRelation(kinds, plan), hasTwins: plan.hasTwins, variants}
    : null;
  const unitRowsWith = (declared: UserAggregation[]) =>
    unitRelation([...formulas, ...(kindRows && declared.length ? [columnsOfKinds(kindRows, declared)] : [])]);
  const [{units}] = await engine.duckdb.rows("select count(*) as units from exposed_units");
  return {
    key,
    units: Number(units),
    kindRows,
    dayRows,
    unitRows: unitRelation(formulas),
    unitRowsWith,
    ...count
  };
}

type Count = {found: number; made: number};

// The population as the view `exposed_units`, and the variants of those that count.
async function openPopulation(
  {duckdb, options, allow}: Engine,
  {folder, sql, count}: {folder: string; sql: string; count: Count}
): Promise<KindRows["variants"]> {
  const {file, hit} = await cached(folder, "population", async (aside) => {
    await allow?.();
    await duckdb.run(
      `create or replace temp table made_units as select (row_number() over () - 1)::integer as uid, units.* from (\n${sql}\n) as units`,
      options
    );
    await requireUnique(duckdb, options);
    await duckdb.writeParquet("select * from made_units", aside, {...options, compression: "lz4_raw"});
  });
  count[hit ? "found" : "made"]++;
  await duckdb.run("drop table if exists population");
  await duckdb.run(
    `create or replace temp view exposed_units as select * from ${hit ? parquet(file) : "made_units"}`
  );
  const rows = await duckdb.rows(
    "select cast(group_name as varchar) as variant, count(*) as units from exposed_units where group_name is not null and not crossover group by 1 order by 1"
  );
  return rows.map(({variant, units}) => ({name: String(variant), units: Number(units)}));
}

// Only what is still to be measured needs it.
async function numberPopulation({duckdb, options, allow}: Engine, variants: KindRows["variants"]) {
  await allow?.();
  const names = variants.map(({name}) => literal(name));
  await duckdb.run(
    `create temp table if not exists population as select uid, unit_id, exposed_at,
       (list_position([${names.join(", ")}]::varchar[], cast(group_name as varchar)) - 1)::utinyint as variant_number
     from exposed_units where group_name is not null and not crossover`,
    options
  );
}

async function requireUnique(duckdb: DuckDB, options: RunOptions) {
  const [[nameless, repeated]] = await duckdb.cells(
    `select (select count(*) from made_units where unit_id is null),
       (select count(*) from (select unit_id from made_units group by 1 having count(*) > 1))`,
    options
  );
  refuseRepeated({nameless: Number(nameless), repeated: Number(repeated)});
}

type Making = {
  plan: PiecePlan;
  folder: string;
  known: Contents[];
  count: Count;
  variants: KindRows["variants"];
};
type KindPiece = {relation: string; number: number; columns: string[]};

// A kind is found where some file has it with all the columns that are wanted now.
async function kindPieces(
  engine: Engine,
  {plan: {kinds}, folder, known, count, variants}: Making
): Promise<Map<EventKind, KindPiece>> {
  const pieces = new Map<EventKind, KindPiece>();
  const keyOf = ({event, where}: EventKind) => hash(kinds.text, JSON.stringify([event, where]));
  for (const kind of kinds.wanted) {
    for (const {file, kinds: held, columns} of known) {
      const number = held.find(({key}) => key === keyOf(kind))?.number;
      if (number === undefined || !kind.columns.every((name) => columns.includes(name))) continue;
      pieces.set(kind, {relation: parquet(file), number, columns});
    }
  }
  count.found += pieces.size;
  const missing = kinds.wanted.filter((kind) => !pieces.has(kind));
  if (!missing.length) return pieces;
  count.made += missing.length;
  const columns = columnsOf(missing);
  const contents = {
    kinds: missing.map((kind, number) => ({key: keyOf(kind), number})),
    columns,
    formulas: []
  };
  const {duckdb, options} = engine;
  const sql = await kinds.sql(missing);
  await numberPopulation(engine, variants);
  await cached(folder, `kinds-${hash(sql)}`, async (aside) => {
    await duckdb.run(`create or replace temp table made_kinds as ${sql}`, options);
    await duckdb.writeParquet("select * from made_kinds", aside, {
      ...options,
      compression: "lz4_raw",
      contents: JSON.stringify(contents)
    });
  }).then(({file, hit}) => {
    const relation = hit ? parquet(file) : "made_kinds";
    for (const [number, kind] of missing.entries()) pieces.set(kind, {relation, number, columns});
  });
  return pieces;
}

async function dayPiece(
  engine: Engine,
  {plan: {days}, folder, count, variants}: Making
): Promise<KindRows | null> {
  const {duckdb, options} = engine;
  if (!days.wanted.length) return null;
  const sql = await days.sql(days.wanted);
  const {file, hit} = await cached(folder, `days-${hash(sql)}`, async (aside) => {
    await numberPopulation(engine, variants);
    await duckdb.run(`create or replace temp table made_days as ${sql}`, options);
    await duckdb.writeParquet("select * from made_days", aside, {...options, compression: "lz4_raw"});
  });
  count[hit ? "found" : "made"]++;
  const relation = hit ? parquet(file) : "made_days";
  return {relation, kinds: days.wanted, columns: columnsOf(days.wanted), hasTwins: false, variants};
}

const columnsOf = (kinds: EventKind[]) => [...new Set(kinds.flatMap(({columns}) => columns))];

// Files number kinds and columns their own way; one relation numbers them as they are wanted.
function kindRelation(
  pieces: Map<EventKind, KindPiece>,
  {kinds: {wanted}, hasTwins}: PiecePlan
): Pick<KindRows, "relation" | "kinds" | "columns"> {
  const columns = columnsOf(wanted);
  const [first] = pieces.values();
  const isAsWanted = wanted.every((kind, number) => {
    const piece = pieces.get(kind)!;
    return piece.relation === first.relation && piece.number === number && sameList(piece.columns, columns);
  });
  if (isAsWanted) return {relation: first.relation, kinds: wanted, columns};
  const periods = hasTwins ? ["now", "before"] : ["now"];
  const byRelation = [...new Set([...pieces.values()].map(({relation}) => relation))];
  const parts = byRelation.map((relation) => {
    const own = [...pieces].filter(([, piece]) => piece.relation === relation);
    const numbers = own.map(([kind, {number}]) => `when ${number} then ${wanted.indexOf(kind)}`);
    const held = own[0][1].columns;
    const sums = periods.flatMap((period) => [
      `n_${period}`,
      ...columns.map((name, i) =>
        held.includes(name)
          ? `sum_${held.indexOf(name)}_${period} as sum_${i}_${period}`
          : `0::double as sum_${i}_${period}`
      )
    ]);
    return `select uid, case kind ${numbers.join(" ")} end as kind, variant_number, ${sums.join(", ")}
      from ${relation} where kind in (${own.map(([, {number}]) => number).join(", ")})`;
  });
  return {relation: `(${parts.join("\nunion all\n")})`, kinds: wanted, columns};
}

const sameList = (a: string[], b: string[]) => a.length === b.length && a.every((each, i) => each === b[i]);

type FormulaPiece = {relation: string; columns: string[]};

async function formulaPieces(
  engine: Engine,
  {plan: {formulas, hasTwins}, folder, known, count, variants}: Making
): Promise<FormulaPiece[]> {
  const keyOf = ({alias, sql, missing}: UserAggregation) =>
    hash(formulas.text, JSON.stringify([alias, sql, missing]));
  const columnsFor = ({alias}: UserAggregation) => (hasTwins ? [alias, twinOf(alias)] : [alias]);
  const found = new Map<string, string[]>();
  const missing = formulas.wanted.filter((formula) => {
    const piece = known.find(({formulas: held}) => held.some(({key}) => key === keyOf(formula)));
    if (!piece) return true;
    const relation = parquet(piece.file);
    found.set(relation, [...(found.get(relation) ?? []), ...columnsFor(formula)]);
    return false;
  });
  count.found += formulas.wanted.length - missing.length;
  count.made += missing.length;
  if (missing.length) {
    const {duckdb, options} = engine;
    const sql = await formulas.sql(missing);
    await numberPopulation(engine, variants);
    const contents = {
      kinds: [],
      columns: [],
      formulas: missing.map((formula) => ({key: keyOf(formula), column: formula.alias}))
    };
    const {file, hit} = await cached(folder, `formulas-${hash(sql)}`, async (aside) => {
      await duckdb.run(`create or replace temp table made_formulas as ${sql}`, options);
      await duckdb.writeParquet("select * from made_formulas", aside, {
        ...options,
        compression: "lz4_raw",
        contents: JSON.stringify(contents)
      });
    });
    found.set(hit ? parquet(file) : "made_formulas", missing.flatMap(columnsFor));
  }
  return [...found].map(([relation, columns]) => ({relation, columns}));
}

// One row a unit is a view over the pieces.
function unitRelation(pieces: FormulaPiece[]): string {
  const columns = pieces.flatMap((piece, i) => piece.columns.map((name) => `f${i}.${identifier(name)}`));
  const joins = pieces.map(({relation}, i) => `left join ${relation} as f${i} on f${i}.uid = units.uid`);
  return `(select units.* exclude (uid)${columns.map((sql) => `, ${sql}`).join("")} from exposed_units as units ${joins.join(" ")})`;
}

const parquet = (file: string) => `read_parquet(${literal(file)})`;

const hash = (...parts: string[]) =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
