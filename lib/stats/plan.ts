// Planning from a baseline's own moments: units, power or lift, each from the other two.

import {type Arm, armOf} from "./arm.js";
import {checkMoments} from "./moments.js";
import {
  normalPower,
  proportionMde,
  proportionSize,
  rateErrors,
  type Target,
  unitMde,
  unitSize
} from "./power.js";
import {meanMde, meanPower, meanSize} from "./power-mean.js";
import {informationOf, sequenceReference} from "./sequential.js";
import type {Alternative, MetricType, Moments} from "./types.js";

export type PlanOptions = {
  confidence?: number;
  power?: number;
  alternative?: Alternative;
  /** Shares of the units, control first; they need not sum to 1. The smallest treatment decides. */
  shares?: number[];
  /** Comparisons among which alpha is divided (Bonferroni): treatments × metrics that decide. */
  comparisons?: number;
  /** The share of variance that covariates take away. */
  varianceReduction?: number;
  /** Always-valid intervals, read at the planned end; n* is the planned total where it is not given. */
  sequential?: {nStar?: number} | null;
};

/** Returns the units of every variant, control first, that see a lift with the power asked for, or why none do. */
export function unitsFor(
  type: MetricType,
  baseline: Moments,
  lift: number,
  options: PlanOptions = {}
): {units: number[]; total: number} | {reason: string} {
  const reason =
    refusal(type, baseline) ?? designRefusal(options) ?? (lift === 0 ? "a lift of 0 cannot be seen" : null);
  if (reason) return {reason};
  const {target, shares} = designOf(options);
  const arm = reducedArm(type, baseline, options);
  const control = options.sequential
    ? sequentialUnits((target) => controlUnits(type, arm, lift, target), {
        target,
        shares,
        ...options.sequential
      })
    : controlUnits(type, arm, lift, target);
  if (!Number.isFinite(control)) return {reason: "the lift leads to a rate outside 0 and 1"};
  const units = shares.map((share) => Math.max(2, Math.ceil((control * share) / shares[0] - 1e-9)));
  return {units, total: units.reduce((sum, n) => sum + n, 0)};
}

/** Returns the power of these units, control first, to see a lift; NaN where the baseline has no lift. */
export function powerFor(
  type: MetricType,
  baseline: Moments,
  lift: number,
  units: number[],
  options: PlanOptions = {}
): number {
  if (refusal(type, baseline)) return NaN;
  const target = targetAt(units, options);
  const [n1, n2] = [units[0], Math.min(...units.slice(1))];
  const {value, variance} = reducedArm(type, baseline, options);
  const difference = lift * Math.abs(value);
  if (type === "mean" && !target.critical) return meanPower(difference / Math.sqrt(variance), n1, n2, target);
  if (type !== "proportion") return normalPower(difference, Math.sqrt(variance * (1 / n1 + 1 / n2)), target);
  const kept = Math.sqrt(1 - (options.varianceReduction ?? 0));
  const {unpooled, pooled} = rateErrors(value, value + difference, n1, n2);
  return normalPower(difference, kept * unpooled, target, kept * pooled);
}

/** Returns the smallest lift that these units, control first, see with the power asked for; null where there is none. */
export function liftFor(
  type: MetricType,
  baseline: Moments,
  units: number[],
  options: PlanOptions = {}
): number | null {
  if (refusal(type, baseline)) return null;
  const target = targetAt(units, options);
  const [n1, n2] = [units[0], Math.min(...units.slice(1))];
  const {value, variance} = reducedArm(type, baseline, options);
  const side = target.alternative === "less" ? -1 : 1;
  if (type === "mean" && !target.critical)
    return (meanMde(n1, n2, target) * Math.sqrt(variance)) / Math.abs(value);
  if (type !== "proportion") return (side * unitMde(variance, n1, n2, target)) / Math.abs(value);
  const kept = 1 / (1 - (options.varianceReduction ?? 0));
  const {up, down} = proportionMde(value, n1 * kept, n2 * kept, target);
  const rate = side > 0 ? up : down;
  return rate === null ? null : rate / value - 1;
}

/** Returns the first day, from 1, on which that many units have been exposed, given the running count of unique units. */
export function daysFor(units: number, cumulativeUnits: number[]): number | null {
  const day = cumulativeUnits.findIndex((count) => count >= units);
  return day < 0 ? null : day + 1;
}

function controlUnits(type: MetricType, {value, variance}: Arm, lift: number, target: Target): number {
  const difference = lift * Math.abs(value);
  if (type === "mean" && !target.critical) {
    const {exact, control} = meanSize(difference / Math.sqrt(variance), target);
    return exact ?? control;
  }
  if (type !== "proportion") return unitSize(difference, variance, target);
  // Covariates take the same share of every rate's variance.
  const kept = variance / (value * (1 - value));
  const rate = value + difference;
  return rate > 0 && rate < 1 ? kept * proportionSize(value, rate, target).pooled : NaN;
}

// A sequence's critical value depends on the units that are sought: two or three rounds settle it.
function sequentialUnits(
  unitsAt: (target: Target) => number,
  {target, shares, nStar}: {target: Target; shares: number[]; nStar?: number}
): number {
  const parts = shares.reduce((sum, share) => sum + share, 0) / shares[0];
  let control = unitsAt({...target, critical: sequenceCritical(target, 1, 1)});
  for (let i = 0; nStar && i < 50; i++) {
    const next = unitsAt({...target, critical: sequenceCritical(target, control * parts, nStar)});
    if (Math.abs(next - control) <= 1e-9 * control) return next;
    control = next;
  }
  return control;
}

function targetAt(units: number[], options: PlanOptions): Target {
  const {target} = designOf(options);
  const total = units.reduce((sum, n) => sum + n, 0);
  return options.sequential
    ? {...target, critical: sequenceCritical(target, total, options.sequential.nStar ?? total)}
    : target;
}

function sequenceCritical({alpha, alternative}: Target, n: number, nStar: number): number {
  return sequenceReference(alpha, alternative, informationOf({alpha, alternative, nStar, n})).critical;
}

function designOf({
  confidence = 0.95,
  power = 0.8,
  alternative = "two-sided",
  shares = [1, 1],
  comparisons = 1
}: PlanOptions): {target: Target; shares: number[]} {
  const ratio = Math.min(...shares.slice(1)) / shares[0];
  return {target: {alpha: (1 - confidence) / comparisons, alternative, power, ratio}, shares};
}

function reducedArm(type: MetricType, baseline: Moments, {varianceReduction = 0}: PlanOptions): Arm {
  const arm = armOf(type, baseline);
  return {...arm, variance: arm.variance * (1 - varianceReduction)};
}

/** Returns why a design cannot be planned, in words; null where it can. */
export function designRefusal({
  confidence = 0.95,
  power = 0.8,
  shares = [1, 1],
  varianceReduction = 0
}: PlanOptions): string | null {
  if (!(confidence > 0 && confidence < 1)) return `confidence lies between 0 and 1, not at ${confidence}`;
  if (!(power > 0 && power < 1)) return `power lies between 0 and 1, not at ${power}`;
  if (shares.length < 2 || !shares.every((share) => share > 0 && share < Infinity))
    return "a plan needs two variants or more, each with a share above 0";
  return varianceReduction >= 0 && varianceReduction < 1
    ? null
    : `covariates take a share of the variance from 0 to below 1, not ${varianceReduction}`;
}

function refusal(type: MetricType, baseline: Moments): string | null {
  const reason = checkMoments(type, baseline);
  if (reason) return reason;
  const {value, variance} = armOf(type, baseline);
  if (!Number.isFinite(value)) return "the denominator is 0";
  if (value === 0) return "the baseline is 0, so no lift can be planned";
  return variance > 0 ? null : "the baseline has no variance";
}
