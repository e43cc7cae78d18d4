import {Inputs, html} from "./notebook.js";
import {confidenceOf, count} from "./format.js";

/** What the Results page may be asked, kept in its address. */
export type Question = {variant: string; confidence: number; scale: "relative" | "absolute"};

/** Returns the inputs of the Results page in one line. */
export function questionForm({treatments, question}: {treatments: string[]; question: Question}) {
  const levels = [...new Set([0.8, 0.9, 0.95, 0.99, question.confidence])].sort();
  const inputs = {
    variant: Inputs.select(treatments, {label: "Compare", value: question.variant}),
    confidence: Inputs.select(levels, {
      label: "Confidence",
      value: question.confidence,
      format: confidenceOf
    }),
    scale: choice("Effect", Inputs.radio(["relative", "absolute"], {value: question.scale}))
  };
  return Inputs.form(inputs, {template: line});
}

/** Returns search and status of the Experiments page in one line; each status says how many it has. */
export function searchForm(statuses: {name: string; n: number}[]) {
  const format = ({name, n}: {name: string; n: number}) => html`${name} <small>${count(n)}</small>`;
  const inputs = {
    search: Inputs.text({label: "Search", type: "search", autocomplete: "off"}),
    status: choice("Status", Inputs.radio(statuses, {value: statuses[0], format}))
  };
  return Inputs.form(inputs, {template: line});
}

const line = (inputs: Record<string, HTMLElement>) =>
  html`<div class="controls">${Object.values(inputs)}</div>`;

// Inputs.radio has no name for the group in the accessibility tree: a fieldset gives it one.
function choice(legend: string, input: HTMLElement & {value: unknown}) {
  const fieldset = html`<fieldset class="choice">
    <legend>${legend}</legend>
    ${input}
  </fieldset>`;
  const value = {get: () => input.value, set: (value: unknown) => (input.value = value)};
  return Object.defineProperty(fieldset, "value", value);
}
