// Which column is what: guessed from the file, and for a person to say.

import type {FileColumns} from "../../lib/view-types.js";
import type {FileQuestion} from "./api.js";
import {count} from "../stats/format.js";
import {html} from "./notebook.js";
import {pick} from "./pick.js";

const everyRow = "";

/** Returns the form of a file's columns; its value is the question once a control is chosen and the form sent, null before; from then on it follows each change. */
export function fileForm({rows, columns}: FileColumns) {
  let value: FileQuestion | null = null;
  const like = (kind: string) => columns.find(({looksLike}) => looksLike === kind)?.name;
  const split = columns.filter(({values}) => values && values.length > 1);
  const variant = select(
    "variant",
    split.map(({name}) => name),
    like("variant") ?? split.at(0)?.name ?? ""
  );
  const control = html`<select name="control" required></select>` as HTMLSelectElement;
  const unit = select("unit", [everyRow, ...columns.map(({name}) => name)], like("unit") ?? everyRow);
  const aggregate = html`<input type="checkbox" name="aggregate" />` as HTMLInputElement;
  const numbers = columns.filter(({looksLike}) => looksLike === "mean" || looksLike === "proportion");
  const metrics = pick({
    name: "Metrics",
    entries: numbers.map(({name, looksLike}) => ({label: name, note: looksLike!})),
    chosen: numbers.map(() => true),
    none: "none"
  });
  const lower = pick({
    name: "Lower is better",
    entries: numbers.map(({name}) => ({label: name})),
    chosen: numbers.map(() => false),
    none: "none"
  });
  const [numerator, denominator] = ["numerator", "denominator"].map((name) =>
    select(name, ["", ...numbers.map((each) => each.name)], "")
  );
  const offerControl = () => {
    const values = columns.find(({name}) => name === variant.value)?.values ?? [];
    const guess = values.find((each) => each.toLowerCase() === "control") ?? "";
    control.replaceChildren(
      html`<option value="">choose …</option>`,
      ...values.map((each) => html`<option value=${each} selected=${each === guess || null}>${each}</option>`)
    );
  };
  variant.onchange = offerControl;
  offerControl();
  const form = html`<form class="file-form" aria-label="Columns">
    <p class="quiet">${count(rows)} rows. What each column is, was guessed: change what is wrong.</p>
    <div class="controls">
      <label>Variant <span>${variant}</span></label>
      <label>Control <span>${control}</span></label>
      <label>Unit <span>${unit}</span></label>
      <label>${aggregate} Sum the rows of a unit</label>
    </div>
    <div class="controls">
      ${metrics} ${lower}
      <div class="ratio">
        <label>Ratio <span>${numerator} over</span></label>
        <label><span class="hidden">Ratio, denominator</span>${denominator}</label>
      </div>
      <button class="action">Analyse</button>
    </div>
  </form>` as HTMLFormElement;
  const chosen = (picked: boolean[]) => numbers.filter((_, i) => picked[i]);
  const read = (): FileQuestion => {
    const asked = chosen(metrics.value);
    const named = (kind: string) => asked.filter(({looksLike}) => looksLike === kind).map(({name}) => name);
    const ratio = numerator.value && denominator.value ? [`${numerator.value}/${denominator.value}`] : [];
    const names = [...asked.map(({name}) => name), ...ratio];
    return {
      unit: unit.value || null,
      variant: variant.value,
      control: control.value,
      means: named("mean"),
      proportions: named("proportion"),
      ratios: ratio,
      lowerIsBetter: chosen(lower.value)
        .map(({name}) => name)
        .filter((name) => names.includes(name)),
      aggregate: aggregate.checked
    };
  };
  const ask = () => {
    value = read();
    form.dispatchEvent(new CustomEvent("input", {bubbles: true}));
  };
  form.oninput = (event) => event instanceof CustomEvent || event.stopImmediatePropagation();
  form.onsubmit = (event) => {
    event.preventDefault();
    ask();
  };
  // Once there is an answer, it follows what is changed.
  form.addEventListener("change", () => value && form.checkValidity() && ask());
  return Object.defineProperty(form, "value", {get: () => value});
}

function select(name: string, options: string[], chosen: string) {
  const label = (option: string) => option || (name === "unit" ? "every row is one" : "–");
  return html`<select name=${name}>
    ${options.map((each) => html`<option value=${each} selected=${each === chosen || null}>${label(each)}</option>`)}
  </select>` as HTMLSelectElement;
}
