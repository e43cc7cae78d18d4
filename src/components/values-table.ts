import type {MetricMoments} from "../../lib/view-types.js";
import {valueOf} from "../stats/arm.js";
import {count, value} from "../stats/format.js";
import {html} from "./notebook.js";

const undeclared = "Values by variant. They are compared once a control is declared.";

/** Returns what was measured in each variant, compared with nothing. */
export function valuesTable(metrics: MetricMoments[], variants: string[], {caption = undeclared} = {}) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Values by variant">
    <table class="values">
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          <th scope="col">Metric</th>
          ${variants.map((name) => html`<th scope="col" class="num">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${metrics.map(
          ({metric, arms}) =>
            html`<tr>
              <th scope="row">${metric.title}</th>
              ${variants.map((name) =>
                cell(
                  metric,
                  arms.find((arm) => arm.variant === name)
                )
              )}
            </tr>`
        )}
      </tbody>
    </table>
  </div>`;
}

function cell(metric: MetricMoments["metric"], arm: MetricMoments["arms"][number] | undefined) {
  if (!arm?.moments) return html`<td class="reason">${arm?.reason ?? "no value"}</td>`;
  const {moments} = arm;
  return html`<td class="num">
    ${value(valueOf(metric.type, moments), metric)}<small>n ${count(moments.n)}</small>
  </td>`;
}
