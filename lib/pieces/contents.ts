// What each Parquet piece says of itself, in its own metadata.

import {readdir} from "node:fs/promises";
import {join} from "node:path";
import {literal, type DuckDB} from "../warehouse/duckdb.js";

/** What a file says of itself. */
export type Contents = {
  file: string;
  kinds: {key: string; number: number}[];
  columns: string[];
  formulas: {key: string; column: string}[];
};

/** Returns what the files of a folder hold, measures and formulas alike. */
export async function contentsOf(duckdb: DuckDB, folder: string): Promise<Contents[]> {
  const names = (await readdir(folder)).filter((name) => /^(kinds|formulas)-.*\.parquet$/.test(name));
  if (!names.length) return [];
  const files = names.sort().map((name) => literal(join(folder, name)));
  const rows = await duckdb.rows(
    `select file_name, decode(value) as said from parquet_kv_metadata([${files.join(", ")}]) where decode(key) = 'expanto'`
  );
  return rows.map(
    ({file_name, said}) => ({...JSON.parse(String(said)), file: String(file_name)}) as Contents
  );
}
