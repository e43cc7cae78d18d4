import {fSurvival} from "../beta.js";
import {chiSquareSurvival} from "../gamma.js";
import {noncentralTCdf, noncentralTSurvival} from "../noncentral-t.js";
import {normalCdf, normalQuantile, normalSurvival} from "../normal.js";
import {studentCdf, studentQuantile, studentSurvival} from "../student.js";

export type DistributionsInput = {fn: string; args: number[]};

/** Returns {value} of one distribution function, named as in R with its arguments in R's order. */
export function distributions({fn, args}: DistributionsInput): Record<string, unknown> {
  const call = functions[fn];
  return call ? {value: call(...args)} : {value: null, reason: `unknown function: ${fn}`};
}

const functions: Record<string, (...args: number[]) => number> = {
  norm_cdf: normalCdf,
  norm_sf: normalSurvival,
  norm_ppf: normalQuantile,
  t_cdf: studentCdf,
  t_sf: studentSurvival,
  t_ppf: studentQuantile,
  chi2_sf: chiSquareSurvival,
  f_sf: fSurvival,
  nct_cdf: noncentralTCdf,
  nct_sf: noncentralTSurvival
};
