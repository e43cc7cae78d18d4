// A kept plan beside what came.

import type {KeptPlan} from "../../lib/types.js";
import {liftFor} from "../stats/plan.js";
import {momentsOfVariant, type Finding, type Progress} from "../stats/analysis.js";
import {count, inSentence, lift} from "../stats/format.js";
import {html} from "./notebook.js";
import {certainty} from "./plan-form.js";

/** Returns planned and actual units, days and smallest lifts as a table. */
export function planActual(
  plan: KeptPlan,
  findings: Finding[],
  {units, progress}: {units: number; progress: Progress | null}
) {
  const {shares, confidence, power, side, corrected} = plan;
  const comparisons = corrected ? (shares.length - 1) * plan.metrics.length : 1;
  const rows = plan.metrics.flatMap(({alias, title}) => {
    const finding = findings.find(({metric}) => metric.alias === alias);
    const [control, treatment] = finding
      ? [finding.control, finding.treatment].map((name) => momentsOfVariant(finding, name))
      : [];
    if (!finding || !control || !treatment) return [];
    const options = {confidence, power, alternative: side, shares: [control.n, treatment.n], comparisons};
    return [
      {
        title,
        seen: finding.effect?.lift.value ?? null,
        smallest: liftFor(finding.metric.type, control, [control.n, treatment.n], options)
      }
    ];
  });
  const size = `${lift(side === "less" ? -plan.lift : plan.lift)}`;
  return html`<div>
    <p>
      Planned on ${plan.keptAt.slice(0, 10)} from ${plan.source}: ${size}, with
      ${certainty(plan)}${shares.length > 2 || shares[0] !== shares[1] ? `, split ${shares.join(":")}` : ""}.
    </p>
    <table class="values plan-actual">
      <thead>
        <tr>
          <th scope="col"></th>
          <th scope="col" class="num">Planned</th>
          <th scope="col" class="num">Actual</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">Units</th>
          <td class="num">${plan.units === null ? "–" : count(plan.units)}</td>
          <td class="num">${count(units)}</td>
        </tr>
        <tr>
          <th scope="row">Days</th>
          <td class="num">${plan.day ?? "–"}</td>
          <td class="num">${progress ? `${progress.day} of ${progress.days}` : "–"}</td>
        </tr>
        ${rows.map(
          ({title, seen, smallest}) =>
            html`<tr>
              <th scope="row">Smallest lift, ${inSentence(title)}</th>
              <td class="num">${size}</td>
              <td class="num">${lift(smallest)}<small>seen ${lift(seen)}</small></td>
            </tr>`
        )}
      </tbody>
    </table>
  </div>`;
}
