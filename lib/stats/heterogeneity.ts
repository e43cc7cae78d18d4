import {chiSquareSurvival} from "./gamma.js";

/** Whether effects differ between disjoint segments by more than noise does. */
export type Heterogeneity = {statistic: number; df: number; pvalue: number};

/**
 * Returns Cochran's Q test (Cochran 1954) of effects in disjoint segments, each with its standard error; null where
 * fewer than two have one.
 */
export function heterogeneity(effects: {value: number | null; error: number | null}[]): Heterogeneity | null {
  const known = effects.flatMap(({value, error}) =>
    value !== null && Number.isFinite(value) && error ? [{value, weight: 1 / error ** 2}] : []
  );
  if (known.length < 2) return null;
  const weight = known.reduce((sum, each) => sum + each.weight, 0);
  const mean = known.reduce((sum, each) => sum + each.weight * each.value, 0) / weight;
  const statistic = known.reduce((sum, each) => sum + each.weight * (each.value - mean) ** 2, 0);
  const df = known.length - 1;
  return {statistic, df, pvalue: chiSquareSurvival(statistic, df)};
}
