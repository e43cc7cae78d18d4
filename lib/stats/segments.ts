// The results of some of the units, and of every segment by itself: from moments in cells, in the page.

import type {MetricInfo, ResultsView} from "../view-types.js";
import {cellsIn, momentsIn, unitsIn, type Cells, type Slice} from "./cells.js";
import {heterogeneity, type Heterogeneity} from "./heterogeneity.js";
import {checkMoments} from "./moments.js";
import {plannedFor} from "./periods.js";
import {study, type StudiedEffect} from "./study.js";
import {verdict} from "./verdict.js";
import type {Moments, Verdict} from "./types.js";
import type {Reading, Scale} from "./analysis.js";

/** Returns a view with only the units a slice keeps: their moments, their exposures, and nothing that is not theirs. */
export function slicedView(view: ResultsView, cells: Cells, slice: Slice): ResultsView {
  const chosen = cellsIn(cells, slice);
  const metrics = view.metrics.map(({metric, arms}) => {
    const kept = cells.metrics.find(({alias}) => alias === metric.alias);
    const found = kept ? momentsIn(cells, kept, chosen) : [];
    return {
      metric,
      arms: arms.map(({variant, reason}) => {
        const own = found[cells.variants.indexOf(variant)] ?? null;
        const why = reason ?? whyNot(metric, own);
        return {variant, moments: why === null ? own : null, reason: why};
      })
    };
  });
  // Crossovers and what one unit carries are known of all units only.
  const {durationMs, rows, definitions} = view.job!.facts;
  const facts = {durationMs, rows, definitions};
  const exposures = exposuresIn(cells, chosen);
  const planned = plannedFor(view.periods, exposures);
  return {...view, metrics, exposures, planned, series: [], job: {...view.job!, facts}};
}

function whyNot({type}: MetricInfo, moments: Moments | null): string | null {
  if (moments) return checkMoments(type, moments);
  if (type === "quantile") return "a quantile does not add up over segments: ask the units for it, below";
  return "no unit of this variant is in the segment";
}

function exposuresIn(cells: Cells, chosen: number[]): ResultsView["exposures"] {
  const k = cells.keys.findIndex(({name}) => name === "day");
  const days = k < 0 ? [""] : cells.keys[k].values;
  return days.flatMap((day, code) => {
    const own = k < 0 ? chosen : chosen.filter((cell) => cells.at[k][cell] === code);
    return unitsIn(cells, own).flatMap((units, v) =>
      units ? [{variant: cells.variants[v], day, units}] : []
    );
  });
}

/** One value of a dimension: its units in both arms, and the effect there, corrected for the number of segments. */
export type Segment = {
  value: string;
  units: {control: number; treatment: number};
  effect: StudiedEffect | null;
  verdict: Verdict | null;
};

export type SegmentQuestion = {
  dimension: string;
  metric: MetricInfo;
  slice: Slice;
  control: string;
  treatment: string;
  scale: Scale;
  isValid: boolean;
  reading: Reading;
};

/** Segments that are shown; the smaller ones are counted and left out. */
export const mostSegments = 24;

/** Returns the largest segments of a dimension, how many are left out, and whether their effects differ at all. */
export function segmentsOf(
  cells: Cells,
  {dimension, metric, slice, control, treatment, scale, isValid, reading}: SegmentQuestion
): {segments: Segment[]; leftOut: number; differ: Heterogeneity | null} {
  const own = cells.metrics.find(({alias}) => alias === metric.alias);
  const values = cells.keys.find(({name}) => name === dimension)?.values ?? [];
  const [c, t] = [control, treatment].map((name) => cells.variants.indexOf(name));
  const all = values
    .filter((value) => slice[dimension]?.includes(value) ?? true)
    .map((value) => {
      const chosen = cellsIn(cells, {...slice, [dimension]: [value]});
      const counts = unitsIn(cells, chosen);
      const lawful = (own ? momentsIn(cells, own, chosen) : []).map((moments) =>
        moments && checkMoments(metric.type, moments) === null ? moments : null
      );
      return {value, units: {control: counts[c] ?? 0, treatment: counts[t] ?? 0}, moments: lawful};
    })
    .filter(({units}) => units.control + units.treatment > 0)
    .sort((a, b) => b.units.control + b.units.treatment - a.units.control - a.units.treatment);
  const shown = all.slice(0, mostSegments);
  const on = scale === "relative" ? "lift" : "difference";
  const effects = study(
    shown.map(({moments}) => ({
      type: metric.type,
      control: moments[c] ?? null,
      treatments: [moments[t] ?? null],
      isInFamily: true
    })),
    {...reading, correction: reading.correction ?? "holm", scale: on}
  );
  const segments = shown.map(({value, units}, i) => ({
    value,
    units,
    effect: effects[i][0],
    verdict: effects[i][0] && verdict(effects[i][0], metric.goal, {scale: on, isValid})
  }));
  const estimates = segments.flatMap(({effect}) => effect?.[on] ?? []);
  return {segments, leftOut: all.length - shown.length, differ: heterogeneity(estimates)};
}
