// What a page recomputes on an input, as it stands in the browser.
import {cellsIn, momentsIn, type Cells} from "../../lib/stats/cells.js";
import {compare} from "../../lib/stats/compare.js";
import {study, type StudiedMetric, type StudyOptions} from "../../lib/stats/study.js";
import type {MetricType, Moments} from "../../lib/stats/types.js";

const types: MetricType[] = ["mean", "proportion", "ratio"];
const metrics = Array.from({length: 200}, (_, i) => metricOf(types[i % 3], i));

const cells = cellsOf(50);

/** What is measured, by name. */
export const works: Record<string, () => unknown> = {
  "compare: 200 metrics × 5 variants": () =>
    metrics.map(({type, control, treatments}) => treatments.map((arm) => compare(type, control!, arm!))),
  "study: the same": studied({}),
  "study: CUPED": studied({isAdjusted: true}),
  "study: Holm": studied({correction: "holm"}),
  "study: CUPED, sequential, Holm": studied({isAdjusted: true, nStar: 400_000, correction: "holm"}),
  "study: CUPED, sequential, BH, Fieller": studied({
    isAdjusted: true,
    nStar: 400_000,
    correction: "bh",
    lift: "fieller"
  }),
  "slice: 50 metrics × 3 variants × 5,040 cells": resliced,
  "slice: the same, studied with CUPED": () => {
    const sliced = resliced().map(([control, ...treatments]) => ({
      type: "mean" as const,
      control,
      treatments,
      isInFamily: true
    }));
    return study(sliced, {isAdjusted: true});
  }
};

function resliced() {
  const chosen = cellsIn(cells, {country: ["C1", "C4", "C7", "C9", "C12"], os: ["os0", "os2"]});
  return cells.metrics.map((metric) => momentsIn(cells, metric, chosen));
}

// 3 variants × 20 countries × 3 systems × 28 days, each metric with a covariate.
function cellsOf(count: number): Cells {
  const [variants, countries, systems, days] = [3, 20, 3, 28];
  const size = variants * countries * systems * days;
  const numbers = (of: (cell: number) => number) => Array.from({length: size}, (_, cell) => of(cell));
  const named = (name: string, prefix: string, n: number) => ({
    name,
    values: Array.from({length: n}, (_, i) => `${prefix}${i}`)
  });
  return {
    variants: ["A", "B", "C"],
    keys: [named("country", "C", countries), named("os", "os", systems), named("day", "2025-01-", days)],
    variant: numbers((cell) => cell % variants),
    at: [
      numbers((cell) => Math.floor(cell / variants) % countries),
      numbers((cell) => Math.floor(cell / (variants * countries)) % systems),
      numbers((cell) => Math.floor(cell / (variants * countries * systems)))
    ],
    units: numbers((cell) => 150 + (cell % 97)),
    metrics: Array.from({length: count}, (_, i) => ({
      alias: `metric_${i}`,
      n: null,
      means: [1, 2].map((k) => numbers((cell) => k + ((cell * (i + 3)) % 101) / 100)),
      products: [400, 150, 300].map((size) => numbers((cell) => size + ((cell * (i + 7)) % 89)))
    }))
  };
}

function studied(options: StudyOptions): () => unknown {
  return () => study(metrics, options);
}

function metricOf(type: MetricType, i: number): StudiedMetric {
  const arm = (k: number) => momentsOf(type, 50_000 + i * 31 + k, 1 + (((i * 7 + k) % 11) * k) / 2000);
  return {type, control: arm(0), treatments: [1, 2, 3, 4].map(arm), isInFamily: true};
}

// The value's own columns, then those of the pre-period.
function momentsOf(type: MetricType, n: number, factor: number): Moments {
  if (type === "ratio") {
    const [numerator, denominator] = [5 * factor, 2];
    const own = [30, 6, 6, 4];
    const rows = [0, 1, 2, 3].map((i) =>
      [0, 1, 2, 3].map((j) => own[(i % 2) * 2 + (j % 2)] * (i >> 1 === j >> 1 ? 1 : 0.5))
    );
    return {n, means: [numerator, denominator, 5, 2], covariance: rows};
  }
  const [mean, variance] = type === "mean" ? [12 * factor, 90] : [0.1 * factor, 0.09];
  return {
    n,
    means: [mean, mean],
    covariance: [
      [variance, variance / 2],
      [variance / 2, variance]
    ]
  };
}

/** Returns median and 95th percentile of runs, in milliseconds; a run is one answer to an input. */
export function measure(name: string, runs: number): {median: number; p95: number} {
  for (let i = 0; i < 100; i++) works[name]();
  const times = Array.from({length: runs}, () => {
    const start = performance.now();
    works[name]();
    return performance.now() - start;
  }).sort((a, b) => a - b);
  return {median: times[Math.floor(runs / 2)], p95: times[Math.floor(runs * 0.95)]};
}
