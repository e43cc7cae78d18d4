import {armOf, liftError, welchDf} from "./arm.js";
import {compare} from "./compare.js";
import {pvalueOf} from "./estimate.js";
import type {MetricType, Moments} from "./types.js";

export type NonInferiority = {
  /** The end of the one-sided interval of the lift on the bad side. */
  bound: number | null;
  pvalue: number | null;
  /** True where the bound stays inside the margin. */
  isMet: boolean;
  reason: string | null;
};

/** Returns whether a guardrail is harmed by less than a margin, a positive lift such as 0.01. */
export function nonInferiority(
  type: MetricType,
  control: Moments,
  treatment: Moments,
  {goal, margin, confidence = 0.95}: {goal: "increase" | "decrease"; margin: number; confidence?: number}
): NonInferiority {
  const [alternative, side] = goal === "increase" ? (["greater", 1] as const) : (["less", -1] as const);
  const {lift, reason} = compare(type, control, treatment, {confidence, alternative});
  if (lift.value === null || lift.pvalue === null) return {bound: null, pvalue: null, isMet: false, reason};
  const arms = [armOf(type, control), armOf(type, treatment)] as const;
  const df = type === "mean" ? welchDf(...arms) : Infinity;
  const {pvalue} = pvalueOf((lift.value + side * margin) / liftError(...arms), alternative, df);
  const bound = side > 0 ? lift.low : lift.high;
  return {bound, pvalue, isMet: side * (bound ?? NaN) > -margin, reason};
}
