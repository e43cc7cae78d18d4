import type {Experiment, ExperimentCard, MetricInfo, MetricMoments, ResultsView} from "../../lib/types.js";
import {compare} from "../stats/compare.js";
import {assess} from "../stats/assess.js";
import type {Assessment} from "../stats/assess.js";
import {readTraffic} from "../stats/traffic.js";
import type {Effect, Estimate, SrmTest, Verdict} from "../stats/types.js";
import type {AssessedMetric} from "../stats/summary.js";
import {verdict as verdictOf} from "../stats/verdict.js";
import {difference} from "./format.js";

/** relative: differences as a share of control's value (lift); absolute: in the metric's own unit. */
export type Scale = "relative" | "absolute";
export type Units = Map<string, number>;

/** What one metric says of one treatment. Without a declared control there is an effect to none: verdict null. */
export type Finding = {
  metric: MetricInfo;
  control: string;
  treatment: string;
  arms: MetricMoments["arms"];
  effect: Effect | null;
  verdict: Verdict | null;
  reason: string | null;
};

export type FindingOptions = {
  control: string;
  treatment: string;
  confidence: number;
  scale: Scale;
  isValid: boolean;
};

/** Returns the finding of every metric for one treatment, in the order the metrics came. */
export function findingsOf(metrics: MetricMoments[], options: FindingOptions): Finding[] {
  return metrics.map((metric) => findingOf(metric, options));
}

/** Returns the finding of one metric for one treatment; a missing number says its reason. */
export function findingOf({metric, arms}: MetricMoments, options: FindingOptions): Finding {
  const {control, treatment, confidence, scale, isValid} = options;
  const [before, after] = [control, treatment].map((name) => arms.find((arm) => arm.variant === name));
  const shared = {metric, control, treatment, arms};
  if (!before?.moments || !after?.moments) {
    return {...shared, effect: null, verdict: null, reason: absence([before, after], [control, treatment])};
  }
  const effect = compare(metric.type, before.moments, after.moments, {confidence});
  const shown = {scale: scale === "relative" ? "lift" : "difference", isValid} as const;
  return {...shared, effect, verdict: verdictOf(effect, metric.goal, shown), reason: effect.reason};
}

type Arm = MetricMoments["arms"][number] | undefined;

function absence(arms: Arm[], names: string[]): string {
  const index = arms.findIndex((arm) => !arm?.moments);
  return arms[index]?.reason ?? `no value in ${names[index]}`;
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

/** Returns the variant declared as control, or null where nobody declared one. */
export const controlOf = ({variants}: Experiment) => variants.find((d) => d.isControl)?.name ?? null;

/** Returns the names of variants: those declared, or where none are, those found. */
export function variantsOf({variants}: Experiment, units: Units): string[] {
  return variants.length ? variants.map((d) => d.name) : [...units.keys()].sort();
}

/** Returns the share of a pair's units that treatment should have; one half where no shares are declared. */
export function shareOfTreatment({variants}: Experiment, pair: {control: string; treatment: string}): number {
  const planned = (name: string) => variants.find((d) => d.name === name)?.allocation ?? 0;
  const [control, treatment] = [planned(pair.control), planned(pair.treatment)];
  return control + treatment > 0 ? treatment / (control + treatment) : 0.5;
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
export function trafficOf(experiment: Experiment, units: Units, srmThreshold: number): SrmTest | null {
  return readTraffic(trafficFacts(experiment, units, srmThreshold)).srm;
}

function trafficFacts(experiment: Experiment, units: Units, srmThreshold: number) {
  return {
    units: [...units].map(([variant, n]) => ({variant, units: n})),
    allocation: experiment.variants.map(({name, allocation}) => ({variant: name, allocation})),
    hasControl: controlOf(experiment) !== null,
    srmThreshold
  };
}

/** The findings of one treatment with what they were asked at. */
export type Shown = {findings: Finding[]; treatment: string; confidence: number; scale: Scale};

/** Returns what may be said of a view: of its traffic, and of the findings shown where there are any. */
export function assessmentOf(view: ResultsView, now: Date, shown: Shown | null = null): Assessment {
  const {experiment, defaults, job, exposures} = view;
  return assess({
    ...trafficFacts(experiment, unitsOf(view), defaults.srmThreshold),
    crossovers: job?.facts.crossovers,
    undeclared: job?.facts.undeclared,
    isRunning: experiment.status === "running",
    progress: progressOf(experiment, now),
    treatment: shown?.treatment ?? "",
    metrics: shown?.findings.map(assessedOf) ?? [],
    confidence: shown?.confidence ?? defaults.confidence,
    scale: shown?.scale === "absolute" ? "difference" : "lift",
    power: defaults.power,
    exposures
  });
}

function assessedOf({metric, effect, reason}: Finding): AssessedMetric {
  const {alias, title, role, goal, type} = metric;
  return {alias, title, role, goal, type, effect, reason, writeDifference: (x) => difference(x, metric)};
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
