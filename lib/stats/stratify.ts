// Post-stratification (Miratrix, Sekhon and Yu 2013): the difference within cells, weighted by the cells' units.

import type {Arm} from "./arm.js";
import {effectOf, testOf} from "./compare.js";
import {pointOnly} from "./estimate.js";
import type {CompareOptions, Effect, MetricType, Moments} from "./types.js";

export type Cell = {control: Moments; treatment: Moments};

/**
 * Returns the effect on a mean or a proportion, after both arms are brought to the same mix of cells, such as
 * countries. A cell needs two units in each arm; where one has fewer, merge it with another first.
 */
export function compareStratified(cells: Cell[], options: Omit<CompareOptions, "isAdjusted"> = {}): Effect {
  const units = cells.reduce((sum, {control, treatment}) => sum + control.n + treatment.n, 0);
  const weights = cells.map(({control, treatment}) => (control.n + treatment.n) / units);
  const [control, treatment] = (["control", "treatment"] as const).map((role) =>
    weightedArm(
      cells.map((cell) => cell[role]),
      weights
    )
  );
  const contrast = {type: "mean" as MetricType, control, treatment, df: Infinity, varianceReduction: null};
  const effect = effectOf(contrast, testOf(options, units));
  const isThin = cells.some(({control, treatment}) => Math.min(control.n, treatment.n) < 2);
  if (!isThin) return effect;
  const [difference, lift] = [pointOnly(effect.difference.value), pointOnly(effect.lift.value)];
  return {...effect, difference, lift, reason: "a cell has fewer than two units in a variant"};
}

// The variance is scaled so that variance/n is that of the weighted mean.
function weightedArm(cells: Moments[], weights: number[]): Arm {
  const n = cells.reduce((sum, cell) => sum + cell.n, 0);
  const value = cells.reduce((sum, cell, i) => sum + weights[i] * cell.means[0], 0);
  const noise = cells.reduce((sum, cell, i) => sum + (weights[i] ** 2 * cell.covariance[0][0]) / cell.n, 0);
  return {value, variance: noise * n, n};
}
