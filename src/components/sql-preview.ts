import type {SqlPreview} from "../../lib/types.js";
import {previewObservation} from "./api.js";
import {problemOf, type Fields} from "./fields-form.js";
import {count} from "./format.js";
import {html} from "./notebook.js";
import {sqlText} from "./sql-text.js";

/** Returns the rendered SQL of a form, drawn anew while it is changed; an older answer never replaces a newer one. */
export function livePreview(experiment: number, form: HTMLFormElement & {value: Fields}, wait = 250) {
  const place = html`<section class="preview" aria-label="What would run" aria-live="polite"></section>`;
  let newest = 0;
  let timer: ReturnType<typeof setTimeout>;
  const draw = async () => {
    const own = ++newest;
    const node = await previewObservation(experiment, form.value).then(drawn, problemOf);
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
  const {bytes, rows, problem} = estimate;
  const reads = [
    rows === null ? [] : [`${count(rows)} rows`],
    bytes === null ? [] : [readable(bytes)]
  ].flat();
  const cost =
    problem ??
    (reads.length
      ? `the engine expects to read ${reads.join(", ")}`
      : "the engine does not tell what it will read");
  return html`<div>
    <p class="quiet">${count(metrics)} metrics from ${count(aggregations)} aggregations; ${cost}.</p>
    ${sqlText(sql)}
  </div>`;
}

function readable(bytes: number): string {
  const power = Math.min(4, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${(bytes / 1000 ** power).toFixed(power ? 1 : 0)} ${["B", "kB", "MB", "GB", "TB"][power]}`;
}
