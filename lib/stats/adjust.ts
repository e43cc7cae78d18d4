// Many comparisons: adjusted p-values, and for each hypothesis the alpha at which its interval says the same.

export type Correction = "bonferroni" | "holm" | "hochberg" | "bh" | "by";

/**
 * Returns p-values adjusted for their number, in their order; null stays null and is not counted. Holm (1979) and
 * Hochberg (1988) hold the chance of any false alarm, Benjamini–Hochberg (1995, bh) and Benjamini–Yekutieli
 * (2001, by) the share of false alarms among the alarms.
 */
export function adjust(pvalues: (number | null)[], method: Correction): (number | null)[] {
  return inOrder(pvalues, (sorted) => {
    const raised = sorted.map((p, i) => p * factor(method, i, sorted.length));
    return method === "holm" ? runningMaximum(raised) : runningMinimum(raised);
  });
}

/**
 * Returns for each p-value the alpha whose interval leaves out 0 exactly where the procedure rejects. Holm and
 * Hochberg: the alpha of the step that decides; bh and by: the false coverage rate (Benjamini and Yekutieli 2005).
 */
export function adjustedAlpha(
  pvalues: (number | null)[],
  method: Correction,
  alpha: number
): (number | null)[] {
  return inOrder(pvalues, (sorted) => {
    const steps = sorted.map((_, i) => alpha / factor(method, i, sorted.length));
    const rejected = countRejected(sorted, steps, method);
    return sorted.map((_, i) => steps[decidingStep(i, rejected, method)]);
  });
}

// What the p-value of rank i, from 0, is multiplied by.
function factor(method: Correction, i: number, m: number): number {
  if (method === "bonferroni") return m;
  if (method === "holm" || method === "hochberg") return m - i;
  return (m / (i + 1)) * (method === "by" ? harmonic(m) : 1);
}

function harmonic(m: number): number {
  return m > 0 ? 1 / m + harmonic(m - 1) : 0;
}

function countRejected(sorted: number[], steps: number[], method: Correction): number {
  const isPassed = (p: number, i: number): boolean => p <= steps[i];
  if (method !== "holm") return sorted.findLastIndex(isPassed) + 1;
  const stop = sorted.findIndex((p, i) => !isPassed(p, i));
  return stop < 0 ? sorted.length : stop;
}

function decidingStep(i: number, rejected: number, method: Correction): number {
  if (method === "bonferroni") return i;
  if (method === "holm") return Math.min(i, rejected);
  if (method === "hochberg") return Math.max(i, rejected - 1);
  return Math.max(rejected, 1) - 1;
}

function inOrder(pvalues: (number | null)[], change: (sorted: number[]) => number[]): (number | null)[] {
  const present = pvalues.flatMap((p, index) => (p === null || Number.isNaN(p) ? [] : [{p, index}]));
  present.sort((a, b) => a.p - b.p);
  const changed = change(present.map((item) => item.p));
  const result: (number | null)[] = pvalues.map(() => null);
  present.forEach(({index}, rank) => (result[index] = changed[rank]));
  return result;
}

function runningMaximum(values: number[]): number[] {
  let bound = 0;
  return values.map((value) => Math.min(1, (bound = Math.max(bound, value))));
}

// From the largest p down. Bonferroni's values are in order already.
function runningMinimum(values: number[]): number[] {
  let bound = 1;
  return values.map((_, i) => (bound = Math.min(bound, values[values.length - 1 - i]))).reverse();
}
