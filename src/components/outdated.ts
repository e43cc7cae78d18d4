import type {ResultsView} from "../../lib/view-types.js";
import {html} from "./notebook.js";

/** Returns the sentence of a newer attempt that failed, so that the numbers are of an older one. */
export function outdated({latest}: Pick<ResultsView, "latest">) {
  if (latest?.status !== "failed") return document.createComment("no newer attempt");
  return html`<section class="checks warn" aria-label="Out of date">
    <ul>
      <li>The newest calculation failed (${latest.error}); these numbers are of an older one.</li>
    </ul>
  </section>`;
}
