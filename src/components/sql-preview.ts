import type {Written} from "../../lib/types.js";
import type {SqlPreview} from "../../lib/view-types.js";
import {Failure, previewObservation} from "./api.js";
import {problem} from "./failure.js";
import {count} from "../stats/format.js";
import {html} from "./notebook.js";
import {may} from "./role.js";
import {sqlText} from "./sql-text.js";

/**
 * Returns the rendered SQL of a form, drawn anew while it is changed, the lines that the change made lit; an older
 * answer never replaces a newer one.
 */
export function livePreview(experiment: number, form: HTMLFormElement & {value: Written}, wait = 250) {
  const place = html`<section class="preview" aria-label="What would run" aria-live="polite"></section>`;
  let newest = 0;
  let before: string | null = null;
  let timer: ReturnType<typeof setTimeout>;
  const draw = async () => {
    const own = ++newest;
    const answer = await previewObservation(experiment, form.value).catch((error: unknown) => problem(error));
    const preview = "sql" in answer ? answer : null;
    if (own === newest) {
      place.replaceChildren(preview ? drawn(preview, before) : (answer as Node));
      showLit(place);
    }
    // The first answer is what changes are seen against, though somebody typed before it came.
    if (own === newest || before === null) before = preview?.sql ?? before;
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(draw, wait);
  });
  void may("analyst").then((isAllowed) => void (isAllowed && draw()));
  return place;
}

// The block is scrolled to what changed, the page is not.
function showLit(place: Element) {
  const [block, line] = [place.querySelector("pre"), place.querySelector<HTMLElement>(".lit")];
  if (block && line) block.scrollTop = line.offsetTop - block.offsetTop - block.clientHeight / 3;
}

function drawn({sql, metrics, aggregations, estimate, refusal}: SqlPreview, before: string | null): Node {
  const known = new Set((before ?? sql).split("\n").map((line) => line.trim()));
  return html`<div>
    <p class="quiet">
      <b>${count(metrics.length)} ${metrics.length === 1 ? "metric" : "metrics"}</b> from
      ${count(aggregations)} ${aggregations === 1 ? "aggregation" : "aggregations"}. ${estimate}
    </p>
    ${refusal ? html`<p>As it stands, a calculation would fail. ${problem(new Failure(refusal.error, refusal.hint))}</p>` : null}
    <details class="names">
      <summary>Which metrics</summary>
      ${metrics.join(", ")}
    </details>
    ${sqlText(sql, {isLit: (line) => !known.has(line.trim())})}
  </div>`;
}
