import type {ResultsView} from "../../lib/view-types.js";
import {resultsPage} from "./api.js";
import {span} from "../stats/format.js";
import {html} from "./notebook.js";

/** Returns the title of a result, what is looked at, and the ways to the experiment's other observations. */
export function heading({experiment, observation, siblings}: ResultsView) {
  document.title = `${experiment.name} | Expanto`;
  const {exposureStart: start, exposureEnd: end} = observation;
  const days = start && end ? ` · ${span(new Date(start), new Date(end))}` : "";
  const others = siblings.filter((d) => d.id !== observation.id);
  return html`<header class="heading">
    <h1>${experiment.name}</h1>
    <p class="about">${observation.name} · by ${observation.splitId}${days}</p>
    ${experiment.hypotheses ? html`<p class="hypothesis">${experiment.hypotheses}</p>` : null}
    ${others.length ? html`<nav class="siblings" aria-label="Other observations">Also: ${others.map((d, i) => html.fragment`${i ? ", " : ""}<a href=${resultsPage(d.id)}>${d.name}</a>`)}</nav>` : null}
  </header>`;
}
