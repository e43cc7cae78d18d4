import type {MetricInfo, ResultsView} from "../../lib/view-types.js";
import {liftFor, type PlanOptions, unitsFor} from "../stats/plan.js";
import {columnsOf} from "../stats/moments.js";
import type {Alternative, Moments} from "../stats/types.js";
import {controlOf} from "./variants.js";

/** A metric as the control of an earlier experiment shows it: what a plan starts from. */
export type Baseline = {
  metric: MetricInfo;
  moments: Moments;
  /** The share of variance that the time before exposure explains; null where it was not measured. */
  explained: number | null;
};

/** What the Planner is asked. */
export type PlanQuestion = {
  metric: string;
  lift: number;
  power: number;
  confidence: number;
  variants: number;
  side: Alternative;
  cuped: boolean;
  sequential: boolean;
};

/** Returns the metrics of a result that a plan can start from, in their order. */
export function baselinesOf({experiment, metrics}: Pick<ResultsView, "experiment" | "metrics">): Baseline[] {
  const control = controlOf(experiment);
  return metrics.flatMap(({metric, arms}) => {
    const moments = arms.find(({variant}) => variant === control)?.moments;
    return moments ? [{metric, moments, explained: explainedBy(metric, moments)}] : [];
  });
}

// The squared correlation with the one covariate of a mean or proportion.
function explainedBy({type}: MetricInfo, {means, covariance}: Moments): number | null {
  if (type === "ratio" || means.length !== columnsOf(type) + 1) return null;
  const square = covariance[0][1] ** 2 / (covariance[0][0] * covariance[1][1]);
  return Number.isFinite(square) ? Math.min(square, 0.99) : 0;
}

const longest = 120;

/**
 * Returns the units exposed by the end of each day, of all variants together: as they came, and after the last day as
 * many new ones a day as in its last week.
 */
export function unitsByDay(exposures: ResultsView["exposures"]): number[] {
  const days = [...new Set(exposures.map(({day}) => day))].filter(Boolean).sort();
  if (!days.length) return [];
  const fresh = days.map((day) => exposures.reduce((sum, d) => (d.day === day ? sum + d.units : sum), 0));
  const week = fresh.slice(-7);
  const rate = week.reduce((sum, n) => sum + n, 0) / week.length;
  let total = 0;
  return Array.from({length: longest}, (_, i) => (total += fresh[i] ?? rate));
}

export type DayPlan = {day: number; units: number; lift: number | null};

export type Plan = {
  /** Units of every variant, control first; null with the reason where nothing can be planned. */
  units: number[] | null;
  total: number | null;
  /** The first day by which that many have been exposed; null where the days do not reach. */
  day: number | null;
  /** The smallest lift that each day's units show. */
  byDay: DayPlan[];
  reason: string | null;
};

/** Returns how many units, and so how many days, a question needs, and what each day could show. */
export function planOf({moments, metric, explained}: Baseline, question: PlanQuestion, days: number[]): Plan {
  const {variants, side, confidence, power, cuped, sequential} = question;
  const options: PlanOptions = {
    confidence,
    power,
    alternative: side,
    shares: Array<number>(variants).fill(1),
    comparisons: variants - 1,
    varianceReduction: cuped ? (explained ?? 0) : 0,
    sequential: sequential ? {} : null
  };
  const lift = side === "less" ? -question.lift : question.lift;
  const found = unitsFor(metric.type, moments, lift, options);
  const byDay = days.map((units, i) => ({
    day: i + 1,
    units,
    lift: liftFor(metric.type, moments, Array<number>(variants).fill(Math.max(2, units / variants)), options)
  }));
  if ("reason" in found) return {units: null, total: null, day: null, byDay, reason: found.reason};
  const day = days.findIndex((units) => units >= found.total);
  return {...found, day: day < 0 ? null : day + 1, byDay, reason: null};
}
