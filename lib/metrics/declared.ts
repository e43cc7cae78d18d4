// Aggregations that are declared, not written: what they count, and the SQL that says the same on any engine.

import type {DeclaredAggregation, UserAggregation} from "../types.js";

/** How an aggregation's SQL names the event: its column, and the literal of the event's name. */
export type EventNames = {column: string; literal: (text: string) => string};

/** Returns the SQL of a declared aggregation over one unit's events. `where` must have been checked. */
export function declaredSql(
  {agg, event, value, where}: DeclaredAggregation,
  {column, literal}: EventNames
): string {
  const conditions = [
    ...(event === null ? [] : [`${column} = ${literal(event)}`]),
    ...(where ? [`(${where})`] : [])
  ];
  const when = conditions.join(" AND ");
  const counted = (sql: string, otherwise: string) =>
    when ? `CASE WHEN ${when} THEN ${sql}${otherwise} END` : sql;
  switch (agg) {
    case "count":
      return when ? `COUNT(${counted("1", "")})` : "COUNT(*)";
    case "flag":
      return `MAX(${counted("1", " ELSE 0")})`;
    case "sum":
      return `SUM(${counted(value!, " ELSE 0")})`;
    case "max":
      return `MAX(${counted(value!, "")})`;
    case "min":
      return `MIN(${counted(value!, "")})`;
    case "distinct":
      return `COUNT(DISTINCT ${counted(value!, "")})`;
  }
}

/** Returns whether units of this aggregation can be kept as one row for each kind of event, and added over days. */
export function isAdditive({declared, missing}: UserAggregation): boolean {
  return (
    declared !== undefined && declared.event !== null && missing === "zero" && additive.has(declared.agg)
  );
}

/** Returns why an aggregation that is not additive is made of all events at once, in words. */
export function whyWhole({declared}: UserAggregation): string {
  if (!declared) return "a formula does not say whether it adds up over days";
  if (declared.agg === "distinct") return "distinct values of two days may be the same";
  if (!additive.has(declared.agg)) return `a ${declared.agg} is made by a formula`;
  return declared.event === null ? "it is of all kinds of events" : "units without events have no value";
}

const additive = new Set(["count", "sum", "flag"]);
