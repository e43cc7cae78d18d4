import type {Question} from "../analyze/question.js";
import {withFileUnits} from "../analyze/units.js";
import {readUnits, type AuditedUnits} from "./units.js";

/** Returns the units of a CSV or Parquet file; throws a UserError for all that an analysis of it would refuse. */
export function unitsOfFile(question: Question): Promise<AuditedUnits> {
  return withFileUnits(question, (duckdb, {asked, shape, columns}) =>
    readUnits(duckdb, {...asked, relation: "units", shape, columns, declared: []})
  );
}
