import type {Effect, Verdict} from "./types.js";

export type Goal = "increase" | "decrease" | null;
export type Scale = "lift" | "difference";

/**
 * Returns what an effect says by the interval of the scale shown: better or worse where the metric has a goal,
 * higher or lower where it has none, unclear where the interval holds 0 or is missing, invalid where the
 * traffic is.
 */
export function verdict(
  effect: Effect,
  goal: Goal,
  {scale = "lift", isValid = true}: {scale?: Scale; isValid?: boolean} = {}
): Verdict {
  if (!isValid) return "invalid";
  const {low, high} = effect[scale];
  const isHigher = low !== null && low > 0;
  const isLower = high !== null && high < 0;
  if (!isHigher && !isLower) return "unclear";
  if (goal === null) return isHigher ? "higher" : "lower";
  return isHigher === (goal === "increase") ? "better" : "worse";
}
