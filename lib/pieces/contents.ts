// What each Parquet piece says of itself, in its own metadata.

import {readdir} from "node:fs/promises";
import {join} from "node:path";
import type {EventDay} from "./event-days.js";
import type {Extreme} from "../templates/variables.js";
import type {Instant} from "../types.js";
import {literal, type DuckDB} from "../warehouse/duckdb.js";

/** What a file of rows per unit and kind, or of formulas, says of itself. */
export type Contents = {
  /** Which numbers its units have: those of the population it was measured on. */
  numbering?: string;
  kinds: {key: string; number: number}[];
  columns: string[];
  extremes: Extreme[];
  formulas: {key: string; column: string}[];
  /** The stretch of time whose events are counted; null where it has no beginning, or no end. */
  since: Instant | null;
  until: Instant | null;
  /** The days of events it counted, where its window was still open; null where nobody looked. */
  days: EventDay[] | null;
};

export type Piece = Contents & {file: string};

/** Returns what the files of a folder hold that were measured on one numbering of its units, measures and formulas alike. */
export async function contentsOf(
  duckdb: DuckDB,
  folder: string,
  numbering: string | undefined
): Promise<Piece[]> {
  const names = await readdir(folder).catch((): string[] => []);
  const files = names.filter((name) => /^(kinds|days|formulas)-.*\.parquet$/.test(name)).sort();
  const said = await saidBy<Contents>(
    duckdb,
    files.map((name) => join(folder, name))
  );
  return said
    .filter(({said: contents}) => contents.numbering === numbering)
    .map(({file, said: contents}) => ({...contents, file}));
}

/** Returns what files say of themselves. */
export async function saidBy<Said>(duckdb: DuckDB, files: string[]): Promise<{file: string; said: Said}[]> {
  if (!files.length) return [];
  const rows = await duckdb.rows(
    `select file_name, decode(value) as said from parquet_kv_metadata([${files.map(literal).join(", ")}]) where decode(key) = 'expanto'`
  );
  return rows.map(({file_name, said}) => ({
    file: String(file_name),
    said: JSON.parse(String(said)) as Said
  }));
}
