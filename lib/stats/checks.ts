// What can be wrong with a result although every formula was right, from what is stored: counts and effects.

import {adjust} from "./adjust.js";
import {compare} from "./compare.js";
import {criticalValue} from "./estimate.js";
import {columnsOf} from "./moments.js";
import {normalLogSurvival, normalQuantile, normalSurvival} from "./normal.js";
import {srm} from "./srm.js";
import type {Effect, Estimate, MetricType, Moments} from "./types.js";
import type {Goal, Scale} from "./verdict.js";

/** Units of one variant first exposed on one day (UTC, "2025-10-01"). */
export type DayUnits = {variant: string; day: string; units: number};

/** Units of one variant in one value of a dimension. */
export type DimensionUnits = {dimension: string; value: string; variant: string; units: number};

/** The split of one part of all units; adjusted is its p corrected for the number of parts, null with too few units. */
export type PartSplit = {
  units: {variant: string; units: number}[];
  expected: number[];
  adjusted: number | null;
  isMismatch: boolean;
};

export type Allocation = {variant: string; allocation: number}[];
type Counted = {variant: string; units: number};

/** Returns the test of the split on each day, in order, each a part of all units; a day without a plan of its own is left out. */
export function splitByDay(
  exposures: DayUnits[],
  allocation: Allocation,
  {threshold, plannedByDay}: {threshold?: number; plannedByDay?: Record<string, Allocation | null>} = {}
): (PartSplit & {day: string})[] {
  const days = [...new Set(exposures.map(({day}) => day))].sort();
  const parts = days.flatMap((day) => {
    const planned = plannedByDay ? plannedByDay[day] : allocation;
    return planned ? {day, counted: exposures.filter((d) => d.day === day), allocation: planned} : [];
  });
  return splitOfParts(parts, {threshold}).map((split, i) => ({day: parts[i].day, ...split}));
}

/** Returns the test of the split in each value of each dimension, such as a country, in their order. */
export function splitByDimension(
  counts: DimensionUnits[],
  allocation: Allocation,
  options: {threshold?: number} = {}
): (PartSplit & {dimension: string; value: string})[] {
  const parts = new Map<string, DimensionUnits[]>();
  for (const count of counts) {
    const key = JSON.stringify([count.dimension, count.value]);
    parts.set(key, [...(parts.get(key) ?? []), count]);
  }
  const all = [...parts.values()];
  const planned = all.map((counted) => ({counted, allocation}));
  return splitOfParts(planned, options).map((split, i) => {
    const [{dimension, value}] = all[i];
    return {dimension, value, ...split};
  });
}

// Days are disjoint units and so are the values of a dimension; Holm's correction holds the chance of any false alarm
// at the threshold. A part that expects fewer than 5 units in an arm is not tested: the chi-square is no guide there.
/** Returns the test of the split in each of some disjoint parts of all units, each against its own plan. */
export function splitOfParts(
  parts: {counted: Counted[]; allocation: Allocation}[],
  {threshold = 0.001}: {threshold?: number}
): PartSplit[] {
  const splits = parts.map(({counted, allocation}) => {
    const units = allocation.map(({variant}) => ({variant, units: unitsIn(counted, variant)}));
    const {expected, pvalue, hasLowCounts} = srm(
      units.map((arm) => arm.units),
      allocation.map((arm) => arm.allocation)
    );
    return {units, expected, pvalue: hasLowCounts ? null : pvalue};
  });
  const adjusted = adjust(
    splits.map(({pvalue}) => pvalue),
    "holm"
  );
  return splits.map(({units, expected}, i) => {
    const p = adjusted[i];
    return {units, expected, adjusted: p, isMismatch: p !== null && p < threshold};
  });
}

function unitsIn(part: Counted[], name: string): number {
  return part.reduce((sum, {variant, units}) => (variant === name ? sum + units : sum), 0);
}

/**
 * Returns how the variants differed before exposure, from the covariates of their moments; null where they have none.
 * Assignment that is fair leaves no difference but chance.
 */
export function differenceBefore(
  type: MetricType,
  control: Moments | null,
  treatment: Moments | null
): Effect | null {
  const [a, b] = [control, treatment].map((moments) => moments && beforeOf(type, moments));
  return a && b ? compare(type, a, b) : null;
}

function beforeOf(type: MetricType, {n, means, covariance}: Moments): Moments | null {
  const own = columnsOf(type);
  const columns = [own, 2 * own] as const;
  if (means.length < columns[1]) return null;
  return {
    n,
    means: means.slice(...columns),
    covariance: covariance.slice(...columns).map((row) => row.slice(...columns))
  };
}

/** Returns the share of all units that were seen in more than one variant; units are those of one variant only. */
export function crossoverShare(units: number, crossovers: number): number {
  return crossovers > 0 ? crossovers / (units + crossovers) : 0;
}

/** Returns the smallest count of successes or failures in either arm of a proportion; null for other metrics. */
export function fewestEvents(
  type: MetricType | undefined,
  {n, control, treatment}: Pick<Effect, "n" | "control" | "treatment">
): number | null {
  if (type !== "proportion" || control === null || treatment === null) return null;
  const counts = [control * n.control, treatment * n.treatment].map(Math.round);
  return Math.min(...counts, n.control - counts[0], n.treatment - counts[1]);
}

/** A lift whose whole interval lies beyond this, on either side, is more often a fault than an effect. */
export const largestPlausibleLift = 0.5;

/**
 * A planned test expects |z| = 2.8 at the effect it was planned for (power 0.8, confidence 0.95): 20 is seven times
 * that effect, or fifty times the units it needs.
 */
export const largestPlausibleZ = 20;

const log10pOfLargestZ = (Math.LN2 + normalLogSurvival(largestPlausibleZ)) / Math.LN10;

/**
 * Returns why an effect is too good, or too bad, to be taken at its word: its size or its strength; null where it is
 * not. Twyman's law: any figure that looks interesting is usually wrong (Kohavi, Tang and Xu 2020, ch. 3).
 */
export function implausible(effect: Effect, scale: Scale = "lift"): "size" | "strength" | null {
  const {low, high} = effect.lift;
  if ((low ?? 0) > largestPlausibleLift || (high ?? 0) < -largestPlausibleLift) return "size";
  return (effect[scale].log10p ?? 0) < log10pOfLargestZ ? "strength" : null;
}

/** The lift of one day since exposure, of the units that have come so far. */
export type DayEffect = {day: number; effect: Effect};

/** How a lift changes with the days since exposure. */
export type Drift = {
  /** Change of the lift a day, by weighted least squares. */
  slope: number;
  pvalue: number;
  /** The line's lift on the first day and on the last. */
  first: number;
  last: number;
};

const fewestDriftDays = 5;

/**
 * Returns whether an effect fades or grows with the days since exposure, from the effect of each day on its own; null
 * with fewer than five days. Users learn, and the charm of the new wears off (Kohavi, Tang and Xu 2020, ch. 23). A
 * unit's days are not independent of each other: p is a guide, and called only where it is small.
 */
export function driftOf(days: DayEffect[]): Drift | null {
  const points = days.flatMap(({day, effect: {lift}}) =>
    lift.value !== null && lift.error ? [{day, value: lift.value, weight: 1 / lift.error ** 2}] : []
  );
  if (points.length < fewestDriftDays) return null;
  const sum = (of: (point: (typeof points)[number]) => number): number =>
    points.reduce((total, point) => total + point.weight * of(point), 0);
  const weight = sum(() => 1);
  const [day, value] = [sum((d) => d.day) / weight, sum((d) => d.value) / weight];
  const spread = sum((d) => (d.day - day) ** 2);
  const slope = sum((d) => (d.day - day) * (d.value - value)) / spread;
  const at = (x: number): number => value + slope * (x - day);
  return {
    slope,
    pvalue: 2 * normalSurvival(Math.abs(slope) * Math.sqrt(spread)),
    first: at(points[0].day),
    last: at(points[points.length - 1].day)
  };
}

/** met: harm beyond the margin is ruled out; violated: it is shown; open: the interval allows both. */
export type Margin = {bound: number; state: "met" | "violated" | "open"};

/**
 * Returns whether an effect is shown to do less harm than a margin, a positive lift such as 0.01, by the interval it
 * carries: one-sided at half its alpha, the convention of ICH E9. The bound is the lift at the interval's bad end. Null
 * without a goal or an interval. `nonInferiority` asks the same of moments at any confidence.
 */
export function withinMargin({lift: {low, high}}: Effect, goal: Goal, margin: number): Margin | null {
  const [worst, best] = goal === "increase" ? [low, high] : [high, low];
  if (goal === null || worst === null || best === null) return null;
  const side = goal === "increase" ? 1 : -1;
  if (side * worst > -margin) return {bound: worst, state: "met"};
  return {bound: worst, state: side * best < -margin ? "violated" : "open"};
}

/**
 * Returns the smallest effect, of either sign, that a two-sided test with an estimate's standard error finds with the
 * power asked for; null without an error. It follows from the noise alone, not from what was seen: power at the effect
 * seen only restates its p (Hoenig and Heisey 2001).
 */
export function smallestVisible(
  {error}: Pick<Estimate, "error">,
  {confidence = 0.95, power = 0.8}: {confidence?: number; power?: number} = {}
): number | null {
  return error && error * (criticalValue(1 - confidence, "two-sided") + normalQuantile(power));
}
