import {changeAddress} from "./address.js";
import type {MetricMoments} from "../../lib/view-types.js";
import type {Slice} from "../stats/cells.js";
import {sliceInWords, type Dimension} from "../stats/results-address.js";
import {count} from "../stats/format.js";
import {Inputs, html} from "./notebook.js";
import {pick} from "./pick.js";

/** Writes a slice into the address, one entry a value. */
export function keepSlice(slice: Slice): void {
  changeAddress((params) => {
    params.delete("in");
    for (const [name, values] of Object.entries(slice))
      for (const value of values) params.append("in", `${name}:${value}`);
  });
}

/** Returns the choice of values of every dimension, in one line; its value is the slice: nothing chosen keeps all. */
export function segmentForm(dimensions: Dimension[], slice: Slice) {
  const picks = dimensions.map(({name, values}) =>
    pick({
      name,
      entries: values.map(({value, units}) => ({label: named(value), note: count(units)})),
      chosen: values.map(({value}) => slice[name]?.includes(value) ?? false),
      none: "all"
    })
  );
  const form = html`<form class="controls segments" aria-label="Segment">${picks}</form>`;
  const read = () => {
    const found: Slice = {};
    for (const [i, {name, values}] of dimensions.entries()) {
      const isChosen = picks[i].value;
      const chosen = values.filter((_, j) => isChosen[j]).map(({value}) => value);
      if (chosen.length) found[name] = chosen;
    }
    return found;
  };
  let value = read();
  form.onsubmit = (event: Event) => event.preventDefault();
  form.oninput = () => (value = read());
  return Object.defineProperty(form, "value", {get: () => value});
}

const named = (value: string) => value || "(none)";

/** Returns the choice of a dimension and a metric for the table of segments, in one line. */
export function bySegmentForm(dimensions: Dimension[], metrics: MetricMoments[]) {
  const inputs = {
    dimension: Inputs.select(dimensions, {label: "By", format: ({name}: Dimension) => name}),
    metric: Inputs.select(metrics, {
      label: "Metric of segments",
      format: ({metric}: MetricMoments) => metric.title
    })
  };
  const line = (inputs: Record<string, HTMLElement>) =>
    html`<div class="controls">${Object.values(inputs)}</div>`;
  return Inputs.form(inputs, {template: line});
}

/** Returns what says that only some of the units are shown, and how many; nothing where all are. */
export function sliceNote(slice: Slice, units: number, all: number): Node {
  const kept = sliceInWords(slice);
  if (!kept) return document.createComment("all units");
  return html`<p class="slice-note" role="status">
    Only units with <b>${kept}</b>: ${count(units)} of ${count(all)}.
  </p>`;
}
