// A kept plan beside what came, and what waiting would bring.

import type {KeptPlan} from "../../lib/types.js";
import type {ResultsView} from "../../lib/view-types.js";
import {liftFor} from "../stats/plan.js";
import {project} from "../stats/project.js";
import {momentsOfVariant, type Finding, type Progress, type Reading} from "../stats/analysis.js";
import {count, inSentence, lift, percent} from "../stats/format.js";
import {html} from "./notebook.js";
import {certainty} from "./plan-form.js";
import {unitsByDay} from "../stats/planning.js";

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

type Waiting = {
  progress: Progress | null;
  reading: Reading;
  plan: KeptPlan | null;
  exposures: ResultsView["exposures"];
};

/** Returns what the days that are left would bring for one metric, in a sentence; nothing where none are left. */
export function ifWeWait(finding: Finding | undefined, {progress, reading, plan, exposures}: Waiting): Node {
  const nothing = document.createComment("nothing to wait for");
  const left = progress ? progress.days - progress.day : 0;
  const [control, treatment] = finding
    ? [finding.control, finding.treatment].map((name) => momentsOfVariant(finding, name))
    : [];
  if (!finding?.effect || !control || !treatment || left < 1) return nothing;
  const days = unitsByDay(exposures);
  const all = exposures.reduce((sum, d) => sum + d.units, 0);
  const seenDays = days.findIndex((total) => total >= all);
  const then = days.at(seenDays + left) ?? 0;
  const now = control.n + treatment.n;
  if (!all || then <= all) return nothing;
  const planned = plan?.metrics.some(({alias}) => alias === finding.metric.alias) ? plan.lift : null;
  const outlook = project(finding.metric.type, control, treatment, {
    ...reading,
    lift: planned ?? 0.05,
    cumulativeUnits: [now, (now * then) / all]
  });
  if ("reason" in outlook) return nothing;
  const [today, end] = outlook;
  const seen = finding.effect.lift.value;
  return html`<p>
    If we wait the ${left === 1 ? "day" : `${count(left)} days`} that ${left === 1 ? "is" : "are"} left, about
    ${count(Math.round(then))} units will have come, and the interval of ${inSentence(finding.metric.title)}
    narrows from ±${percent(today.halfWidth, 1)} to ±${percent(end.halfWidth, 1)}. It ends clear of zero with
    a chance of ${percent(end.conditional.trend)} if the true lift is the ${lift(seen)} seen so
    far${planned === null ? "" : `, of ${percent(end.conditional.planned)} if it is the ${lift(planned)} planned for`}.
  </p>`;
}
