import {checkQuestion, labelsOf, resolveColumns, type Question} from "../analyze/question.js";
import {checkFile, checkValues, readFile, unitRows} from "../analyze/rows.js";
import {openDuckDB} from "../warehouse/duckdb.js";
import {readUnits, type AuditedUnits} from "./units.js";

const shape = {
  kind: "units",
  variant: "variant",
  unit: "unit_id",
  crossover: true,
  exposedAt: false
} as const;

/** Returns the units of a CSV or Parquet file; throws a UserError for all that an analysis of it would refuse. */
export async function unitsOfFile(question: Question): Promise<AuditedUnits> {
  await checkFile(question.file);
  checkQuestion(question);
  const duckdb = await openDuckDB();
  try {
    const asked = resolveColumns(question, await readFile(duckdb, question.file, labelsOf(question)));
    await checkValues(duckdb, asked);
    await unitRows(duckdb, asked);
    const columns = asked.measures.map(({alias}) => ({name: alias, type: "DOUBLE"}));
    return await readUnits(duckdb, {...asked, relation: "units", shape, columns, declared: []});
  } finally {
    duckdb.close();
  }
}
