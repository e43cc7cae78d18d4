// What rows per unit and kind of event hold, and which metrics can be had from them.

import {aggregationsOf} from "../metrics.js";
import {isAdditive} from "../metrics/declared.js";
import {extremesOf, type EventKind, type Extreme} from "../templates/variables.js";
import type {Metric, UserAggregation} from "../types.js";

/** Rows per unit and kind, as the template measures.sql gives them. */
export type KindRows = {
  /** Columns uid, kind, variant_number, n_now, sum_0_now …, and the same with _before where `hasTwins`. */
  relation: string;
  kinds: EventKind[];
  /** Columns of which sums are kept, in the order of their numbers. */
  columns: string[];
  hasTwins: boolean;
  /** Of which columns the largest or least value of a day is kept, as extreme_0 …; by day alone. */
  extremes: Extreme[];
  /** The variants in the order of their numbers, with the units of each. */
  variants: {name: string; units: number}[];
};

/** Returns the kinds of events that additive aggregations need, each once, with the columns of which sums are needed; in an order of their own. */
export const kindsOf = (aggregations: UserAggregation[]): EventKind[] =>
  kindsOfAll(aggregations.filter(isAdditive));

/** Returns the kinds that followable metrics need, likewise, with the columns of which the ends are needed. */
export const followedKindsOf = (metrics: Metric[]): EventKind[] =>
  kindsOfAll(aggregationsOf(metrics.filter(isFollowable)));

function kindsOfAll(aggregations: UserAggregation[]): EventKind[] {
  const kinds = new Map<string, EventKind>();
  for (const {declared} of aggregations) {
    const {event, where, agg, value} = declared!;
    const key = JSON.stringify([event, where]);
    const kind = kinds.get(key) ?? {event: event!, where, columns: []};
    kinds.set(key, kind);
    if (value !== null && !kind.columns.includes(value)) kind.columns.push(value);
    if (agg === "max" || agg === "min")
      kind.extremes = extremesOf([kind, {...kind, extremes: [{agg, column: value!}]}]);
  }
  const inOrder = [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, kind]) => kind);
  return inOrder.map((kind) => ({...kind, columns: kind.columns.toSorted()}));
}

/** Returns whether all of a metric can be had from sums of rows per unit and kind; a proportion must be a flag. */
export const isOfKinds = ({type, numerator, denominator}: Metric): boolean =>
  type !== "quantile" &&
  isAdditive(numerator) &&
  (denominator === null || isAdditive(denominator)) &&
  (type !== "proportion" || numerator.declared?.agg === "flag");

/** Returns whether a metric can be followed day by day: all of it adds up, or it is the largest or least value of a unit. */
export const isFollowable = (metric: Metric): boolean => isOfKinds(metric) || isExtreme(metric);

/** Returns whether a metric is the mean of the largest or the least value of each unit. */
export const isExtreme = ({type, numerator: {declared}}: Metric): boolean =>
  type === "mean" && declared?.event != null && (declared.agg === "max" || declared.agg === "min");

/** Returns whether all of a followable metric is among the kinds of these rows. */
export const isHeldBy = (rows: KindRows, {numerator, denominator}: Metric): boolean =>
  [numerator, ...(denominator ? [denominator] : [])].every(
    (part) =>
      columnOfKind(rows, part).kind >= 0 &&
      (part.declared!.value === null || rows.columns.includes(part.declared!.value))
  );

/** Returns of which kind an aggregation is, and which column of its rows it is made of; a flag is whether it is not 0. */
export function columnOfKind({kinds, columns, extremes}: KindRows, {declared}: UserAggregation) {
  const {event, where, agg, value} = declared!;
  const extreme = extremes.findIndex((each) => each.agg === agg && each.column === value);
  return {
    kind: kinds.findIndex((each) => each.event === event && each.where === where),
    column:
      extreme >= 0 ? `extreme_${extreme}` : agg === "sum" ? `sum_${columns.indexOf(value!)}_now` : "n_now",
    isFlag: agg === "flag"
  };
}
