import {liftError} from "../arm.js";
import {criticalValue} from "../estimate.js";
import {fieller, logInterval} from "../relative.js";

export type RelativeInput = {
  mean_1: number;
  var_1: number;
  n_1: number;
  mean_2: number;
  var_2: number;
  n_2: number;
  alpha: number;
};

/** Returns the lift over a baseline of either sign with three intervals: delta, Fieller, log. */
export function relative(input: RelativeInput): Record<string, unknown> {
  const control = {value: input.mean_1, variance: input.var_1, n: input.n_1};
  const treatment = {value: input.mean_2, variance: input.var_2, n: input.n_2};
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
