// Random variates for the simulation. Normals and betas are jstat's, which follow their laws; its p-values are not
// used anywhere, nor its Poisson variates, which do not heed the seed.

import jStat from "jstat";

export type Variates = {
  /** Uniform on (0, 1). */
  uniform(): number;
  normal(): number;
  beta(a: number, b: number): number;
  /** Failures before the first success: 0, 1, 2 … */
  geometric(p: number): number;
  binomial(n: number, p: number): number;
};

/** Returns variates that a seed and a name fix; jstat has one source for all, so only those made last are in use. */
export function variatesOf(seed: number, name: string): Variates {
  const uniform = uniforms(seed, name);
  jStat.setRandom(uniform);
  return {
    uniform,
    normal: () => jStat.randn(),
    beta: (a, b) => jStat.beta.sample(a, b),
    geometric: (p) => Math.floor(Math.log(uniform()) / Math.log1p(-p)),
    binomial: (n, p) => binomial(n, p, uniform)
  };
}

// sfc32 (Doty-Humphrey, PractRand): 128 bits of state, a counter among them, so no seed has a short period.
function uniforms(seed: number, name: string): () => number {
  let [a, b, c, counter] = [hashOf(name), seed | 0, (seed / 2 ** 32) | 0, 1];
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return ((sum >>> 0) + 0.5) / 2 ** 32;
  };
  for (let i = 0; i < 20; i++) next();
  return next;
}

// FNV-1a
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const letter of name) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193);
  return hash;
}

// Many trials are halved by their median order statistic, a beta variate, until few are left (Relles 1972).
function binomial(n: number, p: number, uniform: () => number): number {
  let successes = 0;
  while (n > 60) {
    const rank = (n >> 1) + 1;
    const median = jStat.beta.sample(rank, n + 1 - rank);
    if (median <= p) {
      successes += rank;
      n -= rank;
      p = (p - median) / (1 - median);
    } else {
      n = rank - 1;
      p /= median;
    }
  }
  for (; n > 0; n--) if (uniform() < p) successes++;
  return successes;
}
