import type {ResultsView} from "../../lib/types.js";
import {html} from "./notebook.js";

/** Returns what keeps a result from being today's answer: changed settings, or a newer attempt that failed. */
export function outdated({stale, latest}: Pick<ResultsView, "stale" | "latest">) {
  const failed =
    latest?.status === "failed"
      ? `The newest calculation failed (${latest.error}); these numbers are of an older one.`
      : null;
  const changed = stale ? `Out of date: ${stale}.` : null;
  const sentences = [failed, changed].filter((sentence) => sentence !== null);
  if (!sentences.length) return "";
  return html`<section class="checks warn" aria-label="Out of date">
    <ul>
      ${sentences.map((sentence) => html`<li>${sentence}</li>`)}
    </ul>
  </section>`;
}
