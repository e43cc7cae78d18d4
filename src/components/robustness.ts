// One effect under other readings: whether a verdict hangs on a choice somebody made.

import type {MetricMoments, ResultsView} from "../../lib/view-types.js";
import {cellsIn, momentsIn, type Cells, type Slice} from "../stats/cells.js";
import {checkMoments} from "../stats/moments.js";
import {findingsOf, hasCovariates, isInFamily, type Finding, type FindingOptions} from "../stats/analysis.js";
import {dayOf} from "../stats/format.js";
import {slicedView} from "../stats/segments.js";
import {procedures} from "./method.js";

/** An effect as it would be under another reading; null with the reason where that reading has no answer. */
export type OtherReading = {name: string; finding: Finding | null; reason: string | null};

export type RobustnessQuestion = {
  /** The alias of the metric that is looked at. */
  metric: string;
  treatment: string;
  options: FindingOptions;
  slice: Slice;
};

/** The units that are read: of the whole job, those of the slice shown, and the cells either is made of. */
export type Read = {whole: ResultsView; results: ResultsView; cells: Cells | null};

/** Values of a dimension that are left out one at a time, those with the most units. */
const mostLeftOut = 12;

/** Returns the effect of one metric as it is asked for, and then under every other reading the moments allow. */
export function otherReadings(read: Read, question: RobustnessQuestion): OtherReading[] {
  const {results} = read;
  return [
    {name: "as asked", ...found(results.metrics, question)},
    ...otherMethods(results.metrics, question),
    ...fewerDays(read, question),
    ...fewerSegments(read, question)
  ];
}

/** Returns the effect of a metric whose moments were computed under another cap. */
export function cappedReading(
  name: string,
  read: Pick<Read, "results"> & {capped: Cells},
  question: RobustnessQuestion
): OtherReading {
  const {capped, results} = read;
  const chosen = cellsIn(capped, question.slice);
  const metrics = results.metrics.map((row) => {
    const own =
      row.metric.alias === question.metric && capped.metrics.find(({alias}) => alias === question.metric);
    return own ? momentsOfCells(row, capped, chosen) : row;
  });
  return {name, ...found(metrics, question)};
}

/** Returns a metric as the cells chosen have it, in the variants that it has. */
export function momentsOfCells({metric, arms}: MetricMoments, cells: Cells, chosen: number[]): MetricMoments {
  const kept = cells.metrics.find(({alias}) => alias === metric.alias);
  const moments = kept ? momentsIn(cells, kept, chosen) : [];
  return {
    metric,
    arms: arms.map(({variant}) => {
      const own = moments[cells.variants.indexOf(variant)] ?? null;
      const reason = own ? checkMoments(metric.type, own) : "no unit of this variant was measured";
      return {variant, moments: reason === null ? own : null, reason};
    })
  };
}

function otherMethods(metrics: MetricMoments[], question: RobustnessQuestion): OtherReading[] {
  const {options} = question;
  const {isAdjusted, lift, correction, scale} = options;
  const own = metrics.filter(({metric}) => metric.alias === question.metric);
  const under = (name: string, changed: Partial<FindingOptions>) => ({
    name,
    ...found(metrics, {...question, options: {...options, ...changed}})
  });
  const lifts = scale === "relative" ? (["delta", "fieller", "log"] as const) : [];
  const isCorrectable = own.some(({metric}) => isInFamily(metric, metrics));
  return [
    ...(hasCovariates(own)
      ? [under(isAdjusted ? "without CUPED" : "with CUPED", {isAdjusted: !isAdjusted})]
      : []),
    ...lifts.filter((each) => each !== (lift ?? "delta")).map((each) => under(liftNames[each], {lift: each})),
    ...(isCorrectable ? ([null, "holm", "bh"] as const) : [])
      .filter((each) => each !== (correction ?? null))
      .map((each) => under(each ? `corrected by ${procedures[each]}` : "not corrected", {correction: each}))
  ];
}

const liftNames = {delta: "delta method", fieller: "Fieller’s interval", log: "log of the ratio"};

function fewerDays(read: Read, question: RobustnessQuestion): OtherReading[] {
  const days = read.cells?.keys.find(({name}) => name === "day")?.values.toSorted() ?? [];
  const kept = days.filter((day) => question.slice.day?.includes(day) ?? true);
  if (kept.length < 3) return [];
  return [
    without(read, question, {
      key: "day",
      value: kept[0],
      values: kept,
      name: `without those who came on ${dayOf(kept[0])}, the first day`
    }),
    without(read, question, {
      key: "day",
      value: kept.at(-1)!,
      values: kept,
      name: `without those who came on ${dayOf(kept.at(-1)!)}, the last day`
    })
  ];
}

function fewerSegments(read: Read, question: RobustnessQuestion): OtherReading[] {
  const dimensions = read.cells?.keys.filter(({name}) => name !== "day") ?? [];
  return dimensions.flatMap(({name: key, values}) => {
    const kept = values.filter((value) => question.slice[key]?.includes(value) ?? true);
    if (kept.length < 2) return [];
    const largest = unitsByValue(read.cells!, key, kept).slice(0, mostLeftOut);
    return largest.map((value) =>
      without(read, question, {key, value, values: kept, name: `without ${key} ${value || "(none)"}`})
    );
  });
}

function unitsByValue(cells: Cells, key: string, kept: string[]): string[] {
  const k = cells.keys.findIndex(({name}) => name === key);
  const units = cells.keys[k].values.map(() => 0);
  cells.at[k].forEach((code, cell) => (units[code] += cells.units[cell]));
  const of = (value: string) => units[cells.keys[k].values.indexOf(value)];
  return kept.toSorted((a, b) => of(b) - of(a));
}

type LeftOut = {key: string; value: string; values: string[]; name: string};

// A correction counts the whole family; without one, one metric is enough work.
function without(
  {whole, cells}: Read,
  question: RobustnessQuestion,
  {key, value, values, name}: LeftOut
): OtherReading {
  const {metric, options, slice} = question;
  const rest = {...slice, [key]: values.filter((each) => each !== value)};
  const metrics = options.correction
    ? whole.metrics
    : whole.metrics.filter((row) => row.metric.alias === metric);
  return {name, ...found(slicedView({...whole, metrics}, cells!, rest).metrics, question)};
}

function found(
  metrics: MetricMoments[],
  {metric, treatment, options}: RobustnessQuestion
): Omit<OtherReading, "name"> {
  const i = metrics.findIndex((row) => row.metric.alias === metric);
  const finding = i < 0 ? null : findingsOf(metrics, options)[i][options.treatments.indexOf(treatment)];
  return finding?.effect
    ? {finding, reason: null}
    : {finding: null, reason: finding?.reason ?? "not measured here"};
}
