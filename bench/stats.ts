// Measures lib/stats against the same work through jstat, in one run: `npx tsx bench/stats.ts`.
import {createRequire} from "node:module";
import {compare} from "../lib/stats/compare.js";
import {proportionSize, type Target, unitSize} from "../lib/stats/power.js";
import {meanSize} from "../lib/stats/power-mean.js";
import type {MetricType, Moments} from "../lib/stats/types.js";

type Jstat = {
  normal: {
    cdf(x: number, mean: number, sd: number): number;
    inv(p: number, mean: number, sd: number): number;
  };
  studentt: {cdf(x: number, df: number): number; inv(p: number, df: number): number};
  noncentralt: {cdf(x: number, df: number, shift: number): number};
};
const jstat = createRequire(import.meta.url)("jstat") as Jstat;

const metrics = Array.from({length: 33_334}, (_, i) => metricOf(i));
const plans = Array.from({length: 50}, (_, i) =>
  Array.from({length: 90}, (_, j) => ({type: typeOf(i), spread: 0.5 + (i % 10), effect: 0.01 + j / 1000}))
).flat();
const target: Target = {alpha: 0.05, alternative: "two-sided", power: 0.8, ratio: 1};

report("100,000 metric rows compared", [
  ["lib/stats", () => metrics.forEach(compareAll)],
  ["jstat", () => metrics.forEach(compareAllByJstat)]
]);
report("planner 50 × 90, mixed types", [["lib/stats", () => plans.forEach(sizeOf)]]);
report("planner 50 × 90, means", [
  ["lib/stats", () => plans.forEach(({spread, effect}) => meanSize(effect / spread, target))],
  ["jstat", () => plans.forEach(({spread, effect}) => meanSizeByJstat(effect / spread))]
]);
report("planner 50 × 90, means of few units", [
  ["lib/stats", () => plans.forEach(({spread, effect}) => meanSize((20 * effect) / spread + 0.4, target))],
  ["jstat", () => plans.forEach(({spread, effect}) => meanSizeByJstat((20 * effect) / spread + 0.4))]
]);

/** Prints the median of seven runs (of one, where a run takes over a second) after one that warms up, in milliseconds. */
function report(title: string, ways: [string, () => void][]): void {
  for (const [name, work] of ways) {
    const runs = timed(work) > 1000 ? 1 : 7;
    const times = Array.from({length: runs}, () => timed(work)).sort((a, b) => a - b);
    console.log(`${title.padEnd(38)} ${name.padEnd(10)} ${times[runs >> 1].toFixed(1).padStart(8)} ms`);
  }
}

function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function typeOf(i: number): MetricType {
  return (["mean", "proportion", "ratio"] as const)[i % 3];
}

function metricOf(i: number): {type: MetricType; arms: Moments[]} {
  const type = typeOf(i);
  return {
    type,
    arms: [0, 1, 2].map((arm) => momentsOf(type, 500 + ((i * 37) % 200_000), 1 + ((i * 7 + arm) % 11) / 500))
  };
}

function momentsOf(type: MetricType, n: number, factor: number): Moments {
  if (type === "mean") return {n, means: [12 * factor], covariance: [[90]]};
  if (type === "proportion") return {n, means: [0.1 * factor], covariance: [[0.09]]};
  return {
    n,
    means: [5 * factor, 2],
    covariance: [
      [30, 6],
      [6, 4]
    ]
  };
}

function compareAll({type, arms}: {type: MetricType; arms: Moments[]}): void {
  compare(type, arms[0], arms[1]);
  compare(type, arms[0], arms[2]);
}

// The difference only, with p and interval: less than compare() gives.
function compareAllByJstat({arms}: {arms: Moments[]}): void {
  for (const treatment of arms.slice(1)) {
    const [a, b] = [arms[0], treatment].map(({n, covariance}) => covariance[0][0] / n);
    const df = (a + b) ** 2 / (a ** 2 / (arms[0].n - 1) + b ** 2 / (treatment.n - 1));
    const t = (treatment.means[0] - arms[0].means[0]) / Math.sqrt(a + b);
    jstat.studentt.cdf(-Math.abs(t), df);
    jstat.studentt.inv(0.975, df);
  }
}

function sizeOf({type, spread, effect}: (typeof plans)[number]): void {
  if (type === "mean") meanSize(effect / spread, target);
  else if (type === "ratio") unitSize(effect, spread ** 2, target);
  else proportionSize(0.1, 0.1 * (1 + effect), target);
}

// Bisection over whole n, as short as it can be: jstat has no power functions.
function meanSizeByJstat(d: number): number {
  let [low, high] = [1, 4];
  while (powerByJstat(d, high) < target.power) [low, high] = [high, high * 2];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (powerByJstat(d, middle) < target.power) low = middle;
    else high = middle;
  }
  return high;
}

function powerByJstat(d: number, n: number): number {
  const df = 2 * n - 2;
  const t = jstat.studentt.inv(1 - target.alpha / 2, df);
  return 1 - jstat.noncentralt.cdf(t, df, d * Math.sqrt(n / 2));
}
