import {normalDensity, normalSurvival, normalUpperQuantile} from "./normal.js";

/** What is believed of an effect before the data: a normal; sd null says nothing at all. */
export type Prior = {mean: number; sd: number | null};

export type Posterior = {
  mean: number;
  sd: number;
  /** The credible interval. */
  low: number;
  high: number;
  chanceToWin: number;
  chanceToLose: number;
  /** The mean of what is lost by shipping where the effect is below 0, and by keeping where it is above. */
  lossIfShip: number;
  lossIfKeep: number;
};

/** Returns what to believe of an effect after an estimate with its standard error, by the normal model. */
export function posterior(value: number, error: number, prior: Prior, alpha = 0.05): Posterior {
  const weight = prior.sd === null ? 1 : prior.sd ** 2 / (prior.sd ** 2 + error ** 2);
  const mean = prior.mean + weight * (value - prior.mean);
  const sd = error * Math.sqrt(weight);
  const half = normalUpperQuantile(alpha / 2) * sd;
  const z = mean / sd;
  return {
    mean,
    sd,
    low: mean - half,
    high: mean + half,
    chanceToWin: normalSurvival(-z),
    chanceToLose: normalSurvival(z),
    lossIfShip: sd * meanExcess(z),
    lossIfKeep: sd * meanExcess(-z)
  };
}

// E max(−z − Z, 0) = φ(z) − z P(Z > z), by Laplace's continued fraction where the difference cancels.
function meanExcess(z: number): number {
  if (z < 4) return normalDensity(z) - z * normalSurvival(z);
  let fraction = z;
  for (let k = 60; k >= 2; k--) fraction = z + k / fraction;
  return normalDensity(z) / (z * fraction + 1);
}
