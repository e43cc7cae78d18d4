import {cuped as adjusted} from "../cuped.js";
import type {Alternative, Moments} from "../types.js";
import {pointsOf, welchTest} from "./welch.js";

export type CupedInput = {
  n_1: number;
  mean_y_1: number;
  mean_x_1: number;
  var_y_1: number;
  var_x_1: number;
  cov_xy_1: number;
  n_2: number;
  mean_y_2: number;
  mean_x_2: number;
  var_y_2: number;
  var_x_2: number;
  cov_xy_2: number;
  alpha: number;
  alternative: Alternative;
};

/** Returns Welch's test of two means adjusted for one covariate, the slope taken as known. */
export function cuped(input: CupedInput): Record<string, unknown> {
  const before = momentsOf(input);
  const {control, treatment, theta, centre, varianceReduction} = adjusted(...before);
  return {
    theta: theta[0],
    mean_x_overall: centre[0],
    adj_mean_1: control.value,
    adj_mean_2: treatment.value,
    adj_var_1: control.variance,
    adj_var_2: treatment.variance,
    ...pointsOf(control, treatment),
    ...welchTest(control, treatment, input),
    variance_reduction: varianceReduction
  };
}

function momentsOf(input: CupedInput): [Moments, Moments] {
  const arm = (n: number, y: number, x: number, vy: number, vx: number, c: number): Moments => ({
    n,
    means: [y, x],
    covariance: [
      [vy, c],
      [c, vx]
    ]
  });
  return [
    arm(input.n_1, input.mean_y_1, input.mean_x_1, input.var_y_1, input.var_x_1, input.cov_xy_1),
    arm(input.n_2, input.mean_y_2, input.mean_x_2, input.var_y_2, input.var_x_2, input.cov_xy_2)
  ];
}
