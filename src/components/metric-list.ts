import type {MetricEntry} from "../../lib/view-types.js";
import {metricPage} from "./api.js";
import {count} from "../stats/format.js";
import {html} from "./notebook.js";

/** Returns the metrics that hold every word of a search, by group, each with a way to what is known of it. */
export function metricList(entries: MetricEntry[], search: string) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = entries.filter((entry) => words.every((word) => textOf(entry).includes(word)));
  if (!shown.length) return html`<p class="empty" role="status">No metric matches. Clear the search.</p>`;
  const groups = [...new Set(shown.map(({group}) => group))];
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Metrics">
    <table class="values metrics">
      <thead>
        <tr>
          <th scope="col">Metric</th>
          <th scope="col" class="more">Type</th>
          <th scope="col" class="more">Owner</th>
          <th scope="col" class="more">Tags</th>
          <th scope="col" class="num">Experiments</th>
        </tr>
      </thead>
      ${groups.map(
        (group) =>
          html`<tbody>
            <tr class="group">
              <th colspan="5" scope="rowgroup">${group}</th>
            </tr>
            ${shown.filter((entry) => entry.group === group).map(row)}
          </tbody>`
      )}
    </table>
  </div>`;
}

function row({alias, title, type, owner, tags, usedBy, description}: MetricEntry) {
  return html`<tr>
    <th scope="row">
      <a href=${metricPage(alias)}>${title}</a>${description ? html`<small>${description}</small>` : null}
      <small class="less">${[type, owner, tags.join(", ")].filter(Boolean).join(" · ")}</small>
    </th>
    <td class="more">${type}</td>
    <td class="more">${owner ?? ""}</td>
    <td class="more">${tags.join(", ")}</td>
    <td class="num">${usedBy ? count(usedBy) : ""}</td>
  </tr>`;
}

const textOf = ({alias, title, group, owner, tags, description}: MetricEntry) =>
  [alias, title, group, owner, description, ...tags].join(" ").toLowerCase();
