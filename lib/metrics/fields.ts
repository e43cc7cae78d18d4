// The names of a metric file's fields, and what a name in it may be.

export const fileFields = ["metric_group_name", "user_aggregations", "metrics"] as const;

export const metricFields = [
  "alias",
  "type",
  "display_name",
  "description",
  "formula",
  "owner",
  "tags",
  "goal",
  "margin",
  "missing",
  "cap",
  "quantile",
  "format"
] as const;

export const formulaFields = ["numerator", "denominator"] as const;

export const declaredFields = ["event", "agg", "value", "where"] as const;

export const aggregationFields = ["alias", "sql", "missing", ...declaredFields] as const;

export const aggregates = ["count", "sum", "max", "min", "flag", "distinct"] as const;

export const goals = ["increase", "decrease"] as const;

export const missings = ["zero", "exclude"] as const;

/** Names of number formats; a map of options of Intl.NumberFormat may stand in their place. */
export const formats: Record<string, Intl.NumberFormatOptions> = {
  percent: {style: "percent", minimumFractionDigits: 2, maximumFractionDigits: 2},
  number: {maximumFractionDigits: 2},
  integer: {maximumFractionDigits: 0}
};

export const formatOptions = [
  "style",
  "currency",
  "currencyDisplay",
  "currencySign",
  "unit",
  "unitDisplay",
  "notation",
  "compactDisplay",
  "signDisplay",
  "useGrouping",
  "minimumIntegerDigits",
  "minimumFractionDigits",
  "maximumFractionDigits",
  "minimumSignificantDigits",
  "maximumSignificantDigits"
] as const;

/** Columns our templates make themselves. */
export const templateColumns = ["unit_id", "group_name", "exposure_day", "crossover"];

// DuckDB's reserved words (duckdb_keywords()), and those that are reserved in other warehouses.
const reservedWords = new Set(
  (
    "all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create default " +
    "deferrable desc describe distinct do else end except false fetch for foreign from group having in initially " +
    "intersect into lambda lateral leading limit not null offset on only or order pivot pivot_longer pivot_wider placing " +
    "primary qualify references returning select show some summarize symmetric table then to trailing true union unique " +
    "unpivot using variadic when where window with user current_date current_time current_timestamp current_user " +
    "session_user between exists inner join left like natural outer right rows set values"
  ).split(" ")
);

/** Returns whether a column of this name breaks the SQL it stands in. */
export function isReserved(name: string): boolean {
  return reservedWords.has(name.toLowerCase());
}
