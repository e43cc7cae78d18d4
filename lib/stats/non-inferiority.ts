import {effectOf, referenceOf, testOf} from "./compare.js";
import {contrastOf, sideOf} from "./contrast.js";
import type {CompareOptions, MetricType, Moments} from "./types.js";

export type NonInferiority = {
  /** The end of the one-sided interval of the lift on the bad side. */
  bound: number | null;
  pvalue: number | null;
  /** True where the bound stays inside the margin. */
  isMet: boolean;
  reason: string | null;
};

export type Guard = {goal: "increase" | "decrease"; margin: number};

/** Returns whether a guardrail is harmed by less than a margin, a positive lift such as 0.01. */
export function nonInferiority(
  type: MetricType,
  control: Moments,
  treatment: Moments,
  {goal, margin, ...options}: Guard & Omit<CompareOptions, "alternative">
): NonInferiority {
  const side = goal === "increase" ? 1 : -1;
  const [left, right] = [control, treatment].map((moments) => sideOf(type, moments, options.isAdjusted));
  const contrast = contrastOf(type, left, right);
  if ("reason" in contrast) return {bound: null, pvalue: null, isMet: false, reason: contrast.reason};
  const test = testOf({...options, alternative: side > 0 ? "greater" : "less"}, control.n + treatment.n);
  const {lift, reason} = effectOf(contrast, test);
  if (lift.value === null || lift.error === null) return {bound: null, pvalue: null, isMet: false, reason};
  const pvalue = Math.exp(referenceOf(contrast, test).logPvalue((lift.value + side * margin) / lift.error));
  const bound = side > 0 ? lift.low : lift.high;
  return {bound, pvalue, isMet: bound !== null && side * bound > -margin, reason};
}
