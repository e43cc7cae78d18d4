import {pvalueOf} from "../estimate.js";
import {agrestiCaffo, logRatioInterval, newcombe, pooledError, wilson} from "../proportion.js";
import {criticalValue, intervalOf} from "../estimate.js";
import type {Alternative} from "../types.js";

export type ProportionInput = {
  x_1: number;
  n_1: number;
  x_2: number;
  n_2: number;
  alpha: number;
  alternative: Alternative;
};

/** Returns the pooled z test of two proportions from counts, with every interval on offer. */
export function proportion({
  x_1,
  n_1,
  x_2,
  n_2,
  alpha,
  alternative
}: ProportionInput): Record<string, unknown> {
  const counts = [
    {x: x_1, n: n_1},
    {x: x_2, n: n_2}
  ] as const;
  const [p_1, p_2] = counts.map(({x, n}) => x / n);
  const se_pooled = pooledError(...counts);
  const se_unpooled = Math.sqrt((p_1 * (1 - p_1)) / n_1 + (p_2 * (1 - p_2)) / n_2);
  const statistic = se_pooled === 0 ? 0 : (p_2 - p_1) / se_pooled;
  const {pvalue, log10p} = pvalueOf(statistic, alternative);
  const critical = criticalValue(alpha, alternative);
  return {
    status: se_pooled === 0 ? "degenerate" : "ok",
    ...{p_1, p_2, diff_abs: p_2 - p_1, diff_ratio: x_1 === 0 ? null : (p_2 - p_1) / p_1},
    ...{se_pooled, se_unpooled, statistic, p_value: pvalue, log10_p: log10p},
    ...named("ci_wald", intervalOf(p_2 - p_1, critical * se_unpooled, alternative)),
    ...named("wilson_1", wilson(counts[0], critical)),
    ...named("wilson_2", wilson(counts[1], critical)),
    ...named("ci_newcombe", newcombe(...counts, alpha, alternative)),
    ...named("ci_agresti_caffo", agrestiCaffo(...counts, alpha, alternative)),
    ...named("rel_ci_log", logRatioInterval(...counts, alpha, alternative) ?? [null, null])
  };
}

function named(name: string, [low, high]: (number | null)[]): Record<string, number | null> {
  return {[`${name}_lower`]: low, [`${name}_upper`]: high};
}
