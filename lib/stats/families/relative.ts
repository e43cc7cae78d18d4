import {liftError} from "../arm.js";
import {criticalValue} from "../estimate.js";
import {fieller, logInterval} from "../relative.js";
import {armsOfMeans, type MeansInput} from "./welch.js";

/** Returns the lift over a baseline of either sign with three intervals: delta, Fieller, log. */
export function relative(input: MeansInput & {alpha: number}): Record<string, unknown> {
  const [control, treatment] = armsOfMeans(input);
  if (control.value === 0) return {rel_diff: null, reason: "the control's value is 0"};
  const lift = treatment.value / control.value - 1;
  const se = liftError(control, treatment);
  const z = criticalValue(input.alpha, "two-sided");
  const {g, status, low, high} = fieller(control, treatment, z);
  const [logLow, logHigh] = logInterval(control, treatment, z) ?? [null, null];
  return {
    rel_diff: lift,
    se_delta: se,
    delta_ci_lower: lift - z * se,
    delta_ci_upper: lift + z * se,
    z_delta: lift / se,
    fieller_g: g,
    fieller_status: status,
    fieller_lower: low,
    fieller_upper: high,
    log_ci_lower: logLow,
    log_ci_upper: logHigh
  };
}
