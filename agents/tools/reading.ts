// A result as the Results page reads it: the same functions, worded for a model. What a call leaves open is as the page says.

import {z} from "zod";
import {UserError} from "../../lib/errors.js";
import {
  assessmentOf,
  careOf,
  findingsOf,
  hasCovariates,
  readingOf,
  total,
  unitsOf,
  type Finding,
  type Reading
} from "../../lib/stats/analysis.js";
import type {Assessment} from "../../lib/stats/assess.js";
import type {Cells, Slice} from "../../lib/stats/cells.js";
import {difference, lift, value} from "../../lib/stats/format.js";
import {
  daysOf,
  dimensionsOf,
  leftOutIn,
  questionIn,
  sliceIn,
  sliceWithout,
  usualQuestion,
  type LeftOutDay,
  type Question
} from "../../lib/stats/results-address.js";
import {slicedView} from "../../lib/stats/segments.js";
import {controlOf} from "../../lib/stats/variants.js";
import {cellsOf} from "../../lib/store.js";
import type {ResultsView} from "../../lib/view-types.js";
import {resultsView} from "../../lib/views.js";
import type {Workspace} from "../../lib/workspace.js";
import type {ToolContext} from "../types.js";
import {observationMeant, observationOfPage, subject, type Subject} from "./subject.js";

/** How a call asks a result to be read; what it leaves out is as on the Results page the reader has open, else as that page opens. */
export const readingAsked = {
  ...subject,
  treatment: z
    .string()
    .max(255)
    .optional()
    .describe("a variant; without it that of the page, else the first treatment"),
  segment: z
    .record(z.string().max(100), z.string().max(200))
    .optional()
    .describe(
      'only units with these values of the observation\'s dimensions, such as {"country": "DE"}; {} is all units; without it that of the page'
    ),
  confidence: z.number().gt(0.5).lt(1).optional(),
  scale: z
    .enum(["relative", "absolute"])
    .optional()
    .describe("the effect as a lift, or in the metric's unit"),
  side: z.enum(["two-sided", "greater", "less"]).optional(),
  correction: z.enum(["none", "holm", "bh"]).optional().describe("corrects for the number of metrics"),
  cuped: z.boolean().optional().describe("takes out what was known before exposure"),
  sequential: z.boolean().optional().describe("intervals that hold at every look")
};

export type ReadingAsked = Subject &
  Partial<Pick<Question, "confidence" | "scale" | "side" | "correction" | "cuped" | "sequential">> & {
    treatment?: string;
    segment?: Record<string, string>;
  };

/** Which units are read: those of a slice, without days that are left out. */
export type Kept = {slice: Slice; leftOut: LeftOutDay[]; units: number; of: number};

/** A result that was read: its view, each metric's finding in one treatment, and what may be said of it. */
export type Read = {
  view: ResultsView;
  kept: Kept;
  /** Null where no control is declared. */
  question: Question | null;
  reading: Reading | null;
  control: string | null;
  treatment: string | null;
  treatments: string[];
  findings: Finding[];
  assessment: Assessment;
  href: string;
};

/** Returns a result as asked; throws a UserError where nothing was calculated, or what is named is not there. */
export async function readResult(
  workspace: Workspace,
  asked: ReadingAsked,
  {now, page}: Pick<ToolContext, "now" | "page">
): Promise<Read> {
  const whole = await resultsView(workspace, observationMeant(workspace, asked, page).id);
  if (!whole.job) throw new UserError(notCalculated(whole), "run it on the Observations page first");
  // A page of another result has made no choice here.
  const search = observationOfPage(page) === whole.observation.id ? page.search : "";
  const {view, ...kept} = keptOf(workspace, whole, {segment: asked.segment, search});
  const control = controlOf(view.experiment);
  if (control === null) {
    const nothing = {question: null, reading: null, control, treatment: null, treatments: [], findings: []};
    return {view, kept, ...nothing, assessment: assessmentOf(view, now), href: hrefOf(view, kept, null)};
  }
  const treatments = view.experiment.variants.map(({name}) => name).filter((name) => name !== control);
  const question = questionAsked(asked, search, {view: whole, treatments});
  const {variant: treatment, scale} = question;
  const reading = readingOf(question, view.defaults);
  const isValid = assessmentOf(view, now).isReadable;
  const studied = findingsOf(view.metrics, {control, treatments, scale, isValid, ...reading});
  const findings = studied.map((row) => row[treatments.indexOf(treatment)]);
  const shown = {findings, treatment, confidence: reading.confidence, scale, ...careOf(studied, reading)};
  const assessment = assessmentOf(view, now, shown);
  const href = hrefOf(view, kept, question);
  return {view, kept, question, reading, control, treatment, treatments, findings, assessment, href};
}

function notCalculated({experiment, observation, latest}: ResultsView): string {
  const state =
    latest?.status === "failed" ? `its last job failed: ${latest.error}` : "it was not calculated yet";
  return `${experiment.name}, ${observation.name} has no results: ${state}`;
}

type Asked = {segment?: Record<string, string>; search: string};

function keptOf(
  workspace: Workspace,
  whole: ResultsView,
  {segment, search}: Asked
): Kept & {view: ResultsView} {
  const slice = segment ? sliceAsked(whole, segment) : sliceIn(search, dimensionsOf(whole.job!.facts));
  const asksDays = new URLSearchParams(search).has("without");
  const isSliced = Object.keys(slice).length > 0;
  const cells = isSliced || (asksDays && whole.hasCells) ? requireCells(workspace, whole) : null;
  const leftOut = cells ? leftOutIn(search, daysOf(cells)) : [];
  const view =
    cells && (isSliced || leftOut.length)
      ? slicedView(whole, cells, sliceWithout(slice, leftOut, cells))
      : whole;
  return {view, slice, leftOut, units: total(unitsOf(view)), of: total(unitsOf(whole))};
}

/** Returns the slice of the units that were read. */
export const sliceOf = ({kept: {slice, leftOut}}: Read, cells: Cells): Slice =>
  sliceWithout(slice, leftOut, cells);

function questionAsked(
  {treatment, confidence, scale, side, correction, cuped, sequential}: ReadingAsked,
  search: string,
  {view, treatments}: {view: ResultsView; treatments: string[]}
): Question {
  const offer = {
    treatments,
    confidence: view.defaults.confidence,
    hasCovariates: hasCovariates(view.metrics)
  };
  const onPage = questionIn(search, offer);
  const given = {confidence, scale, side, correction, cuped, sequential};
  const named = Object.fromEntries(Object.entries(given).filter(([, answer]) => answer !== undefined));
  const variant = treatment === undefined ? onPage.variant : treatmentAsked(treatments, treatment);
  return {...onPage, ...named, variant};
}

function treatmentAsked(treatments: string[], named: string): string {
  const found = treatments.find((name) => name.toLowerCase() === named.toLowerCase());
  if (found) return found;
  throw new UserError(`there is no treatment ${named}`, `the treatments are ${treatments.join(", ")}`);
}

function sliceAsked({job}: ResultsView, segment: Record<string, string>): Slice {
  const dimensions = dimensionsOf(job!.facts);
  return Object.fromEntries(
    Object.entries(segment).map(([dimension, named]) => {
      const values = dimensions.find(({name}) => name === dimension)?.values.map((each) => each.value) ?? [];
      const value = values.find((each) => each.toLowerCase() === named.toLowerCase());
      if (value !== undefined) return [dimension, [value]];
      const there = values.length ? values.slice(0, 30) : dimensions.map(({name}) => name);
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

// Only what is not as the page opens.
function hrefOf({observation, defaults, experiment}: ResultsView, kept: Kept, question: Question | null) {
  const control = controlOf(experiment);
  const first = experiment.variants.find(({name}) => name !== control)?.name;
  const usual = {...usualQuestion, variant: first, confidence: defaults.confidence, scale: "relative"};
  const answers = new URLSearchParams();
  for (const [name, answer] of Object.entries(question ?? {}))
    if (usual[name as keyof Question] !== answer) answers.set(name, String(answer));
  for (const [dimension, values] of Object.entries(kept.slice))
    for (const each of values) answers.append("in", `${dimension}:${each}`);
  for (const {day, reason} of kept.leftOut) answers.append("without", `${day}:${reason}`);
  const search = answers.toString();
  return `/results/${observation.id}${search ? `?${search}` : ""}`;
}

/** Returns a finding as one row: numbers as they were computed, and the same in words. */
export function rowOf({metric, control, treatment, effect, verdict, reason}: Finding, scale = "relative") {
  const {alias, title, role, type, goal} = metric;
  const known = {metric: alias, title, role, type, goal, control_variant: control, variant: treatment};
  if (!effect) return {...known, verdict, reason};
  const {low, high} = effect.lift;
  const isAbsolute = scale === "absolute";
  const shown = isAbsolute ? effect.difference : effect.lift;
  const change = (x: number | null) => (isAbsolute ? difference(x, metric) : lift(x));
  return {
    ...known,
    units: effect.n,
    control: effect.control,
    treatment: effect.treatment,
    difference: {value: effect.difference.value, low: effect.difference.low, high: effect.difference.high},
    lift: effect.lift.value,
    low,
    high,
    pvalue: shown.pvalue,
    adjusted_pvalue: effect.adjusted?.pvalue,
    variance_reduction: effect.varianceReduction ?? undefined,
    verdict,
    reason: reason ?? undefined,
    written: {
      control: value(effect.control, metric),
      treatment: value(effect.treatment, metric),
      kind: isAbsolute ? "difference" : "lift",
      effect: change(shown.value),
      interval:
        shown.low === null && shown.high === null ? null : `${change(shown.low)} to ${change(shown.high)}`
    }
  };
}

export type ResultRow = ReturnType<typeof rowOf>;
