// The checks of one comparison, as sentences.

import {
  type Allocation,
  crossoverShare,
  type DayUnits,
  type DimensionUnits,
  fewestEvents,
  implausible,
  largestPlausibleZ,
  smallestVisible,
  splitByDay,
  splitByDimension,
  withinMargin
} from "./checks.js";
import {type AssessedMetric, type SummaryOptions, writerOf} from "./summary.js";
import {planned, type Traffic} from "./traffic.js";
import type {SrmTest} from "./types.js";
import {count, inSentence, list, percent, pvalue} from "./words.js";

export const checkKinds = [
  "split",
  "stale",
  "shares-changed",
  "split-by-day",
  "split-by-dimension",
  "crossovers",
  "few-units",
  "few-events",
  "before",
  "dominated",
  "novelty",
  "implausible",
  "multiplicity",
  "margin",
  "smallest-effect"
] as const;

/** info: to be known; warn: read with care; stop: do not read. */
export type Check = {
  kind: (typeof checkKinds)[number];
  severity: "info" | "warn" | "stop";
  sentence: string;
};

export type Checked = Traffic & {
  metrics: AssessedMetric[];
  exposures?: DayUnits[];
  plannedByDay?: Record<string, Allocation | null>;
  splits?: DimensionUnits[];
  power?: number;
  uncorrected?: number;
  stale?: string | null;
};

/** Returns what to know of a result before believing it; conclusions only where the traffic is valid. */
export function checklist(input: Checked, srm: SrmTest | null, options: SummaryOptions): Check[] {
  const {metrics} = input;
  const checks = [
    ...overall(srm),
    ...freshness(input),
    ...sharesChanged(input),
    ...byDay(input),
    ...byDimension(input),
    ...crossed(input),
    ...fewUnits(metrics),
    ...fewEvents(metrics),
    ...metrics.flatMap(differedBefore),
    ...metrics.flatMap(dominated),
    ...metrics.flatMap(drifts),
    ...metrics.flatMap((metric) => tooGood(metric, options)),
    ...(options.isValid ? manyAtOnce(input, options) : []),
    ...(options.isValid ? metrics.flatMap((metric) => margin(metric)) : []),
    // A sequence needs more units than this says.
    ...(options.isValid && !input.isSequential
      ? metrics.flatMap((metric) => smallest(metric, options, input.power))
      : [])
  ];
  const order = ["stop", "warn", "info"];
  return checks.sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}

function overall(srm: SrmTest | null): Check[] {
  if (!srm?.isMismatch) return [];
  const sentence = `The traffic is not split as planned (${pvalue(srm.pvalue)}).`;
  return [{kind: "split", severity: "stop", sentence}];
}

function freshness({stale}: Checked): Check[] {
  return stale ? [{kind: "stale", severity: "warn", sentence: `Out of date: ${stale}.`}] : [];
}

// What a family without any effect shows by chance.
function manyAtOnce({uncorrected = 0}: Checked, {confidence}: SummaryOptions): Check[] {
  if (uncorrected < 3) return [];
  const chance = 1 - confidence ** uncorrected;
  const sentence = `${count(uncorrected)} comparisons at once: by chance alone one or more look clear in up to ${percent(chance, {digits: 0})} of tests. Holm’s correction holds that at ${percent(1 - confidence, {digits: 0})}.`;
  return [{kind: "multiplicity", severity: "info", sentence}];
}

// Units of early and of late days are another mix in each variant: Simpson's paradox.
function sharesChanged({plannedByDay}: Checked): Check[] {
  if (!plannedByDay) return [];
  const sentence =
    "The planned shares changed while units came: variants mix early and late ones differently. Read the effect by period.";
  return [{kind: "shares-changed", severity: "warn", sentence}];
}

function byDay({exposures = [], allocation, plannedByDay, srmThreshold: threshold}: Checked): Check[] {
  const days = allocation.length < 2 ? [] : splitByDay(exposures, allocation, {threshold, plannedByDay});
  const off = days.filter(({isMismatch}) => isMismatch);
  if (!off.length) return [];
  const tested = days.filter(({adjusted}) => adjusted !== null).length;
  const lowest = Math.min(...off.map(({adjusted}) => adjusted!));
  const p = `${pvalue(lowest)}${tested > 1 ? `, corrected for ${tested} days` : ""}`;
  const example = off.length === 1 ? `: ${planned(off[0], off[0].units)}` : "";
  const dates = off.map(({day}) => day);
  const sentence = `On ${few("day", dates)} the traffic was not split as planned (${p})${example}. Look for what changed then.`;
  return [{kind: "split-by-day", severity: "warn", sentence}];
}

function byDimension({splits = [], allocation, srmThreshold: threshold}: Checked): Check[] {
  const parts = allocation.length < 2 ? [] : splitByDimension(splits, allocation, {threshold});
  const off = parts.filter(({isMismatch}) => isMismatch);
  if (!off.length) return [];
  const tested = parts.filter(({adjusted}) => adjusted !== null).length;
  const lowest = Math.min(...off.map(({adjusted}) => adjusted!));
  const names = few(
    "value",
    off.map(({dimension, value}) => `${dimension} ${value || "(none)"}`)
  );
  const sentence = `The traffic is not split as planned for ${names} (${pvalue(lowest)}, corrected for ${tested} values). Look for what changed there.`;
  return [{kind: "split-by-dimension", severity: "warn", sentence}];
}

// As rare by chance as a false alarm of the split.
const leastPlausibleBefore = 0.001;

function differedBefore({before, title}: AssessedMetric): Check[] {
  const p = before?.difference.pvalue ?? 1;
  if (!(p < leastPlausibleBefore)) return [];
  const by = before!.lift.value === null ? "" : ` by ${percent(before!.lift.value, {isChange: true})}`;
  const sentence = `Before exposure the variants already differed in ${inSentence(title)}${by} (${pvalue(p)}): check how units are assigned. CUPED takes out what that explains.`;
  return [{kind: "before", severity: "warn", sentence}];
}

function dominated({dominance, title, role}: AssessedMetric): Check[] {
  if (!dominance || role === "other") return [];
  const share = percent(dominance.share, {digits: 0});
  const sentence = `One unit of ${dominance.variant} carries ${share} of the variance of ${inSentence(title)}: its interval hangs on it. A cap in the metric’s definition limits single units.`;
  return [{kind: "dominated", severity: "warn", sentence}];
}

function drifts({drift, title, role}: AssessedMetric): Check[] {
  if (!drift || role === "other" || !(drift.pvalue < 0.01)) return [];
  const what = Math.abs(drift.last) < Math.abs(drift.first) ? "fades" : "grows";
  const [from, to] = [drift.first, drift.last].map((lift) => percent(lift, {isChange: true}));
  const sentence = `The effect on ${inSentence(title)} ${what} with the days since exposure, from ${from} to ${to} (${pvalue(drift.pvalue)}): the mean over all days may not last.`;
  return [{kind: "novelty", severity: "warn", sentence}];
}

const largestCrossoverShare = 0.01;

function crossed({units, crossovers = 0}: Checked): Check[] {
  const share = crossoverShare(
    units.reduce((sum, arm) => sum + arm.units, 0),
    crossovers
  );
  if (share <= largestCrossoverShare) return [];
  const sentence = `${percent(share)} of all units (${count(crossovers)}) were seen in more than one variant. They are left out of every number; check how units are assigned.`;
  return [{kind: "crossovers", severity: "warn", sentence}];
}

const fewestUnits = 100;
const leastEvents = 10;

function fewUnits(metrics: AssessedMetric[]): Check[] {
  const small = metrics.filter(
    ({effect}) => effect && Math.min(effect.n.control, effect.n.treatment) < fewestUnits
  );
  if (!small.length) return [];
  const sentence = `Fewer than ${fewestUnits} units in a variant for ${titles(small)}: intervals and p-values need more to be exact.`;
  return [{kind: "few-units", severity: "warn", sentence}];
}

function fewEvents(metrics: AssessedMetric[]): Check[] {
  const rare = metrics.filter(
    ({type, effect}) => effect && (fewestEvents(type, effect) ?? leastEvents) < leastEvents
  );
  if (!rare.length) return [];
  const sentence = `Fewer than ${leastEvents} successes or failures in a variant for ${titles(rare)}: the lift and its interval are rough.`;
  return [{kind: "few-events", severity: "warn", sentence}];
}

function tooGood({role, effect, title}: AssessedMetric, {scale}: SummaryOptions): Check[] {
  const found = role === "primary" && effect ? implausible(effect, scale) : null;
  if (!found) return [];
  const name = inSentence(title);
  const what =
    found === "size"
      ? `A lift of ${percent(effect!.lift.value!, {isChange: true})} on ${name} is larger than changes usually are`
      : `The evidence on ${name} is stronger than a planned test gives (|z| above ${largestPlausibleZ})`;
  const sentence = `${what}: more often something is counted differently in one variant. Check the metric and the exposure first.`;
  return [{kind: "implausible", severity: "warn", sentence}];
}

function margin({role, effect, goal, title, margin}: AssessedMetric): Check[] {
  const found = role === "guardrail" && effect && margin ? withinMargin(effect, goal, margin) : null;
  if (!found) return [];
  const {bound, state} = found;
  const allowed = `its margin of ${percent(margin!)}`;
  const end = `the interval ends at ${percent(bound, {isChange: true})}`;
  const sentences = {
    met: `${title} stays within ${allowed}: ${end}.`,
    violated: `${title} is worse by more than ${allowed}.`,
    open: `${title} is not shown to stay within ${allowed}: ${end}.`
  };
  return [{kind: "margin", severity: state === "met" ? "info" : "warn", sentence: sentences[state]}];
}

function smallest(metric: AssessedMetric, {scale, confidence}: SummaryOptions, power = 0.8): Check[] {
  const {role, effect, title} = metric;
  const visible = role === "primary" && effect ? smallestVisible(effect[scale], {confidence, power}) : null;
  if (visible === null) return [];
  const size = writerOf(metric, scale)(visible).replace(/^\+/, "");
  const sentence = `With these units, a true ${scale} of ${size} in ${inSentence(title)} is found in ${percent(power, {digits: 0})} of tests; smaller ones are often missed.`;
  return [{kind: "smallest-effect", severity: "info", sentence}];
}

const titles = (metrics: AssessedMetric[]) =>
  few(
    "metric",
    metrics.map(({title}) => inSentence(title))
  );

// Three names at most, then how many more.
function few(noun: string, names: string[]): string {
  if (names.length <= 3) return list(names);
  const more = names.length - 3;
  return list([...names.slice(0, 3), `${count(more)} more ${noun}${more > 1 ? "s" : ""}`]);
}
