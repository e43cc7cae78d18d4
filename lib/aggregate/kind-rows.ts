// What rows per unit and kind of event hold, and which metrics can be had from them.

import {isAdditive} from "../metrics/declared.js";
import type {EventKind} from "../templates/variables.js";
import type {Metric, UserAggregation} from "../types.js";

/** Rows per unit and kind, as the template measures.sql gives them. */
export type KindRows = {
  /** Columns uid, kind, variant_number, n_now, sum_0_now …, and the same with _before where `hasTwins`. */
  relation: string;
  kinds: EventKind[];
  /** Columns of which sums are kept, in the order of their numbers. */
  columns: string[];
  hasTwins: boolean;
  /** The variants in the order of their numbers, with the units of each. */
  variants: {name: string; units: number}[];
};

/** Returns the kinds of events that aggregations need, each once, with the columns of which sums are needed; in an order of their own. */
export function kindsOf(aggregations: UserAggregation[]): EventKind[] {
  const kinds = new Map<string, EventKind>();
  for (const {declared} of aggregations.filter(isAdditive)) {
    const {event, where, agg, value} = declared!;
    const key = JSON.stringify([event, where]);
    const kind = kinds.get(key) ?? {event: event!, where, columns: []};
    kinds.set(key, kind);
    if (agg === "sum" && !kind.columns.includes(value!)) kind.columns.push(value!);
  }
  const inOrder = [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, kind]) => kind);
  return inOrder.map((kind) => ({...kind, columns: kind.columns.toSorted()}));
}

/** Returns whether all of a metric can be had from rows per unit and kind; a proportion must be a flag. */
export const isOfKinds = ({type, numerator, denominator}: Metric): boolean =>
  isAdditive(numerator) &&
  (denominator === null || isAdditive(denominator)) &&
  (type !== "proportion" || numerator.declared?.agg === "flag");

/** Returns whether all of a declared metric is among the kinds of these rows. */
export const isHeldBy = (rows: KindRows, {numerator, denominator}: Metric): boolean =>
  [numerator, ...(denominator ? [denominator] : [])].every(
    (part) =>
      columnOfKind(rows, part).kind >= 0 &&
      (part.declared!.agg !== "sum" || rows.columns.includes(part.declared!.value!))
  );

/** Returns of which kind an aggregation is, which columns of its rows add up to it, and its value by their totals. */
export function columnOfKind({kinds, columns}: KindRows, {declared}: UserAggregation) {
  const {event, where, agg, value} = declared!;
  return {
    kind: kinds.findIndex((each) => each.event === event && each.where === where),
    sums: [agg === "sum" ? `sum_${columns.indexOf(value!)}_now` : "n_now"],
    value: (total: (j: number) => string) =>
      agg === "flag" ? `(${total(0)} > 0)::double` : `${total(0)}::double`
  };
}
