// Quantiles by the outer interval, of single rows and of rows that come in clusters.

import {computeFamily} from "../../../lib/stats/families.js";
import {alpha, average, type Design, isBelow} from "../design.js";
import type {Variates} from "../variates.js";

type Rows = {values: number[]; clusters?: number[]};

export const quantileDesigns: Record<string, Design> = {
  "quantile-p50": quantileAlarms(0.5, lognormalRows),
  "quantile-p90": quantileAlarms(0.9, lognormalRows),
  "quantile-p99": quantileAlarms(0.99, lognormalRows),
  "quantile-cluster": quantileAlarms(0.5, clusteredRows),
  // Wrong: rows of one unit are taken for rows of many.
  "quantile-cluster-iid": quantileAlarms(0.5, (variates) => ({values: clusteredRows(variates).values}))
};

function quantileAlarms(q: number, rowsOf: (variates: Variates) => Rows): Design {
  return average((variates) => {
    const [control, treatment] = [rowsOf(variates), rowsOf(variates)];
    const rows = {data_1: control.values, data_2: treatment.values};
    const clusters = {clusters_1: control.clusters, clusters_2: treatment.clusters};
    return isBelow(computeFamily("quantile", {q, alpha, ...rows, ...clusters}).p_value);
  });
}

function lognormalRows(variates: Variates): Rows {
  return {values: Array.from({length: 1000}, () => Math.exp(variates.normal()))};
}

function clusteredRows(variates: Variates): Rows {
  const values: number[] = [];
  const clusters: number[] = [];
  for (let unit = 0; unit < 200; unit++) {
    const level = 0.7 * variates.normal();
    for (let left = variates.geometric(0.2); left >= 0; left--) {
      values.push(Math.exp(level + 0.5 * variates.normal()));
      clusters.push(unit);
    }
  }
  return {values, clusters};
}
