// Planning a guardrail: how many units show that a true lift is not worse than a margin.

import {armOf} from "./arm.js";
import {criticalValue} from "./estimate.js";
import {designRefusal, type PlanOptions} from "./plan.js";
import {normalQuantile, normalSurvival} from "./normal.js";
import type {MetricType, Moments} from "./types.js";

/** The harm allowed, a positive lift, and the direction that is good; lift is the true one, 0 where nothing changes. */
export type GuardrailPlan = Omit<PlanOptions, "alternative" | "sequential"> & {
  margin: number;
  goal?: "increase" | "decrease";
  lift?: number;
};

/** Returns the units of every variant, control first, that show a guardrail is within its margin, or why none do. */
export function guardrailUnits(
  type: MetricType,
  baseline: Moments,
  plan: GuardrailPlan
): {units: number[]; total: number} | {reason: string} {
  const {power = 0.8, shares = [1, 1]} = plan;
  const reason = refusal(plan) ?? designRefusal(plan);
  if (reason) return {reason};
  const noise = noiseOf(type, baseline, plan);
  const ratio = Math.min(...shares.slice(1)) / shares[0];
  const reach = (criticalOf(plan) + normalQuantile(power)) / roomOf(plan);
  const control = (noise.control + noise.treatment / ratio) * reach ** 2;
  if (!(control > 0 && control < Infinity)) return {reason: "the baseline has no lawful value and variance"};
  const units = shares.map((share) => Math.max(2, Math.ceil((control * share) / shares[0] - 1e-9)));
  return {units, total: units.reduce((sum, n) => sum + n, 0)};
}

/** Returns the power of these units, control first, to show a guardrail within its margin. */
export function guardrailPower(
  type: MetricType,
  baseline: Moments,
  units: number[],
  plan: GuardrailPlan
): number {
  const noise = noiseOf(type, baseline, plan);
  const error = Math.sqrt(noise.control / units[0] + noise.treatment / Math.min(...units.slice(1)));
  return normalSurvival(criticalOf(plan) - roomOf(plan) / error);
}

function refusal({margin, ...plan}: GuardrailPlan): string | null {
  if (!(margin > 0)) return `a margin is a lift above 0, not ${margin}`;
  return roomOf({margin, ...plan}) > 0 ? null : "the true lift is as bad as the margin: nothing can be shown";
}

// How far the true lift lies from the margin.
function roomOf({margin, goal = "increase", lift = 0}: GuardrailPlan): number {
  return margin + (goal === "increase" ? lift : -lift);
}

function criticalOf({confidence = 0.95, comparisons = 1}: GuardrailPlan): number {
  return criticalValue((1 - confidence) / comparisons, "greater");
}

// One unit's variance in the lift, by the delta method, as nonInferiority() tests it.
function noiseOf(type: MetricType, baseline: Moments, {lift = 0, varianceReduction = 0}: GuardrailPlan) {
  const {value, variance} = armOf(type, baseline);
  const ratio = 1 + (lift * Math.abs(value)) / value;
  const treated = type === "proportion" ? value * ratio * (1 - value * ratio) : variance;
  const kept = (1 - varianceReduction) / value ** 2;
  return {control: ratio ** 2 * variance * kept, treatment: treated * kept};
}
