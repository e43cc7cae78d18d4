import type {ResultsView} from "../../lib/view-types.js";
import {count, list, spell} from "../stats/format.js";
import {calculator} from "./job.js";
import {html} from "./notebook.js";

type Asked = Pick<ResultsView, "latest" | "stale" | "staleMetrics" | "metrics" | "observation">;

/** Returns why numbers are not those of now, which, and a button that computes what is missing; nothing where all are. */
export function outdated({latest, stale, staleMetrics, metrics, observation}: Asked): Node {
  const failed =
    latest?.status === "failed"
      ? `The newest calculation failed (${latest.error}); these numbers are of an older one.`
      : null;
  if (!stale && !failed) return document.createComment("up to date");
  return html`<section class="checks warn outdated" aria-label="Out of date">
    <ul>
      ${failed ? html`<li>${failed}</li>` : null}
      ${stale ? html`<li>Out of date: ${stale}. ${concerned(metrics, staleMetrics)}</li>` : null}
    </ul>
    ${stale ? calculator(observation.id, {latest, label: "Compute what changed"}) : null}
  </section>`;
}

function concerned(metrics: Asked["metrics"], stale: string[]): string {
  const shown = metrics.filter(({metric}) => stale.includes(metric.alias)).map(({metric}) => metric.title);
  if (!shown.length) return "The numbers shown still hold.";
  if (shown.length === metrics.length) return "Every number may be another now.";
  const which = shown.length > 3 ? `${spell(shown.length)} metrics, marked in the table,` : list(shown);
  return `Of ${count(metrics.length)} metrics only ${which} may have other numbers now; the rest still holds, and is not computed again.`;
}
