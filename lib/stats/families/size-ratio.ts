import {normalPower, unitMde, unitSize} from "../power.js";
import type {Alternative} from "../types.js";
import {ratioArm} from "./ratio.js";

export type SizeRatioInput = {
  kind: "n" | "power" | "mde";
  mean_n: number;
  var_n: number;
  mean_d: number;
  var_d: number;
  cov: number;
  alpha: number;
  alternative: Alternative;
  ratio: number;
  mde_rel: number;
  power: number;
  n_1: number;
  n_2: number;
};

/** Returns the units, the power or the smallest effect of a comparison of ratios. */
export function sizeRatio(input: SizeRatioInput): Record<string, unknown> {
  const {value, variance} = ratioArm(input.mean_n, input.var_n, input.mean_d, input.var_d, input.cov, 1);
  return {ratio_value: value, unit_var: variance, ...answerOf(value, variance, input)};
}

function answerOf(value: number, variance: number, input: SizeRatioInput): Record<string, unknown> {
  const {kind, n_1, n_2, ratio} = input;
  if (kind === "n") {
    const exact = unitSize(value * input.mde_rel, variance, input);
    return {n1_exact: exact, n_1: Math.ceil(exact), n_2: Math.ceil(ratio * exact)};
  }
  if (kind === "power") {
    const error = Math.sqrt(variance * (1 / n_1 + 1 / n_2));
    return {power: normalPower(value * input.mde_rel, error, input)};
  }
  const mde = unitMde(variance, n_1, n_2, input);
  return {mde_abs: mde, mde_rel: mde / Math.abs(value)};
}
