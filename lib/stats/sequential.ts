// Intervals and p-values that hold at every look: asymptotic confidence sequences (Waudby-Smith et al. 2021,
// theorem 2.2), which are those of the normal mixture test (Johari et al. 2017) with a mixture fixed by n*.

import type {Reference} from "./estimate.js";
import type {Alternative} from "./types.js";

/** Returns rho, which makes the sequence tightest at n* units over both arms; fix n* before the first look. */
export function sequenceRho(alpha: number, nStar: number): number {
  const l = -2 * Math.log(alpha);
  return Math.sqrt((l + Math.log1p(l)) / nStar);
}

/** What an always-valid test says at one look. */
export type Look = {
  halfWidth: number;
  /** ln of the evidence against no effect, as a mixture likelihood ratio; p = min(1, e^−logLambda). */
  logLambda: number;
};

/**
 * Returns one look at an estimate with its standard error. `information` is n ρ² of a confidence sequence with n
 * units over both arms, or τ²/error² of a mixture N(0, τ²).
 */
export function look(value: number, error: number, alpha: number, information: number): Look {
  const c = information;
  const spread = Math.log1p(c) / 2;
  return {
    halfWidth: error * Math.sqrt(((2 * (1 + c)) / c) * (spread - Math.log(alpha))),
    logLambda: ((value / error) ** 2 * c) / (2 * (1 + c)) - spread
  };
}

/** Returns n ρ² at n units over both arms. */
export function informationOf({
  alpha,
  alternative,
  nStar,
  n
}: {
  alpha: number;
  alternative: Alternative;
  nStar: number;
  n: number;
}): number {
  return n * sequenceRho(bothSides(alpha, alternative), nStar) ** 2;
}

/**
 * Returns a confidence sequence as a reference; one-sided it is the two-sided one at twice alpha. It is no guide for
 * small counts: n* wants hundreds of units.
 */
export function sequenceReference(alpha: number, alternative: Alternative, information: number): Reference {
  const sides = alternative === "two-sided" ? 1 : 2;
  const {halfWidth} = look(0, 1, bothSides(alpha, alternative), information);
  return {
    alternative,
    critical: halfWidth,
    logPvalue: (statistic) => {
      const isOpposed = alternative === "greater" ? statistic < 0 : alternative === "less" && statistic > 0;
      return isOpposed ? 0 : Math.min(0, -look(statistic, 1, 1, information).logLambda - Math.log(sides));
    }
  };
}

function bothSides(alpha: number, alternative: Alternative): number {
  return alternative === "two-sided" ? alpha : Math.min(2 * alpha, 0.999);
}
