// What a sound method gives in each design, and how far chance alone may take a run from it.

import {readFileSync} from "node:fs";

export type Target = {
  id: string;
  method: string;
  metric: string;
  /** The lowest and highest value that the true rate may have. */
  true_rate: [number, number];
  /** Runs; 0 where every outcome is enumerated. */
  N: number;
  accept: [number, number];
  /** A wrong method, whose rate must be as wrong as it is known to be. */
  negative_control: boolean;
};

const file = new URL("../../tests/fixtures/golden/simulation_targets.json", import.meta.url);

/** Returns all targets in their order. */
export function readTargets(): Target[] {
  return (JSON.parse(readFileSync(file, "utf8")) as {targets: Target[]}).targets;
}

/** Returns the runs of a target for a fraction of its full number. */
export function runsOf({N}: Target, fraction: number): number {
  return Math.ceil(N * fraction);
}

/** Returns the accepted range at a number of runs: never narrower than the target's, and wider where runs are fewer. */
export function acceptedAt(target: Target, runs: number): [number, number] {
  const [low, high] = target.accept;
  if (runs >= target.N) return [low, high];
  if (isRatio(target)) return stretched(target, Math.sqrt(target.N / runs));
  const [trueLow, trueHigh] = target.true_rate;
  return [
    Math.max(0, Math.min(low, trueLow - chance(trueLow, runs))),
    Math.min(1, Math.max(high, trueHigh + chance(trueHigh, runs)))
  ];
}

/** Returns whether a measured rate is one that a sound method may give: the nominal rate within chance. */
export function isSoundRate({metric}: Target, rate: number, runs: number): boolean {
  const nominal = metric.startsWith("coverage") ? 0.95 : 0.05;
  return Math.abs(rate - nominal) <= chance(nominal, runs);
}

// One run in 1000 is further from its true rate than this.
function chance(rate: number, runs: number): number {
  return 3.29 * Math.sqrt((rate * (1 - rate)) / runs);
}

function isRatio({metric}: Target): boolean {
  return metric === "ratio";
}

function stretched({true_rate: rate, accept}: Target, factor: number): [number, number] {
  return [rate[0] - factor * (rate[0] - accept[0]), rate[1] + factor * (accept[1] - rate[1])];
}
