// Many effects of one kind, each drawn towards what they have in common: a remedy for the winner's curse.

import {normalQuantile} from "./normal.js";

export type NoisyEffect = {value: number; error: number};

export type Shrinkage = {
  /** The prior: where such effects lie, and how far they spread beyond noise. */
  mean: number;
  spread: number;
  /** In the order given: the posterior mean with its interval. */
  effects: {value: number; low: number; high: number}[];
};

/** Effects it takes to fit a prior. */
export const fewestEffects = 3;

/**
 * Returns effects under a normal prior fitted to themselves (empirical Bayes): its variance by Paule and Mandel (1982), its mean
 * weighted by it. Null for fewer than three. Intervals take the prior as known, as it nearly is of many effects.
 */
export function shrink(effects: NoisyEffect[], {confidence = 0.95} = {}): Shrinkage | null {
  if (effects.length < fewestEffects) return null;
  const variance = priorVariance(effects);
  const mean = weightedMean(effects, variance);
  const z = normalQuantile(1 - (1 - confidence) / 2);
  return {
    mean,
    spread: Math.sqrt(variance),
    effects: effects.map(({value, error}) => {
      const kept = variance / (variance + error ** 2);
      const half = z * Math.sqrt(kept) * error;
      const drawn = mean + kept * (value - mean);
      return {value: drawn, low: drawn - half, high: drawn + half};
    })
  };
}

const weightedMean = (effects: NoisyEffect[], variance: number): number => {
  const weights = effects.map(({error}) => 1 / (error ** 2 + variance));
  const weight = weights.reduce((sum, w) => sum + w, 0);
  return effects.reduce((sum, {value}, i) => sum + weights[i] * value, 0) / weight;
};

// Q(variance) falls: where it meets its expectation k − 1 is the estimate, 0 where noise alone explains the spread.
function priorVariance(effects: NoisyEffect[]): number {
  const excess = (variance: number) => {
    const mean = weightedMean(effects, variance);
    const q = effects.reduce((sum, {value, error}) => sum + (value - mean) ** 2 / (error ** 2 + variance), 0);
    return q - (effects.length - 1);
  };
  if (excess(0) <= 0) return 0;
  let [low, high] = [0, Math.max(...effects.map(({error}) => error ** 2))];
  while (excess(high) > 0) high *= 2;
  for (let i = 0; i < 200 && high - low > 1e-15 * high; i++) {
    const middle = (low + high) / 2;
    if (excess(middle) > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
