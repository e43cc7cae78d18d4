import type {Arm} from "./arm.js";

export type FiellerSet = {
  /** (z · standard error / value)² of the control: near 1 or above, the baseline is too weak for a lift. */
  g: number;
  /** bounded: an interval; exclusive: everything outside (low, high); unbounded: every lift. */
  status: "bounded" | "exclusive" | "unbounded";
  low: number | null;
  high: number | null;
};

/** Returns the lifts that treatment/control − 1 may have at z standard errors, exact for a weak baseline (Fieller 1954). */
export function fieller(control: Arm, treatment: Arm, z: number): FiellerSet {
  const [v1, v2] = [control.variance / control.n, treatment.variance / treatment.n];
  const ratio = treatment.value / control.value;
  const g = z * z * (v1 / control.value ** 2);
  // Roots in r of (1 − g) r² − 2 ratio r + ratio² − g₂ = 0.
  const g2 = z * z * (v2 / control.value ** 2);
  const discriminant = g * ratio * ratio + (1 - g) * g2;
  if (!(discriminant >= 0) || g === 1) return {g, status: "unbounded", low: null, high: null};
  const root = Math.sqrt(discriminant);
  const ends = [(ratio - root) / (1 - g) - 1, (ratio + root) / (1 - g) - 1];
  return {g, status: g < 1 ? "bounded" : "exclusive", low: Math.min(...ends), high: Math.max(...ends)};
}

/** Returns the interval of the lift on the log of the ratio, null unless both values are above 0. */
export function logInterval(control: Arm, treatment: Arm, z: number): [number, number] | null {
  if (!(control.value > 0 && treatment.value > 0)) return null;
  const half = z * logRatioError(control, treatment);
  const log = Math.log(treatment.value / control.value);
  return [Math.expm1(log - half), Math.expm1(log + half)];
}

/** Returns the standard error of ln(treatment/control), by the delta method. */
export function logRatioError(control: Arm, treatment: Arm): number {
  return Math.sqrt(relativeNoise(control) + relativeNoise(treatment));
}

function relativeNoise({value, variance, n}: Arm): number {
  return variance / n / value ** 2;
}
