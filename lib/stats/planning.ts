import type {KeptPlan} from "../types.js";
import type {MetricInfo, MetricMoments, ResultsView} from "../view-types.js";
import {liftFor, powerFor, unitsFor, type PlanOptions} from "./plan.js";
import {columnsOf} from "./moments.js";
import type {Alternative, Moments} from "./types.js";

/** A metric as the control of an earlier experiment shows it, or as somebody typed it: what a plan starts from. */
export type Baseline = {
  metric: MetricInfo;
  moments: Moments;
  /** The share of variance that the time before exposure explains; null where it was not measured. */
  explained: number | null;
};

/** What the Planner is asked. */
export type PlanQuestion = {
  /** Aliases; the first is the one the sentence is about. */
  metrics: string[];
  lift: number;
  /** Days the experiment may run, for what they can show. */
  days: number;
  power: number;
  confidence: number;
  /** Shares of the units, control first; they need not sum to 1. */
  shares: number[];
  side: Alternative;
  /** Whether alpha is divided among all treatments and metrics (Bonferroni). */
  corrected: boolean;
  cuped: boolean;
  sequential: boolean;
};

/** Returns the metrics that a plan can start from, as their control shows them, in their order. */
export function baselinesOf(metrics: MetricMoments[], control: string | null): Baseline[] {
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

/** Days that a plan looks ahead. */
export const longest = 120;

/** Units exposed by the end of each day, of all variants together, each counted once; of the first days it is known. */
export type Traffic = {byDay: number[]; known: number};

/** Returns traffic as it came, and after the last day with as many new units a day as in its last week. */
export function trafficByDay(exposures: Pick<ResultsView["exposures"][number], "day" | "units">[]): Traffic {
  const days = [...new Set(exposures.map(({day}) => day))].filter(Boolean).sort();
  if (!days.length) return {byDay: [], known: 0};
  const fresh = days.map((day) => exposures.reduce((sum, d) => (d.day === day ? sum + d.units : sum), 0));
  const week = fresh.slice(-7);
  const rate = week.reduce((sum, n) => sum + n, 0) / week.length;
  let total = 0;
  return {byDay: Array.from({length: longest}, (_, i) => (total += fresh[i] ?? rate)), known: days.length};
}

export type DayPlan = {day: number; units: number; lift: number | null};

/** What one metric needs, and what the days can show of it. */
export type Plan = {
  baseline: Baseline;
  /** Units of every variant, control first; null with the reason where nothing can be planned. */
  units: number[] | null;
  total: number | null;
  /** The first day by which that many have been exposed; null where the days do not reach. */
  day: number | null;
  /** The smallest lift that each day's units show. */
  byDay: DayPlan[];
  /** The chance that the lift asked for shows in the days asked for; null where that is not known. */
  power: number | null;
  reason: string | null;
};

/** Returns the plan of each metric asked for, in the order of the question: units, days, lifts and power from one design. */
export function plansOf(baselines: Baseline[], question: PlanQuestion, days: number[]): Plan[] {
  const chosen = question.metrics.flatMap(
    (alias) => baselines.find(({metric}) => metric.alias === alias) ?? []
  );
  return chosen.map((baseline) => planOf(baseline, question, days));
}

function planOf(baseline: Baseline, question: PlanQuestion, days: number[]): Plan {
  const {moments, metric, explained} = baseline;
  const {shares, side, confidence, power, corrected, cuped, sequential} = question;
  const options: PlanOptions = {
    confidence,
    power,
    alternative: side,
    shares,
    comparisons: corrected ? (shares.length - 1) * question.metrics.length : 1,
    varianceReduction: cuped ? (explained ?? 0) : 0,
    sequential: sequential ? {} : null
  };
  const lift = side === "less" ? -question.lift : question.lift;
  const parts = shares.reduce((sum, share) => sum + share, 0);
  const split = (units: number) => shares.map((share) => Math.max(2, (units * share) / parts));
  const byDay = days.map((units, i) => ({
    day: i + 1,
    units,
    lift: liftFor(metric.type, moments, split(units), options)
  }));
  const reached = days.at(question.days - 1);
  const chance = reached === undefined ? NaN : powerFor(metric.type, moments, lift, split(reached), options);
  const known = {baseline, byDay, power: Number.isFinite(chance) ? chance : null};
  const found = unitsFor(metric.type, moments, lift, options);
  if ("reason" in found) return {...known, units: null, total: null, day: null, reason: found.reason};
  const day = days.findIndex((units) => units >= found.total);
  return {...known, ...found, day: day < 0 ? null : day + 1, reason: null};
}

/** Returns the metric that takes longest; null where one of them cannot be planned. */
export function slowestOf(plans: Plan[]): Plan | null {
  if (!plans.length || plans.some(({total}) => total === null)) return null;
  return plans.reduce((slowest, plan) => (plan.total! > slowest.total! ? plan : slowest));
}

/** Returns what is kept of plans with an experiment. */
export function keptPlan(plans: Plan[], question: PlanQuestion, source: string): KeptPlan {
  const slowest = slowestOf(plans);
  const {lift, power, confidence, shares, side, corrected, cuped, sequential} = question;
  return {
    lift,
    power,
    confidence,
    shares,
    side,
    corrected,
    cuped,
    sequential,
    metrics: plans.map(({baseline, total, day}) => ({
      alias: baseline.metric.alias,
      title: baseline.metric.title,
      units: total,
      day
    })),
    units: slowest?.total ?? null,
    day: plans.every(({day}) => day !== null) ? (slowest?.day ?? null) : null,
    source,
    keptAt: new Date().toISOString()
  };
}
