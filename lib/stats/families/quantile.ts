import {exactRanks, quantileArm} from "../quantile.js";
import {missing, testOf} from "./welch.js";

export type QuantileInput = {
  q: number;
  alpha: number;
  data_1: number[];
  data_2: number[];
  clusters_1?: unknown[];
  clusters_2?: unknown[];
};

/** Returns the difference of two quantiles by outer intervals. */
export function quantile({q, alpha, ...input}: QuantileInput): Record<string, unknown> {
  const first = quantileArm(input.data_1, q, alpha, input.clusters_1);
  const second = quantileArm(input.data_2, q, alpha, input.clusters_2);
  const difference = second.value - first.value;
  const se = Math.hypot(first.error, second.error);
  const ranks = [exactRanks(input.data_1.length, q, alpha), exactRanks(input.data_2.length, q, alpha)];
  const fields = [first, second].map(({value, shareError, ranks: outerRanks, outer, error}, i) => ({
    [`quantile_${i + 1}`]: value,
    [`se_f_${i + 1}`]: shareError,
    [`rank_lower_${i + 1}`]: outerRanks[0],
    [`rank_upper_${i + 1}`]: outerRanks[1],
    [`outer_lower_${i + 1}`]: outer[0],
    [`outer_upper_${i + 1}`]: outer[1],
    [`se_${i + 1}`]: error,
    [`exact_rank_lower_${i + 1}`]: ranks[i][0],
    [`exact_rank_upper_${i + 1}`]: ranks[i][1]
  }));
  return {
    status: se > 0 ? "ok" : "zero_variance",
    ...fields[0],
    ...fields[1],
    diff_abs: difference,
    diff_ratio: first.value === 0 ? null : difference / first.value,
    ...(se > 0 ? testOf(difference, se, {alpha, alternative: "two-sided"}) : {...missing, se})
  };
}
