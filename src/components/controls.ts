import type {ExperimentCard, MetricMoments} from "../../lib/view-types.js";
import type {Offer, Question} from "../stats/results-address.js";
import type {Alternative, LiftMethod} from "../stats/types.js";
import {Inputs, html} from "./notebook.js";
import {confidenceOf} from "../stats/format.js";

const sides: Record<Alternative, string> = {
  "two-sided": "two-sided",
  greater: "is it higher",
  less: "is it lower"
};
const corrections = {none: "none", holm: "Holm", bh: "Benjamini–Hochberg"};
const intervals: Record<LiftMethod, string> = {
  delta: "delta method",
  fieller: "Fieller",
  log: "log of the ratio"
};

/** Returns the inputs of the Results page: the everyday ones in a line, the others folded below it. */
export function questionForm({treatments, hasCovariates, question}: Offer & {question: Question}) {
  const levels = [...new Set([0.8, 0.9, 0.95, 0.99, question.confidence])].sort();
  const inputs = {
    variant: Inputs.select(treatments, {label: "Compare", value: question.variant}),
    confidence: Inputs.select(levels, {
      label: "Confidence",
      value: question.confidence,
      format: confidenceOf
    }),
    scale: choice("Effect", Inputs.radio(["relative", "absolute"], {value: question.scale})),
    side: named("Test", sides, question.side),
    correction: named("Correction", corrections, question.correction),
    interval: named("Lift interval", intervals, question.interval),
    cuped: Inputs.toggle({label: "CUPED", value: question.cuped, disabled: !hasCovariates}),
    sequential: Inputs.toggle({label: "Always valid", value: question.sequential})
  };
  return Inputs.form(inputs, {template: folded(question)});
}

const everyday = ["variant", "confidence", "scale"];

// Open from the start where something in it is not as usual, so that nothing changes the numbers unseen.
const folded =
  ({side, correction, interval, cuped, sequential}: Question) =>
  (inputs: Record<string, HTMLElement>) => {
    const of = (isEveryday: boolean) =>
      Object.entries(inputs).flatMap(([name, input]) =>
        everyday.includes(name) === isEveryday ? input : []
      );
    const isUsual =
      side === "two-sided" && correction === "none" && interval === "delta" && !cuped && !sequential;
    return html`<div>
      <div class="controls">${of(true)}</div>
      <details class="more" open=${isUsual ? null : true}>
        <summary>Other ways to read it</summary>
        <div class="controls">${of(false)}</div>
      </details>
    </div>`;
  };

/** Returns a select of words by their labels. */
export function named<T extends string>(label: string, names: Record<T, string>, value: T) {
  return Inputs.select(Object.keys(names), {label, value, format: (name: T) => names[name]});
}

/** Returns the choice of one experiment by its id, or of a new one with the id 0, in one line. */
export function experimentForm(cards: ExperimentCard[], asked: string | null) {
  const offered = [
    ...cards.map(({experiment: {id, name}}) => ({id, name})),
    {id: 0, name: "New experiment …"}
  ];
  const observed = cards.find(({observation}) => observation)?.experiment.id;
  const value =
    offered.find(({id}) => String(id) === asked) ?? offered.find(({id}) => id === observed) ?? offered[0];
  const format = ({name}: {name: string}) => name;
  return Inputs.form(
    {experiment: Inputs.select(offered, {label: "Experiment", format, value})},
    {template: line}
  );
}

/** Returns the choice of one metric, in one line. */
export function metricForm(metrics: MetricMoments[], label = "Metric") {
  const format = ({metric}: MetricMoments) => metric.title;
  return Inputs.form({metric: Inputs.select(metrics, {label, format})}, {template: line});
}

/** How effects are followed over days. */
export const followings = {
  events: "all units, events until each day",
  until: "units that had come until each day",
  day: "units of each day"
} as const;

/** Returns the choice of a metric and of how it is followed over days, in one line. */
export function overTimeForm(metrics: MetricMoments[], ways: (keyof typeof followings)[]) {
  const format = ({metric}: MetricMoments) => metric.title;
  const inputs = {
    metric: Inputs.select(metrics, {label: "Metric", format}),
    way: Inputs.select(ways, {label: "Follow", format: (way: keyof typeof followings) => followings[way]})
  };
  return Inputs.form(inputs, {template: line});
}

/** Returns inputs beside each other. */
export const line = (inputs: Record<string, HTMLElement>) =>
  html`<div class="controls">${Object.values(inputs)}</div>`;

/** Returns radio buttons under a legend. */
// Inputs.radio has no name for the group in the accessibility tree: a fieldset gives it one.
export function choice(legend: string, input: HTMLElement & {value: unknown}) {
  const fieldset = html`<fieldset class="choice">
    <legend>${legend}</legend>
    ${input}
  </fieldset>`;
  const value = {get: () => input.value, set: (value: unknown) => (input.value = value)};
  return Object.defineProperty(fieldset, "value", value);
}
