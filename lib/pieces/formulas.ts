// Columns of formulas: SQL that says what a unit's events make, over its whole window at once.

import {cached} from "../cache.js";
import {twinOf} from "../metrics.js";
import {whyWhole} from "../metrics/declared.js";
import type {UserAggregation} from "../types.js";
import {hash, parquet, type Count, type Engine} from "./engine.js";
import type {Contents, Piece} from "./contents.js";
import type {Told} from "./measures.js";
import type {Population} from "./population.js";
import type {PiecePlan} from "../pieces.js";

export type FormulaPiece = {relation: string; columns: string[]};
type Making = {
  plan: PiecePlan;
  folder: string;
  known: Piece[];
  count: Count;
  number: () => Promise<void>;
  population: Population;
  told: Told;
};

/** Returns relations with a column for each formula, of which only the missing ones are made. */
export async function formulaPieces(
  {duckdb, options}: Engine,
  {plan: {formulas, hasTwins}, folder, known, count, number, told, population: {numbering}}: Making
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
    if (told.since) told.whole = Object.fromEntries(missing.map((each) => [each.alias, whyWhole(each)]));
    const sql = await formulas.sql(missing);
    await number();
    const contents: Contents = {
      numbering,
      kinds: [],
      columns: [],
      extremes: [],
      formulas: missing.map((formula) => ({key: keyOf(formula), column: formula.alias})),
      since: null,
      until: null,
      days: null
    };
    const {file, hit} = await cached(folder, `formulas-${hash(sql, numbering ?? "")}`, async (aside) => {
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
