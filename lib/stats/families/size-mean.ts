import {criticalValue} from "../estimate.js";
import {normalQuantile} from "../normal.js";
import {meanMde, meanPower, meanSize, normalSize} from "../power-mean.js";
import type {Alternative} from "../types.js";

export type SizeMeanInput = {
  kind: "n" | "power" | "mde";
  var: number;
  alpha: number;
  alternative: Alternative;
  ratio: number;
  mde_abs: number;
  power: number;
  n_1: number;
  n_2: number;
};

/** Returns the units, the power or the smallest effect of a comparison of means. */
export function sizeMean(input: SizeMeanInput): Record<string, unknown> {
  const sd = Math.sqrt(input.var);
  const d = input.mde_abs / sd;
  if (input.kind === "n") return sizeOf(d, input);
  if (input.kind === "power") return {effect_d: d, power: meanPower(d, input.n_1, input.n_2, input)};
  const effect = meanMde(input.n_1, input.n_2, input);
  const reach = criticalValue(input.alpha, input.alternative) + normalQuantile(input.power);
  const normal = Math.sign(effect) * reach * Math.sqrt(input.var * (1 / input.n_1 + 1 / input.n_2));
  return {effect_d: effect, mde_abs: effect * sd, mde_abs_normal: normal};
}

function sizeOf(d: number, input: SizeMeanInput): Record<string, unknown> {
  const {exact, control, treatment} = meanSize(d, input);
  return {
    effect_d: d,
    n1_normal: normalSize(d, input),
    n1_exact: exact,
    n_1: control,
    n_2: treatment,
    achieved_power: meanPower(d, control, treatment, input)
  };
}
