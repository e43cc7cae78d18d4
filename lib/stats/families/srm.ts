import {srm as test} from "../srm.js";

export type SrmInput = {observed: number[]; weights: number[]; alpha?: number};

/** Returns the chi-square test of unit counts against the planned split. */
export function srm({observed, weights, alpha}: SrmInput): Record<string, unknown> {
  const {statistic, df, pvalue, log10p, isMismatch, expected} = test(observed, weights, {threshold: alpha});
  return {chi2: statistic, df, p_value: pvalue, log10_p: log10p, is_srm: isMismatch, expected};
}
