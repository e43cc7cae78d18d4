import {normalPower, proportionMde, proportionSize, rateErrors} from "../power.js";
import type {Alternative} from "../types.js";

export type SizeProportionInput = {
  kind: "n" | "power" | "mde";
  alpha: number;
  alternative: Alternative;
  ratio: number;
  p_1: number;
  mde_rel: number;
  power: number;
  n_1: number;
  n_2: number;
};

/** Returns the units, the power or the smallest effects of a comparison of proportions. */
export function sizeProportion(input: SizeProportionInput): Record<string, unknown> {
  if (input.kind === "mde") return mdeOf(input);
  const p_2 = input.p_1 * (1 + input.mde_rel);
  return {p_2, ...(input.kind === "n" ? sizeOf(p_2, input) : powerOf(p_2, input))};
}

function sizeOf(p2: number, input: SizeProportionInput): Record<string, unknown> {
  const {unpooled, pooled} = proportionSize(input.p_1, p2, input);
  return {
    n1_unpooled: unpooled,
    n_1_unpooled: Math.ceil(unpooled),
    n_2_unpooled: Math.ceil(input.ratio * unpooled),
    n1_pooled: pooled,
    n_1_pooled: Math.ceil(pooled),
    n_2_pooled: Math.ceil(input.ratio * pooled)
  };
}

function powerOf(p2: number, input: SizeProportionInput): Record<string, unknown> {
  const {unpooled, pooled} = rateErrors(input.p_1, p2, input.n_1, input.n_2);
  const difference = p2 - input.p_1;
  return {
    power_unpooled: normalPower(difference, unpooled, input),
    power_pooled: normalPower(difference, unpooled, input, pooled)
  };
}

function mdeOf({p_1, n_1, n_2, ...target}: SizeProportionInput): Record<string, unknown> {
  const {up, down} = proportionMde(p_1, n_1, n_2, target);
  const lift = (rate: number | null): number | null => (rate === null ? null : rate / p_1 - 1);
  return {p2_up: up, mde_rel_up: lift(up), p2_down: down, mde_rel_down: lift(down)};
}
