import type {Written} from "../../lib/types.js";
import type {SqlPreview} from "../../lib/view-types.js";
import {previewObservation} from "./api.js";
import {problem} from "./failure.js";
import {count} from "../stats/format.js";
import {html} from "./notebook.js";
import {sqlText} from "./sql-text.js";

/** Returns the rendered SQL of a form, drawn anew while it is changed; an older answer never replaces a newer one. */
export function livePreview(experiment: number, form: HTMLFormElement & {value: Written}, wait = 250) {
  const place = html`<section class="preview" aria-label="What would run" aria-live="polite"></section>`;
  let newest = 0;
  let timer: ReturnType<typeof setTimeout>;
  const draw = async () => {
    const own = ++newest;
    const node = await previewObservation(experiment, form.value).then(drawn, problem);
    if (own === newest) place.replaceChildren(node);
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(draw, wait);
  });
  void draw();
  return place;
}

function drawn({sql, metrics, aggregations, estimate}: SqlPreview): Node {
  return html`<div>
    <p class="quiet">${count(metrics)} metrics from ${count(aggregations)} aggregations. ${estimate}</p>
    ${sqlText(sql)}
  </div>`;
}
