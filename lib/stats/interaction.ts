// Two experiments on the same units: whether the effect of one is another under the other.

import {type Arm, liftError} from "./arm.js";
import {sideOf} from "./contrast.js";
import {estimate, pointOnly, studentReference} from "./estimate.js";
import type {Alternative, Estimate, MetricType, Moments} from "./types.js";

/** Moments of the units in both experiments, by the variant of each: its control or its treatment. */
export type Crossing = {
  /** In the control of the first: under the other's control, and under its treatment. */
  control: [Moments, Moments];
  /** In the treatment of the first, likewise. */
  treatment: [Moments, Moments];
};

export type Interaction = {
  /** The effect of the first under the other's control, and under its treatment. */
  under: {difference: number; lift: number | null}[];
  /** How much larger the difference is under the other's treatment: a difference of differences. */
  difference: Estimate;
  /** The same of lifts; both lifts zero is no interaction on this scale. */
  lift: Estimate;
  /** Why a number is missing; null where none is. */
  reason: string | null;
};

/**
 * Returns the interaction of two experiments: (treatment − control under the other's treatment) − (the same under its
 * control). The four groups are disjoint units, so the variance is the sum of the four; t with Satterthwaite's degrees
 * of freedom for means, the normal elsewhere.
 */
export function interaction(
  type: MetricType,
  {control, treatment}: Crossing,
  {confidence = 0.95, alternative = "two-sided"}: {confidence?: number; alternative?: Alternative} = {}
): Interaction | {reason: string} {
  const sides = [...control, ...treatment].map((moments) => sideOf(type, moments));
  const refused = sides.find((side) => "reason" in side);
  if (refused && "reason" in refused) return refused;
  const arms = sides.flatMap((side) => ("arm" in side ? side.arm : []));
  const [c0, c1, t0, t1] = arms;
  const noise = arms.map(({variance, n}) => variance / n);
  const error = Math.sqrt(noise.reduce((sum, each) => sum + each, 0));
  const difference = t1.value - c1.value - (t0.value - c0.value);
  const reference = studentReference(
    1 - confidence,
    alternative,
    type === "mean" ? satterthwaite(arms) : Infinity
  );
  const lifts = [liftOf(c0, t0), liftOf(c1, t1)];
  const [without, withIt] = lifts;
  return {
    under: [
      {difference: t0.value - c0.value, lift: without},
      {difference: t1.value - c1.value, lift: withIt}
    ],
    difference: estimate(difference, error, reference),
    lift:
      without === null || withIt === null
        ? pointOnly(null)
        : estimate(
            withIt - without,
            Math.hypot(liftError(c0, t0), liftError(c1, t1)),
            studentReference(1 - confidence, alternative)
          ),
    reason: without === null || withIt === null ? "a control's value is 0, so there is no lift" : null
  };
}

const liftOf = (control: Arm, treatment: Arm) =>
  control.value === 0 ? null : (treatment.value - control.value) / Math.abs(control.value);

// Satterthwaite 1946, for any number of groups.
function satterthwaite(arms: Arm[]): number {
  const noise = arms.map(({variance, n}) => variance / n);
  const all = noise.reduce((sum, each) => sum + each, 0);
  return all ** 2 / noise.reduce((sum, each, i) => sum + each ** 2 / (arms[i].n - 1), 0);
}
