import {adjust as adjusted, type Correction} from "../adjust.js";

export type AdjustInput = {p_values: (number | null)[]};

/** Returns the adjusted p-values by every procedure. */
export function adjust({p_values}: AdjustInput): Record<string, unknown> {
  const methods: Correction[] = ["bonferroni", "holm", "hochberg", "bh", "by"];
  return Object.fromEntries(methods.map((method) => [method, adjusted(p_values, method)]));
}
