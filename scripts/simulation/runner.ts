import type {Design} from "./design.js";
import {acceptedAt, isSoundRate, runsOf, type Target} from "./targets.js";
import {variatesOf} from "./variates.js";

export type Outcome = {
  id: string;
  runs: number;
  measured: number;
  accepted: [number, number];
  /** caught: a wrong method is seen to be wrong; MISS: a sound one looks wrong, or a wrong one does not. */
  verdict: "ok" | "caught" | "MISS";
  seconds: number;
};

/** Returns the outcome of one target's design, the same for the same seed and fraction. */
export function simulate(
  target: Target,
  design: Design,
  {seed, fraction = 1}: {seed: number; fraction?: number}
): Outcome {
  const start = performance.now();
  const runs = runsOf(target, fraction);
  const measured = design(runs, variatesOf(seed, target.id));
  return {
    id: target.id,
    runs,
    measured,
    accepted: acceptedAt(target, runs),
    verdict: verdictOf(target, measured, runs),
    seconds: (performance.now() - start) / 1000
  };
}

function verdictOf(target: Target, measured: number, runs: number): Outcome["verdict"] {
  const [low, high] = acceptedAt(target, runs);
  if (!(measured >= low && measured <= high)) return "MISS";
  if (!target.negative_control) return "ok";
  return isSoundRate(target, measured, runs) ? "MISS" : "caught";
}
