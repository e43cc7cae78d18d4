// What a reader asks of a report: the published question first, then any other.

import type {ReportBundle} from "../../lib/report-types.js";
import type {MetricMoments, ResultsView} from "../../lib/view-types.js";
import type {Assessment} from "../stats/assess.js";
import type {Slice} from "../stats/cells.js";
import {
  assessmentOf,
  careOf,
  findingsOf,
  hasCovariates,
  readingOf,
  total,
  trafficOf,
  unitsOf,
  type Finding,
  type FindingOptions,
  type Reading
} from "../stats/analysis.js";
import {questionForm} from "./controls.js";
import {confidenceOf, list} from "../stats/format.js";
import {procedures} from "./method.js";
import {Inputs, html} from "./notebook.js";
import {segmentForm} from "./segment-form.js";
import {dimensionsOf, type Question} from "../stats/results-address.js";
import {slicedView} from "../stats/segments.js";
import {controlOf} from "../stats/variants.js";

export type Asked = {baseline: string; question: Question; slice: Slice};

/** All that follows from what is asked: every part of the page is drawn from this. */
export type Answer = {
  asked: Asked;
  reading: Reading;
  /** The units asked for, and all of them. */
  view: ResultsView;
  options: FindingOptions;
  studied: Finding[][];
  findings: Finding[];
  assessment: Assessment;
  units: {shown: number; all: number};
};

/** Returns what a report was published to answer. */
export function askedAtFirst({view, reading}: ReportBundle): Asked {
  const baseline = controlOf(view.experiment)!;
  return {
    baseline,
    slice: {},
    question: {
      variant: othersOf(view.experiment.variants, baseline)[0],
      confidence: reading.confidence,
      scale: "relative",
      side: reading.alternative,
      correction: reading.correction === "holm" || reading.correction === "bh" ? reading.correction : "none",
      interval: reading.lift,
      cuped: reading.isAdjusted,
      sequential: reading.nStar !== null
    }
  };
}

const othersOf = (variants: {name: string}[], baseline: string) =>
  variants.map(({name}) => name).filter((name) => name !== baseline);

/** Returns the answer to what is asked, from the report alone. */
export function answer(whole: ResultsView, cells: ReportBundle["cells"], asked: Asked): Answer {
  const {baseline, question, slice} = asked;
  const variants = whole.experiment.variants.map((each) => ({...each, isControl: each.name === baseline}));
  const own = {...whole, experiment: {...whole.experiment, variants}};
  const view = cells && Object.keys(slice).length ? slicedView(own, cells, slice) : own;
  const reading = readingOf(question, whole.defaults);
  const {variant: treatment, scale, confidence} = question;
  const at = new Date(whole.job!.createdAt);
  const {defaults, planned} = view;
  const split = trafficOf(view.experiment, unitsOf(view), defaults.srmThreshold, planned.all);
  const isValid = !split?.isMismatch;
  const treatments = othersOf(variants, baseline);
  const options = {control: baseline, treatments, scale, isValid, ...reading};
  const studied = findingsOf(view.metrics, options);
  const findings = studied.map((row) => row[treatments.indexOf(treatment)]);
  const shown = {findings, treatment, confidence, scale, ...careOf(studied, reading)};
  const assessment = assessmentOf(view, at, shown);
  const units = {shown: total(unitsOf(view)), all: total(unitsOf(whole))};
  return {asked, reading, view, options, studied, findings, assessment, units};
}

/** Returns the findings of one metric at a time, as the published question reads them. */
export const primaryOf = (findings: Finding[]): Finding | undefined =>
  findings.find(({metric}) => metric.role === "primary") ?? findings[0];

type Input<T> = HTMLElement & {value: T};

/** Returns the reader's inputs, folded; its value is what is asked, and `reset` asks what was published. */
export function readerForm(
  bundle: ReportBundle,
  metrics: MetricMoments[]
): Input<Asked> & {reset: () => void} {
  const first = askedAtFirst(bundle);
  let asked = first;
  const place = html`<div></div>`;
  const form = html`<details class="reader">
    <summary>Ask this report something else</summary>
    ${place}
    <p class="quiet">Every number follows at once, computed here from the moments this page carries.</p>
  </details>`;
  const tell = (next: Asked) => {
    if (next.baseline !== asked.baseline) draw(next);
    asked = next;
    form.dispatchEvent(new Event("input", {bubbles: true}));
  };
  const draw = (from: Asked) => place.replaceChildren(...readerInputs(bundle, metrics, {from, tell}));
  const reset = () => {
    draw(first);
    tell(first);
  };
  draw(first);
  return Object.assign(Object.defineProperty(form, "value", {get: () => asked}) as Input<Asked>, {reset});
}

// Which variants can be compared hangs on the baseline: another one makes the inputs anew.
function readerInputs(
  {view, cells}: ReportBundle,
  metrics: MetricMoments[],
  {from, tell}: {from: Asked; tell: (next: Asked) => void}
): HTMLElement[] {
  const {variants} = view.experiment;
  const names = variants.map(({name}) => name);
  const baseline = Inputs.select(names, {label: "Baseline", value: from.baseline}) as Input<string>;
  const question = questionForm({
    treatments: othersOf(variants, from.baseline),
    confidence: from.question.confidence,
    hasCovariates: hasCovariates(metrics),
    question: from.question
  }) as Input<Question>;
  const dimensions = cells ? dimensionsOf(view.job!.facts) : [];
  const segment = dimensions.length ? (segmentForm(dimensions, from.slice) as Input<Slice>) : null;
  const read = (): Asked => {
    const treatments = othersOf(variants, baseline.value);
    const {variant, ...others} = question.value;
    const kept = treatments.includes(variant) ? variant : treatments[0];
    return {
      baseline: baseline.value,
      question: {...others, variant: kept},
      slice: segment?.value ?? {}
    };
  };
  const line = html`<div class="controls">${baseline}</div>`;
  const inputs = [line, question, ...(segment ? [segment] : [])];
  for (const input of inputs)
    input.addEventListener("input", (event) => {
      event.stopPropagation();
      tell(read());
    });
  return inputs;
}

/** Returns in what a question differs from the published one, in words. */
export function otherThan(first: Asked, {baseline, question, slice}: Asked): string[] {
  const {variant, confidence, scale, side, correction, interval, cuped, sequential} = question;
  const was = first.question;
  const segments = Object.entries(slice).map(([name, values]) => `only ${name} ${list(values)}`);
  return [
    baseline === first.baseline ? [] : [`against ${baseline}`],
    variant === was.variant ? [] : [`of ${variant}`],
    confidence === was.confidence ? [] : [`${confidenceOf(confidence)} intervals`],
    scale === was.scale ? [] : [`${scale} differences`],
    side === was.side ? [] : ["one-sided"],
    correction === was.correction
      ? []
      : [correction === "none" ? "no correction" : `${procedures[correction]} correction`],
    interval === was.interval
      ? []
      : [
          `lifts by ${interval === "fieller" ? "Fieller’s theorem" : interval === "log" ? "the log of the ratio" : "the delta method"}`
        ],
    cuped === was.cuped ? [] : [cuped ? "CUPED" : "no CUPED"],
    sequential === was.sequential ? [] : [sequential ? "always valid" : "not always valid"],
    segments
  ].flat();
}
