import type {Written} from "../../lib/types.js";
import type {Catalogue, EditedExperiment, Saved} from "../../lib/view-types.js";
import {calculate, saveExperiment, saveObservation} from "./api.js";
import {draftKept, throwDraftAway} from "./draft.js";
import {experimentFields, observationFields} from "./edit-fields.js";
import {problem} from "./failure.js";
import {fieldsForm, type Field} from "./fields-form.js";
import {inFormWords} from "./form-problems.js";
import {minute} from "../stats/format.js";
import {html} from "./notebook.js";
import {changing} from "./role.js";
import {livePreview} from "./sql-preview.js";

type Editor = {catalogue: Catalogue; saved: (id: number) => void};

/** Which observation is edited; without an id a new one, like the one it is copied from. */
export type Chosen = {id: number | null; copyOf?: number | null};

/** Returns the form of an observation beside the SQL it makes. */
export function observationEditor(
  experiment: EditedExperiment,
  {chosen, choose, catalogue, saved}: Editor & {chosen: Chosen; choose: (chosen: Chosen) => void}
) {
  const own = experiment.observations.find((each) => each.id === chosen.id) ?? null;
  const name = own ? `Edit “${own.fields.name}”` : "New observation";
  const fields = own?.fields ?? newObservation(experiment, catalogue, chosen.copyOf);
  const asked = observationFields(catalogue);
  const form = fieldsForm(asked, fields, own ? "Edit the observation" : name);
  const save = saver(own ? "Save" : "Create", {
    form,
    fields: asked,
    updatedAt: own?.updatedAt ?? null,
    save: (updatedAt) => saveObservation(experiment.id, {fields: form.value, updatedAt}, own?.id),
    saved,
    then: {label: own ? "Save and run" : "Create and run", act: calculate}
  });
  const another = html`<button type="button" class="link">New observation instead</button>`;
  another.onclick = () => choose({id: null});
  return html`<section>
    <h2>${name}</h2>
    ${own ? another : null}
    <div class="workbench">
      <div>${changing("analyst", [form, save], {isForm: true})}</div>
      ${livePreview(experiment.id, form)}
    </div>
  </section>`;
}

// The next way to look at an experiment is mostly like the last one.
function newObservation(
  {observations}: EditedExperiment,
  {defaultScenario}: Catalogue,
  copyOf?: number | null
): Written {
  const copied = observations.find(({id}) => id === copyOf);
  const last = copied ?? observations.at(-1);
  return last
    ? {...last.fields, name: copied ? `${copied.fields.name}, copy` : ""}
    : {name: "Main", split_id: "user_id", calculation_scenario: defaultScenario};
}

/** Returns the form of an experiment, of a new one where it is null. */
export function experimentEditor(experiment: EditedExperiment | null, {catalogue, saved}: Editor) {
  const draft = experiment ? null : draftKept();
  const fields = experiment?.fields ?? draft ?? {};
  const status = fields.status ?? "planned";
  const asked = experimentFields(catalogue);
  const form = fieldsForm(asked, fields, "Experiment");
  const save = saver(experiment ? "Save the experiment" : "Create the experiment", {
    form,
    fields: asked,
    updatedAt: experiment?.updatedAt ?? null,
    save: (updatedAt) => saveExperiment({fields: {...form.value, status}, updatedAt}, experiment?.id),
    saved: (id) => {
      if (!experiment) throwDraftAway();
      saved(id);
    }
  });
  const parts = [...(draft ? [draftNote()] : []), form, save];
  return html`<div class="experiment">${changing("analyst", parts, {isForm: true})}</div>`;
}

function draftNote() {
  const empty = html`<button type="button" class="link">Start empty</button>` as HTMLButtonElement;
  empty.onclick = () => {
    throwDraftAway();
    location.reload();
  };
  return html`<p class="quiet">Filled from a draft of the assistant; nothing is saved yet. ${empty}</p>`;
}

type Saving = {
  form: HTMLFormElement;
  fields: Field[];
  updatedAt: string | null;
  save: (updatedAt: string | null) => Promise<Saved>;
  saved: (id: number) => void;
  /** What else may be done with what was saved, before the page is told of it. */
  then?: {label: string; act: (id: number) => Promise<unknown>};
};

/** Returns a button that saves and says how that went; what is wrong is told line by line, and nothing typed is lost. */
function saver(label: string, {form, fields, updatedAt, save, saved, then}: Saving) {
  const line = html`<p class="progress" role="status"></p>`;
  form.addEventListener("input", () => line.replaceChildren());
  let seen = updatedAt;
  const keep = async (act?: (id: number) => Promise<unknown>) => {
    const answer = await save(seen);
    seen = answer.updatedAt;
    line.replaceChildren(`Saved ${minute(seen)}.`);
    await act?.(answer.id);
    saved(answer.id);
  };
  const button = (label: string, act?: (id: number) => Promise<unknown>) => {
    const made = html`<button type="button" class="action">${label}</button>` as HTMLButtonElement;
    made.onclick = async () => {
      made.disabled = true;
      await keep(act).catch((error) => line.replaceChildren(problem(inFormWords(error, fields))));
      made.disabled = false;
    };
    return made;
  };
  return html`<div class="calculator">${button(label)}${then && button(then.label, then.act)}${line}</div>`;
}
