import {look, sequenceRho} from "../sequential.js";

type Common = {alpha: number; n_star: number};
export type SequentialInput =
  | ({kind: "asymptotic_cs"; n: number; diff: number; se: number} & Common)
  | {kind: "msprt"; diff: number; se: number; alpha: number; tau2: number}
  | ({kind: "path"; n: number[]; diff: number[]; se: number[]} & Common);

/** Returns always-valid interval and p: of one look, of a mixture test, or of a path of looks. */
export function sequential(input: SequentialInput): Record<string, unknown> {
  if (input.kind === "path") return path(input);
  if (input.kind === "msprt") return lookAt(input.diff, input.se, input.alpha, input.tau2 / input.se ** 2);
  const rho = sequenceRho(input.alpha, input.n_star);
  return {...lookAt(input.diff, input.se, input.alpha, input.n * rho ** 2), rho};
}

function lookAt(diff: number, se: number, alpha: number, information: number) {
  const {halfWidth, logLambda} = look(diff, se, alpha, information);
  return {
    half_width: halfWidth,
    ci_lower: diff - halfWidth,
    ci_upper: diff + halfWidth,
    p_value: Math.min(1, Math.exp(-logLambda)),
    log_lambda: logLambda
  };
}

function path({n, diff, se, alpha, n_star}: SequentialInput & {kind: "path"}): Record<string, unknown> {
  const rho = sequenceRho(alpha, n_star);
  const looks = n.map((units, i) => lookAt(diff[i], se[i], alpha, units * rho ** 2));
  const columns = {
    half_width: looks.map((each) => each.half_width),
    p_value: looks.map((each) => each.p_value),
    ci_lower: looks.map((each) => each.ci_lower),
    ci_upper: looks.map((each) => each.ci_upper)
  };
  const lowest = running(columns.p_value, Math.min);
  const first = lowest.findIndex((p) => p <= alpha);
  return {
    rho,
    ...columns,
    p_running_min: lowest,
    ci_running_lower: running(columns.ci_lower, Math.max),
    ci_running_upper: running(columns.ci_upper, Math.min),
    first_rejection_index: first < 0 ? null : first
  };
}

function running(values: number[], choose: (a: number, b: number) => number): number[] {
  return values.map((_, i) => values.slice(0, i + 1).reduce((a, b) => choose(a, b)));
}
