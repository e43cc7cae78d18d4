import type {Experiment, JobFacts, StatisticsDefaults} from "../types.js";
import type {ExperimentCard, MetricInfo, MetricMoments, ResultsView} from "../view-types.js";
import type {Correction} from "./adjust.js";
import {controlOf} from "./variants.js";
import {assess} from "./assess.js";
import type {Assessment} from "./assess.js";
import type {Allocation} from "./checks.js";
import {columnsOf} from "./moments.js";
import {isFamily, study, type StudiedEffect, type StudyOptions} from "./study.js";
import {differenceBefore} from "./checks.js";
import {readTraffic} from "./traffic.js";
import type {Alternative, Effect, Estimate, LiftMethod, SrmTest, Verdict} from "./types.js";
import type {AssessedMetric} from "./summary.js";
import {verdict as verdictOf} from "./verdict.js";
import {difference} from "./format.js";
import {own} from "./own.js";

/** relative: differences as a share of control's value (lift); absolute: in the metric's own unit. */
export type Scale = "relative" | "absolute";
export type Units = Map<string, number>;

/** What one metric says of one treatment. Without a declared control there is an effect to none: verdict null. */
export type Finding = {
  metric: MetricInfo;
  control: string;
  treatment: string;
  arms: MetricMoments["arms"];
  effect: StudiedEffect | null;
  verdict: Verdict | null;
  reason: string | null;
};

export type FindingOptions = {
  control: string;
  /** Every treatment: a correction counts them all. */
  treatments: string[];
  scale: Scale;
  isValid: boolean;
} & Pick<StudyOptions, "confidence" | "alternative" | "correction" | "isAdjusted" | "nStar" | "lift">;

/** Returns the finding of every metric for every treatment: one row a metric, in the order they came. */
export function findingsOf(metrics: MetricMoments[], options: FindingOptions): Finding[][] {
  const {control, treatments, scale, isValid, ...asked} = options;
  const shown = scale === "relative" ? "lift" : "difference";
  const momentsOf = ({arms}: MetricMoments, name: string) =>
    arms.find((arm) => arm.variant === name)?.moments ?? null;
  const roles = metrics.map(({metric}) => metric.role);
  const studied = metrics.map((metric) => ({
    type: metric.metric.type,
    control: momentsOf(metric, control),
    treatments: treatments.map((name) => momentsOf(metric, name)),
    isInFamily: isFamily(metric.metric.role, roles)
  }));
  return study(studied, {...asked, scale: shown}).map((effects, i) =>
    effects.map((effect, j): Finding => {
      const {metric, arms} = metrics[i];
      const shared = {metric, control, treatment: treatments[j], arms};
      if (!effect) return {...shared, effect, verdict: null, reason: absence(arms, [control, treatments[j]])};
      const verdict = verdictOf(effect, metric.goal, {scale: shown, isValid});
      return {...shared, effect, verdict, reason: effect.reason};
    })
  );
}

/** Returns whether a metric counts among those that are corrected for: primary and secondary ones, or all but guardrails. */
export function isInFamily({role}: MetricInfo, metrics: MetricMoments[]): boolean {
  return isFamily(
    role,
    metrics.map(({metric}) => metric.role)
  );
}

/** Returns whether any metric has covariates, columns after its own. */
export function hasCovariates(metrics: MetricMoments[]): boolean {
  return metrics.some(({metric, arms}) =>
    arms.some(({moments}) => moments && moments.means.length > columnsOf(metric.type))
  );
}

/** Returns the moments of one variant of a finding, or null. */
export const momentsOfVariant = ({arms}: Pick<Finding, "arms">, name: string) =>
  arms.find(({variant}) => variant === name)?.moments ?? null;

function absence(arms: MetricMoments["arms"], names: string[]): string {
  const missing = names.find((name) => !arms.find(({variant}) => variant === name)?.moments)!;
  return arms.find(({variant}) => variant === missing)?.reason ?? `no value in ${missing}`;
}

/** Returns the estimate a scale shows: the lift, or the difference. */
export const estimateOf = (effect: Effect, scale: Scale): Estimate =>
  scale === "relative" ? effect.lift : effect.difference;

/** Returns an estimate on the one scale every metric shares: as a share of control's value; null where that is 0. */
export function sharedEstimate(effect: Effect, scale: Scale): Estimate | null {
  if (scale === "relative") return effect.lift.value === null ? null : effect.lift;
  const unit = Math.abs(effect.control ?? 0);
  if (unit === 0 || effect.difference.value === null) return null;
  const {value, low, high, ...rest} = effect.difference;
  const share = (x: number | null) => (x === null ? null : x / unit);
  return {...rest, value: share(value), low: share(low), high: share(high)};
}

/** Returns exposed units by variant; where exposures were not counted, the largest n of any metric. */
export function unitsOf({exposures, metrics}: Pick<ResultsView, "exposures" | "metrics">): Units {
  const units: Units = new Map();
  for (const d of exposures) units.set(d.variant, (units.get(d.variant) ?? 0) + d.units);
  if (units.size) return units;
  for (const arm of metrics.flatMap((d) => d.arms)) {
    units.set(arm.variant, Math.max(units.get(arm.variant) ?? 0, arm.moments?.n ?? 0));
  }
  return units;
}

export const unitsOfCard = ({units}: ExperimentCard): Units =>
  new Map(units.map((d) => [d.variant, d.units]));

export const total = (units: Units) => [...units.values()].reduce((sum, n) => sum + n, 0);

/** Returns the test of a sample ratio mismatch; null before any unit, or where nobody declared variants. */
export function trafficOf(
  experiment: Experiment,
  units: Units,
  srmThreshold: number,
  planned?: Allocation
): SrmTest | null {
  return readTraffic(trafficFacts(experiment, units, srmThreshold, planned)).srm;
}

function trafficFacts(
  experiment: Experiment,
  units: Units,
  srmThreshold: number,
  planned = allocationOf(experiment)
) {
  return {
    units: [...units].map(([variant, n]) => ({variant, units: n})),
    allocation: planned,
    hasControl: controlOf(experiment) !== null,
    srmThreshold
  };
}

const allocationOf = ({variants}: Experiment): Allocation =>
  variants.map(({name, allocation}) => ({variant: name, allocation}));

/** How numbers are read: what study() is asked, with its confidence. */
export type Reading = Required<Pick<StudyOptions, "confidence" | "alternative" | "lift" | "isAdjusted">> & {
  correction: Correction | null;
  nStar: number | null;
};

/** What a page or an asker says of how numbers are to be read. */
export type ReadingQuestion = {
  confidence: number;
  side: Alternative;
  correction: Correction | "none";
  interval: LiftMethod;
  cuped: boolean;
  sequential: boolean;
};

/** Returns how a question asks numbers to be read. */
export function readingOf(
  {confidence, side, correction, interval, cuped, sequential}: ReadingQuestion,
  {sequentialUnits}: StatisticsDefaults
): Reading {
  return {
    confidence,
    alternative: side,
    lift: interval,
    isAdjusted: cuped,
    correction: correction === "none" ? null : correction,
    nStar: sequential ? sequentialUnits : null
  };
}

/** Returns how numbers are read where nobody asks for anything else. */
export const readingOfDefaults = ({confidence}: StatisticsDefaults): Reading => ({
  confidence,
  alternative: "two-sided",
  lift: "delta",
  isAdjusted: false,
  correction: null,
  nStar: null
});

/** Returns what an assessment must know of a reading to say what care it needs. */
export function careOf(studied: Finding[][], {correction, nStar}: Reading) {
  return {isSequential: nStar !== null, uncorrected: correction ? 0 : familySize(studied)};
}

/** Returns how many comparisons with a p there are among the metrics that are corrected for. */
export function familySize(studied: Finding[][]): number {
  const metrics = studied.map(([first]) => ({metric: first.metric, arms: first.arms}));
  const family = studied.filter(([{metric}]) => isInFamily(metric, metrics)).flat();
  return family.filter(({effect}) => effect && effect.difference.pvalue !== null).length;
}

/** The findings of one treatment with what they were asked at. */
export type Shown = {
  findings: Finding[];
  treatment: string;
  confidence: number;
  scale: Scale;
  isSequential: boolean;
  /** Comparisons at once that nothing corrects for. */
  uncorrected: number;
};

// What was calculated after the end has all there will be, though nobody has completed the experiment yet.
const isOver = ({end}: Experiment, seen: string) => end !== null && Date.parse(end) <= Date.parse(seen);

/** Returns what may be said of a view: of its traffic, and of the findings shown where there are any. */
export function assessmentOf(view: ResultsView, now: Date, shown: Shown | null = null): Assessment {
  const {experiment, defaults, job, exposures, planned} = view;
  return assess({
    ...trafficFacts(experiment, unitsOf(view), defaults.srmThreshold, planned.all),
    crossovers: job?.facts.crossovers,
    undeclared: job?.facts.undeclared,
    isRunning: experiment.status === "running" && !isOver(experiment, job?.createdAt ?? now.toISOString()),
    progress: progressOf(experiment, now),
    treatment: shown?.treatment ?? "",
    metrics: shown?.findings.map((finding) => assessedOf(finding, job?.facts.dominance)) ?? [],
    confidence: shown?.confidence ?? defaults.confidence,
    scale: shown?.scale === "absolute" ? "difference" : "lift",
    isSequential: shown?.isSequential,
    stale: view.stale,
    uncorrected: shown?.uncorrected,
    power: defaults.power,
    exposures,
    plannedByDay: planned.byDay,
    splits: job?.facts.splits
  });
}

function assessedOf(
  {metric, effect, reason, arms, control, treatment}: Finding,
  dominance: JobFacts["dominance"]
): AssessedMetric {
  const {alias, title, role, goal, type, margin} = metric;
  const [before, after] = [control, treatment].map(
    (name) => arms.find(({variant}) => variant === name)?.moments ?? null
  );
  return {
    alias,
    title,
    role,
    goal,
    type,
    margin,
    effect,
    reason,
    dominance: own(dominance, alias),
    before: differenceBefore(type, before, after),
    writeDifference: (x) => difference(x, metric)
  };
}

/** How far an experiment has come: whole days, the running one counted; null where its dates are not known. */
export type Progress = {day: number; days: number};

const dayLength = 864e5;

export function progressOf({start, end}: Pick<Experiment, "start" | "end">, now: Date): Progress | null {
  if (!start || !end) return null;
  const days = Math.max(1, Math.round((Date.parse(end) - Date.parse(start)) / dayLength));
  const day = Math.floor((+now - Date.parse(start)) / dayLength) + 1;
  return {day: Math.min(days, Math.max(0, day)), days};
}
