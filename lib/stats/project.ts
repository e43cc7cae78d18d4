// "If we wait": what further units would make of a running experiment.

import {contrastOf, sideOf} from "./contrast.js";
import {effectOf, referenceOf, testOf} from "./compare.js";
import {normalSurvival} from "./normal.js";
import {normalPower} from "./power.js";
import type {CompareOptions, MetricType, Moments} from "./types.js";

/** What may be expected of one day to come, from its number of units over both arms. */
export type Outlook = {
  units: number;
  /** Half the width of the lift's interval. */
  halfWidth: number;
  /** The chance to see the planned lift, whatever was seen so far. */
  power: number;
  /** The chance to see any effect, given what was seen so far, if the true lift is the one seen, or the one planned. */
  conditional: {trend: number; planned: number};
};

export type Waiting = Pick<CompareOptions, "confidence" | "alternative" | "isAdjusted" | "nStar"> & {
  /** The lift the experiment was planned for. */
  lift: number;
  /** Units over both arms at the end of each day to come, not fewer than now. */
  cumulativeUnits: number[];
};

/**
 * Returns the outlook of each day to come, or why there is none. Errors shrink with the root of the units; conditional
 * power by the B-value (Lan and Wittes 1988), whose increments do not depend on what was seen.
 */
export function project(
  type: MetricType,
  control: Moments,
  treatment: Moments,
  {lift, cumulativeUnits, ...options}: Waiting
): Outlook[] | {reason: string} {
  const [left, right] = [control, treatment].map((moments) => sideOf(type, moments, options.isAdjusted));
  const contrast = contrastOf(type, left, right);
  if ("reason" in contrast) return contrast;
  const now = control.n + treatment.n;
  const effect = effectOf(contrast, testOf(options, now));
  const {value, error} = effect.lift;
  if (value === null || error === null) return {reason: effect.reason ?? "there is no lift yet"};
  return cumulativeUnits.map((units) => {
    const test = testOf(options, units);
    const {critical} = referenceOf(contrast, test);
    const later = error * Math.sqrt(now / units);
    const conditional = (truth: number): number =>
      conditionalPower(
        {z: value / error, share: Math.min(1, now / units), drift: truth / later},
        {...test, critical}
      );
    return {
      units,
      halfWidth: critical * later,
      power: normalPower(lift, later, {...test, critical}),
      conditional: {trend: conditional(value), planned: conditional(lift)}
    };
  });
}

/**
 * Returns the chance that z at the end lies beyond the critical value, given z now at this share of the final
 * information and the expected z at the end.
 */
export function conditionalPower(
  {z, share, drift}: {z: number; share: number; drift: number},
  {alternative, critical}: {alternative: "two-sided" | "greater" | "less"; critical: number}
): number {
  const expected = z * Math.sqrt(share) + drift * (1 - share);
  const spread = Math.sqrt(1 - share);
  const beyond = (distance: number): number =>
    spread > 0 ? normalSurvival(distance / spread) : Number(distance <= 0);
  const above = alternative === "less" ? 0 : beyond(critical - expected);
  return above + (alternative === "greater" ? 0 : beyond(critical + expected));
}
