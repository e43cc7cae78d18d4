// All units of a window as what a plan starts from: asked for by a button, since a warehouse may charge for it.

import {keepInAddress} from "./address.js";
import type {Written} from "../../lib/types.js";
import type {Catalogue, PlanningBaseline} from "../../lib/view-types.js";
import {fetchBaseline} from "./api.js";
import {observationFields} from "./edit-fields.js";
import {problem} from "./failure.js";
import {fieldsForm} from "./fields-form.js";
import {count} from "../stats/format.js";
import {html} from "./notebook.js";
import {changing, may} from "./role.js";

const asked = [
  "split_id",
  "calculation_scenario",
  "exposure_start_datetime",
  "exposure_end_datetime",
  "filters",
  "exposure_event",
  "horizon_days",
  "pre_period_days"
];

/** Returns the form of a window; its value is what the units of it come to, null before they are asked for. */
export function windowForm(catalogue: Catalogue, {fields, isAsked}: {fields: Written; isAsked: boolean}) {
  const form = fieldsForm(
    observationFields(catalogue).filter(({name}) => asked.includes(name)),
    fields,
    "Window"
  );
  const [go, stop] = ["Measure", "Stop"].map(
    (label) => html`<button type="button" class="action">${label}</button>` as HTMLButtonElement
  );
  const line = html`<p class="progress" role="status"></p>`;
  const place = html`<div>
    ${changing("analyst", [form, html`<div class="calculator">${go} ${stop}${line}</div>`], {isForm: true})}
  </div>`;
  let answer: PlanningBaseline | null = null;
  const measure = async () => {
    const leaving = new AbortController();
    stop.onclick = () => leaving.abort();
    [go.disabled, stop.hidden] = [true, false];
    line.replaceChildren("Measuring …");
    await fetchBaseline(calculated(form.value), leaving.signal).then(
      (found) => {
        answer = found;
        keepWindow(form.value);
        line.replaceChildren(`${count(found.units)} units.`);
        place.dispatchEvent(new Event("input", {bubbles: true}));
      },
      (error: unknown) => line.replaceChildren(problem(error))
    );
    [go.disabled, stop.hidden] = [false, true];
  };
  stop.hidden = true;
  go.onclick = () => void measure();
  // A field that is being typed in is no answer yet.
  form.addEventListener("input", (event) => event.stopPropagation());
  if (isAsked) void may("analyst").then((isAllowed) => void (isAllowed && measure()));
  return Object.defineProperty(place, "value", {get: () => answer}) as HTMLElement & {
    value: PlanningBaseline | null;
  };
}

// Events count as long as exposure does.
const calculated = (fields: Written): Written => ({
  ...fields,
  calc_start_datetime: fields.exposure_start_datetime,
  calc_end_datetime: fields.exposure_end_datetime
});

/** Returns the window an address asks for, and otherwise one like an observation's that is known. */
export function windowIn(search: string, known: Written): {fields: Written; isAsked: boolean} {
  const text = new URLSearchParams(search).get("window");
  const read = text ? parsed(text) : null;
  const names = asked.filter((name) => name !== "filters" && name !== "exposure_event");
  const fields = read ?? Object.fromEntries(names.map((name) => [name, known[name] ?? null]));
  return {fields, isAsked: read !== null};
}

function parsed(text: string): Written | null {
  try {
    const read: unknown = JSON.parse(text);
    return read && typeof read === "object" && !Array.isArray(read) ? (read as Written) : null;
  } catch {
    return null;
  }
}

function keepWindow(fields: Written): void {
  const filled = Object.entries(fields).filter(([, value]) => value !== null);
  keepInAddress({window: JSON.stringify(Object.fromEntries(filled))});
}
