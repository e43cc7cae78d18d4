// The effect within each period between changes of the shares, and over all of them together.

import type {ResultsView} from "../../lib/view-types.js";
import type {Cells, Slice} from "../stats/cells.js";
import {splitByPeriod, type PeriodSplit} from "../stats/periods.js";
import {compareStratified} from "../stats/stratify.js";
import type {Effect, Verdict} from "../stats/types.js";
import {verdict as verdictOf} from "../stats/verdict.js";
import {findingsOf, momentsOfVariant, type Finding, type FindingOptions} from "../stats/analysis.js";
import {askUnits, Failure} from "./api.js";
import {slicedView} from "../stats/segments.js";

export type PeriodEffect = {period: PeriodSplit; finding: Finding | null; reason: string | null};

export type PeriodQuestion = {metric: string; treatment: string; slice: Slice; options: FindingOptions};

/** Returns the effect of a metric in each period, from cells by day; a period that is off, paused or empty has none. */
export function effectsByPeriod(
  view: ResultsView,
  cells: Cells,
  {metric, treatment, slice, options}: PeriodQuestion
): PeriodEffect[] {
  const periods = splitByPeriod(view.exposures, view.periods, {threshold: view.defaults.srmThreshold});
  const own = view.metrics.filter((row) => row.metric.alias === metric);
  return periods.map((period) => {
    const reason = whyNone(period);
    if (reason) return {period, finding: null, reason};
    const days = period.days.filter((day) => slice.day?.includes(day) ?? true);
    const sliced = slicedView({...view, metrics: own}, cells, {...slice, day: days});
    const asked = {...options, correction: null, isValid: !period.split.isMismatch};
    const finding = findingsOf(sliced.metrics, asked)[0][options.treatments.indexOf(treatment)];
    return {period, finding, reason: finding.reason};
  });
}

/** Returns cells by day of a metric: the job's own, or those that its cached units are asked for. */
export async function periodCells(
  {observation, job, stale}: ResultsView,
  cells: Cells | null,
  {metric, slice}: PeriodQuestion
): Promise<Cells> {
  if (cells?.keys.some(({name}) => name === "day")) return cells;
  if (stale) throw new Failure(`the cached units are others: ${stale}`, "calculate again");
  const answer = await askUnits(observation.id, {metrics: [metric], by: [...Object.keys(slice), "day"]});
  if (answer.job === job?.id) return answer.cells;
  throw new Failure("a newer job has counted other units", "load the page again");
}

const whyNone = ({days, isPaused}: PeriodSplit) =>
  isPaused ? "paused: nobody should have come" : days.length ? null : "no whole day lies in it";

/** Returns the effect over all periods, each compared within itself and weighted by its units; null where one lacks moments or the metric is a ratio. */
export function effectTogether(
  effects: PeriodEffect[],
  {options}: Pick<PeriodQuestion, "options">
): {effect: Effect; verdict: Verdict} | null {
  const found = effects.flatMap(({finding}) => finding ?? []);
  const cells = found.flatMap((finding) => {
    const [control, treatment] = [finding.control, finding.treatment].map((name) =>
      momentsOfVariant(finding, name)
    );
    return control && treatment ? [{control, treatment}] : [];
  });
  const metric = found[0]?.metric;
  if (!metric || metric.type === "ratio" || cells.length < 2) return null;
  const {confidence, alternative, lift, nStar, scale} = options;
  const effect = compareStratified(cells, {confidence, alternative, lift, nStar});
  const isValid = found.every(({verdict}) => verdict !== "invalid");
  const shown = scale === "relative" ? "lift" : "difference";
  return {effect, verdict: verdictOf(effect, metric.goal, {scale: shown, isValid})};
}
