// A result as the Results page reads it: the same functions, worded for a model.

import {z} from "zod";
import {UserError} from "../../lib/errors.js";
import {
  assessmentOf,
  careOf,
  findingsOf,
  readingOfDefaults,
  type Finding,
  type Reading
} from "../../lib/stats/analysis.js";
import type {Assessment} from "../../lib/stats/assess.js";
import type {Slice} from "../../lib/stats/cells.js";
import {lift, value} from "../../lib/stats/format.js";
import {slicedView} from "../../lib/stats/segments.js";
import {controlOf} from "../../lib/stats/variants.js";
import {cellsOf} from "../../lib/store.js";
import type {ResultsView} from "../../lib/view-types.js";
import {resultsView} from "../../lib/views.js";
import type {Workspace} from "../../lib/workspace.js";
import {observationMeant, subject, type Subject} from "./subject.js";

/** How a call asks a result to be read; what it leaves out is as the Results page opens. */
export const readingAsked = {
  ...subject,
  treatment: z.string().max(255).optional().describe("a variant; without it, the first treatment"),
  segment: z
    .record(z.string().max(100), z.string().max(200))
    .optional()
    .describe('only units with these values of the observation\'s dimensions, such as {"country": "DE"}'),
  confidence: z.number().gt(0.5).lt(1).optional(),
  correction: z.enum(["holm", "bh"]).optional().describe("corrects for the number of metrics"),
  cuped: z.boolean().optional().describe("takes out what was known before exposure"),
  sequential: z.boolean().optional().describe("intervals that hold at every look")
};

export type ReadingAsked = Subject & {
  treatment?: string;
  segment?: Record<string, string>;
  confidence?: number;
  correction?: "holm" | "bh";
  cuped?: boolean;
  sequential?: boolean;
};

/** A result that was read: its view, each metric's finding in one treatment, and what may be said of it. */
export type Read = {
  view: ResultsView;
  control: string | null;
  treatment: string | null;
  treatments: string[];
  findings: Finding[];
  assessment: Assessment;
  href: string;
};

/** Returns a result as asked; throws a UserError where nothing was calculated, or what is named is not there. */
export async function readResult(workspace: Workspace, asked: ReadingAsked, now: Date): Promise<Read> {
  const whole = await resultsView(workspace, observationMeant(workspace, asked).id);
  if (!whole.job) throw new UserError(notCalculated(whole), "run it on the Observations page first");
  const slice = sliceAsked(whole, asked.segment ?? {});
  const view = Object.keys(slice).length ? slicedView(whole, requireCells(workspace, whole), slice) : whole;
  const control = controlOf(view.experiment);
  const href = hrefOf(view, asked);
  if (control === null) {
    const assessment = assessmentOf(view, now);
    return {view, control, treatment: null, treatments: [], findings: [], assessment, href};
  }
  const treatments = view.experiment.variants.map(({name}) => name).filter((name) => name !== control);
  const treatment = treatmentAsked(treatments, asked.treatment);
  const reading = readingOf(asked, view);
  const isValid = assessmentOf(view, now).isReadable;
  const scale = "relative" as const;
  const studied = findingsOf(view.metrics, {control, treatments, scale, isValid, ...reading});
  const findings = studied.map((row) => row[treatments.indexOf(treatment)]);
  const shown = {findings, treatment, confidence: reading.confidence, scale, ...careOf(studied, reading)};
  return {view, control, treatment, treatments, findings, assessment: assessmentOf(view, now, shown), href};
}

function notCalculated({experiment, observation, latest}: ResultsView): string {
  const state =
    latest?.status === "failed" ? `its last job failed: ${latest.error}` : "it was not calculated yet";
  return `${experiment.name}, ${observation.name} has no results: ${state}`;
}

const readingOf = (
  {confidence, correction, cuped = false, sequential = false}: ReadingAsked,
  {defaults}: ResultsView
): Reading => ({
  ...readingOfDefaults(defaults),
  ...(confidence ? {confidence} : {}),
  correction: correction ?? null,
  isAdjusted: cuped,
  nStar: sequential ? defaults.sequentialUnits : null
});

function treatmentAsked(treatments: string[], named?: string): string {
  if (named === undefined) return treatments[0];
  const found = treatments.find((name) => name.toLowerCase() === named.toLowerCase());
  if (found) return found;
  throw new UserError(`there is no treatment ${named}`, `the treatments are ${treatments.join(", ")}`);
}

function sliceAsked({job}: ResultsView, segment: Record<string, string>): Slice {
  const splits = job?.facts.splits ?? [];
  return Object.fromEntries(
    Object.entries(segment).map(([dimension, named]) => {
      const values = [...new Set(splits.filter((d) => d.dimension === dimension).map((d) => d.value))];
      const value = values.find((each) => each.toLowerCase() === named.toLowerCase());
      if (value !== undefined) return [dimension, [value]];
      const dimensions = [...new Set(splits.map((d) => d.dimension))];
      const there = values.length ? values.slice(0, 30) : dimensions;
      const hint = there.length ? `there are ${there.join(", ")}` : "the observation has no dimensions";
      throw new UserError(`there is no segment ${dimension} ${named}`, hint);
    })
  );
}

/** Returns the cells of a result's job; throws a UserError where it keeps none. */
export function requireCells({store}: Workspace, {job}: ResultsView) {
  const cells = job && cellsOf(store, job.id);
  if (cells) return cells;
  throw new UserError("the result keeps no segments", "add dimensions to the observation, and run it again");
}

function hrefOf({observation}: ResultsView, {treatment, segment = {}, ...asked}: ReadingAsked): string {
  const answers = new URLSearchParams();
  if (treatment) answers.set("variant", treatment);
  for (const name of ["confidence", "correction", "cuped", "sequential"] as const)
    if (asked[name]) answers.set(name, String(asked[name]));
  for (const [dimension, value] of Object.entries(segment)) answers.append("in", `${dimension}:${value}`);
  const search = answers.toString();
  return `/results/${observation.id}${search ? `?${search}` : ""}`;
}

/** Returns a finding as one row: numbers as they were computed, and the same in words. */
export function rowOf({metric, control, treatment, effect, verdict, reason}: Finding) {
  const {alias, title, role, type, goal} = metric;
  const known = {metric: alias, title, role, type, goal, control_variant: control, variant: treatment};
  if (!effect) return {...known, verdict, reason};
  const {low, high, pvalue} = effect.lift;
  return {
    ...known,
    units: effect.n,
    control: effect.control,
    treatment: effect.treatment,
    difference: {value: effect.difference.value, low: effect.difference.low, high: effect.difference.high},
    lift: effect.lift.value,
    low,
    high,
    pvalue,
    adjusted_pvalue: effect.adjusted?.pvalue,
    variance_reduction: effect.varianceReduction ?? undefined,
    verdict,
    reason: reason ?? undefined,
    written: {
      control: value(effect.control, metric),
      treatment: value(effect.treatment, metric),
      lift: lift(effect.lift.value),
      interval: `${lift(low)} to ${lift(high)}`
    }
  };
}

export type ResultRow = ReturnType<typeof rowOf>;
