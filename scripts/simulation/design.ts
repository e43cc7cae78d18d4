// What designs are made of: samples as moments, and a run that is repeated.

import type {Moments} from "../../lib/stats/types.js";
import type {Variates} from "./variates.js";

/** Gives what was measured in a number of runs: a rate, or the mean of a quantity. */
export type Design = (runs: number, variates: Variates) => number;

/** Writes one unit's columns into a row. */
export type Unit = (row: Float64Array, variates: Variates) => void;

/** A decision on two samples, such as: this test rejects, this interval covers. */
export type Decide = (control: Moments, treatment: Moments) => boolean;

/** The level of every test here. */
export const alpha = 0.05;

/** Returns true where a p-value rejects; a missing one does not. */
export function isBelow(pvalue: unknown, level = alpha): boolean {
  return typeof pvalue === "number" && pvalue <= level;
}

/** Returns the design that averages the outcomes of equal runs; true counts 1. */
export function average(run: (variates: Variates) => number | boolean): Design {
  return (runs, variates) => {
    let sum = 0;
    for (let i = 0; i < runs; i++) sum += Number(run(variates));
    return sum / runs;
  };
}

export type Samples = {n: [number, number]; units: [Unit, Unit]; columns?: number};

/** Returns the design that draws both arms in every run and measures how often a decision falls. */
export function decisions({n, units, columns = 1}: Samples, decide: Decide): Design {
  return average((variates) =>
    decide(sample(n[0], units[0], variates, columns), sample(n[1], units[1], variates, columns))
  );
}

/** Returns the moments of n units drawn alike, from sums. */
export function sample(n: number, unit: Unit, variates: Variates, columns = 1): Moments {
  const row = new Float64Array(columns);
  const sums = new Float64Array(columns);
  const products = new Float64Array(columns * columns);
  for (let unitNo = 0; unitNo < n; unitNo++) {
    unit(row, variates);
    for (let i = 0; i < columns; i++) {
      sums[i] += row[i];
      for (let j = 0; j <= i; j++) products[i * columns + j] += row[i] * row[j];
    }
  }
  return momentsOfSums(n, sums, products);
}

function momentsOfSums(n: number, sums: Float64Array, products: Float64Array): Moments {
  const columns = [...sums.keys()];
  const product = (i: number, j: number): number =>
    products[Math.max(i, j) * columns.length + Math.min(i, j)];
  return {
    n,
    means: columns.map((i) => sums[i] / n),
    covariance: columns.map((i) => columns.map((j) => (product(i, j) - (sums[i] * sums[j]) / n) / (n - 1)))
  };
}

/** Returns units of one column, drawn from a normal. */
export function normal(mean = 0, sd = 1): Unit {
  return (row, variates) => {
    row[0] = mean + sd * variates.normal();
  };
}

/** Returns units of one column whose logarithm is standard normal. */
export function lognormal(): Unit {
  return (row, variates) => {
    row[0] = Math.exp(variates.normal());
  };
}

/** Returns the design's two arms drawn alike. */
export function alike(n: number, unit: Unit, columns = 1): Samples {
  return {n: [n, n], units: [unit, unit], columns};
}
