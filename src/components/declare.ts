import type {Experiment, Variant} from "../../lib/types.js";
import {declareVariants} from "./api.js";
import {problem} from "./failure.js";
import {tellPage} from "./live.js";
import {html} from "./notebook.js";
import {changing} from "./role.js";

/** Returns the form that asks once which variant is the control and how the traffic was meant to be split. */
export function declaration({id}: Experiment, names: string[]) {
  const status = html`<p class="progress" role="status"></p>`;
  const form = html`<form class="declaration">
    <fieldset>
      <legend>The control, and the share of the traffic each variant was meant to get</legend>
      ${names.map((name) => row(name))}
    </fieldset>
    <button class="action">Declare</button>
    ${status}
  </form>` as HTMLFormElement;
  form.onsubmit = (event) => {
    event.preventDefault();
    declareVariants(id, variantsIn(form, names)).then(
      () => tellPage(null),
      (error: unknown) => status.replaceChildren(problem(error))
    );
  };
  return changing("analyst", [form], {isForm: true});
}

function row(name: string) {
  return html`<div>
    <label><input type="radio" name="control" value="${name}" required /> ${name}</label>
    <label
      >share
      <input type="number" name="share" min="0" step="any" value="1" required aria-label="Share of ${name}"
    /></label>
  </div>`;
}

function variantsIn(form: HTMLFormElement, names: string[]): Variant[] {
  const answers = new FormData(form);
  const shares = answers.getAll("share").map(Number);
  return names.map((name, i) => ({name, allocation: shares[i], isControl: name === answers.get("control")}));
}
