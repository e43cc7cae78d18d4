import type {KeptPlan} from "../../lib/types.js";
import type {ExperimentCard} from "../../lib/view-types.js";
import {experimentPage, keepPlan, saveExperiment} from "./api.js";
import {problem} from "./failure.js";
import {html} from "./notebook.js";
import {changing} from "./role.js";

/** Returns the choice of the experiment a plan is kept with, or the name of a new one that is made of it. */
export function planKeeper(plan: () => KeptPlan, cards: ExperimentCard[]) {
  const open = cards.filter(({experiment}) => ["planned", "running", "paused"].includes(experiment.status));
  const select = html`<select name="experiment" aria-label="Keep this plan with">
    ${open.map(({experiment}) => html`<option value=${experiment.id}>${experiment.name}</option>`)}
    <option value="0">a new experiment</option>
  </select>` as HTMLSelectElement;
  const name = html`<input
    name="name"
    type="text"
    aria-label="Name of the new experiment"
    placeholder="its name"
    autocomplete="off"
  />` as HTMLInputElement;
  const line = html`<p class="progress" role="status"></p>`;
  const show = () => void (name.hidden = select.value !== "0");
  select.onchange = show;
  show();
  const known = new Map(cards.map(({experiment, keptAt}) => [experiment.id, keptAt]));
  const form = html`<form class="calculator keeper">
    <label>Keep this plan with ${select}</label> ${name} <button class="action">Keep</button>${line}
  </form>` as HTMLFormElement;
  form.onsubmit = (event) => {
    event.preventDefault();
    void keep().catch((error: unknown) => line.replaceChildren(problem(error)));
  };
  const keep = async () => {
    const kept = plan();
    const id = Number(select.value) || (await saveExperiment({fields: fieldsOf(kept, name.value.trim())})).id;
    await keepPlan(id, kept, known.get(id) ?? null);
    known.set(id, kept.keptAt);
    const link = html`<a href=${experimentPage(id)}>the experiment</a>`;
    line.replaceChildren(html`<span>Kept with ${link}; its Results say how it compares.</span>`);
  };
  return changing("analyst", [form], {isForm: true});
}

// A metric that was typed in is no metric of the registry.
function fieldsOf({metrics, shares}: KeptPlan, name: string) {
  const names = [
    "control",
    ...shares.slice(1).map((_, i) => (shares.length === 2 ? "treatment" : `treatment ${i + 1}`))
  ];
  const known = metrics.filter(({alias}) => !/^typed_\d+$/.test(alias)).map(({alias}) => alias);
  return {
    name: name || null,
    status: "planned",
    key_metrics: known.length ? known : null,
    variants: names.map((each, i) => ({
      name: each,
      allocation: shares[i],
      ...(i === 0 ? {control: true} : {})
    }))
  };
}
