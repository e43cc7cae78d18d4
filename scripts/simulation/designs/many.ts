// Many tests at once, and what the Bayesian model promises where its prior is true.

import {adjust, type Correction} from "../../../lib/stats/adjust.js";
import {type Posterior, posterior} from "../../../lib/stats/bayes.js";
import {pvalueOf} from "../../../lib/stats/estimate.js";
import {alpha, average, type Design, isBelow} from "../design.js";
import type {Variates} from "../variates.js";

export const manyDesigns: Record<string, Design> = {
  "holm-null": familyErrors(by("holm"), 0),
  "hochberg-null": familyErrors(by("hochberg"), 0),
  "holm-half": familyErrors(by("holm"), 5),
  "bh-null": falseDiscoveries(by("bh"), 0),
  "bh-half": falseDiscoveries(by("bh"), 5)
};

export const bayesDesigns: Record<string, Design> = {
  "bayes-coverage": average((variates) => {
    const {effect, belief} = believed(variates);
    return belief.low <= effect && effect <= belief.high;
  }),
  "bayes-calibration": average((variates) => {
    const isNearlySure = ({chanceToWin}: Posterior): boolean => chanceToWin > 0.9 && chanceToWin < 0.95;
    let draw = believed(variates);
    while (!isNearlySure(draw.belief)) draw = believed(variates);
    return draw.effect > 0;
  }),
  "bayes-loss": lossRatio
};

const tests = 10;

type Correct = (pvalues: number[]) => (number | null)[];

function by(method: Correction): Correct {
  return (pvalues) => adjust(pvalues, method);
}

/** Returns the design that measures how often any true null of ten tests is rejected, some of the ten shifted. */
export function familyErrors(correct: Correct, shifted: number): Design {
  return average((variates) => rejections(correct, shifted, variates).slice(shifted).some(Boolean));
}

// The mean share of true nulls among the rejected.
function falseDiscoveries(correct: Correct, shifted: number): Design {
  return average((variates) => {
    const rejected = rejections(correct, shifted, variates);
    const all = rejected.filter(Boolean).length;
    return all && rejected.slice(shifted).filter(Boolean).length / all;
  });
}

// The first tests are shifted by three standard errors; for the others the null is true.
function rejections(correct: Correct, shifted: number, variates: Variates): boolean[] {
  const pvalues = Array.from({length: tests}, (_, i) => {
    const shift = i < shifted ? 3 : 0;
    return pvalueOf(shift + variates.normal(), "two-sided").pvalue;
  });
  return correct(pvalues).map((pvalue) => isBelow(pvalue));
}

function believed(variates: Variates): {effect: number; belief: Posterior} {
  const error = 0.7;
  const effect = variates.normal();
  const seen = effect + error * variates.normal();
  return {effect, belief: posterior(seen, error, {mean: 0, sd: 1}, alpha)};
}

// What shipping did lose to what it was expected to lose, where that was little. Such losses are rare and
// large: twenty draws a run keep chance within the accepted range.
function lossRatio(runs: number, variates: Variates): number {
  let [real, expected] = [0, 0];
  for (let i = 0; i < 20 * runs; i++) {
    const {effect, belief} = believed(variates);
    if (belief.lossIfShip >= 0.05) continue;
    real += Math.max(-effect, 0);
    expected += belief.lossIfShip;
  }
  return real / expected;
}
