import {posterior} from "../bayes.js";

export type BayesInput = {
  diff: number;
  se: number;
  prior_mean: number;
  prior_sd: number | null;
  alpha: number;
};

/** Returns the posterior of a normal effect under a normal prior. */
export function bayes({diff, se, prior_mean, prior_sd, alpha}: BayesInput): Record<string, unknown> {
  const result = posterior(diff, se, {mean: prior_mean, sd: prior_sd}, alpha);
  return {
    post_mean: result.mean,
    post_sd: result.sd,
    chance_to_win: result.chanceToWin,
    chance_to_lose: result.chanceToLose,
    loss_if_ship: result.lossIfShip,
    loss_if_keep: result.lossIfKeep,
    ci_lower: result.low,
    ci_upper: result.high
  };
}
