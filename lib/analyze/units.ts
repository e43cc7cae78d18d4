import type {Shape} from "../aggregate.js";
import {openDuckDB, type Column, type DuckDB} from "../warehouse/duckdb.js";
import {checkQuestion, labelsOf, resolveColumns, type Asked, type Question} from "./question.js";
import {checkFile, checkValues, readFile, unitRows, type LeftOut} from "./rows.js";

/** A file's units as the relation units: one row a unit, one column a measure. */
export type FileUnits = {
  asked: Asked;
  left: LeftOut;
  shape: Extract<Shape, {kind: "units"}>;
  columns: Column[];
};

/**
 * Returns what work makes of a file's units, read into a DuckDB that is closed afterwards; throws a UserError for
 * anything in the file that would make a number wrong.
 */
export async function withFileUnits<T>(
  question: Question,
  work: (duckdb: DuckDB, units: FileUnits) => Promise<T>
): Promise<T> {
  await checkFile(question.file);
  checkQuestion(question);
  const duckdb = await openDuckDB();
  try {
    const asked = resolveColumns(question, await readFile(duckdb, question.file, labelsOf(question)));
    await checkValues(duckdb, asked);
    const left = await unitRows(duckdb, asked);
    const columns = asked.measures.map(({alias}) => ({name: alias, type: "DOUBLE"}));
    return await work(duckdb, {asked, left, shape, columns});
  } finally {
    duckdb.close();
  }
}

const shape = {
  kind: "units",
  variant: "variant",
  unit: "unit_id",
  crossover: true,
  exposedAt: false
} as const;
