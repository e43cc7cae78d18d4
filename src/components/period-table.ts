import {sharedEstimate, type Scale} from "../stats/analysis.js";
import {comparisonCells, comparisonHead} from "./comparison-cells.js";
import {confidenceOf, count, value} from "../stats/format.js";
import {domainOf, type Domain} from "./interval-bar.js";
import {html} from "./notebook.js";
import {effectTogether, type PeriodEffect, type PeriodQuestion} from "./periods.js";
import {periodName} from "./split-table.js";

type Options = {scale: Scale; confidence: number; control: string; treatment: string};

/** Returns a row for each period, and one for all of them together, on one scale. */
export function periodTable(effects: PeriodEffect[], question: PeriodQuestion, options: Options) {
  const together = effectTogether(effects, question);
  const all = [
    ...effects.flatMap(({finding}) => finding?.effect ?? []),
    ...(together ? [together.effect] : [])
  ];
  const domain = domainOf(all.flatMap((effect) => sharedEstimate(effect, options.scale) ?? []));
  const metric = effects.find(({finding}) => finding)?.finding?.metric;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Results by period">
    <table class="results periods">
      <caption>
        ${metric ? `${metric.title}, ` : ""}units by when they came, with ${confidenceOf(options.confidence)}
        intervals. Units of a day on which something changed are in no period.
      </caption>
      <thead>
        <tr>
          <th scope="col">Period</th>
          ${comparisonHead({...options, domain})}
        </tr>
      </thead>
      <tbody>
        ${effects.map((each) => row(each, {...options, domain}))}
        ${
          metric && together
            ? html`<tr>
                <th scope="row">all periods<small>each compared within itself</small></th>
                ${arms(together.effect, metric)}
                ${comparisonCells({name: "all periods", metric, ...together, effect: {...together.effect, adjusted: null}, reason: together.effect.reason}, {...options, domain})}
              </tr>`
            : null
        }
      </tbody>
    </table>
  </div>`;
}

type Compared = NonNullable<NonNullable<PeriodEffect["finding"]>["effect"]>;
type Metric = NonNullable<PeriodEffect["finding"]>["metric"];

const arms = (effect: Omit<Compared, "adjusted">, metric: Metric) =>
  html.fragment`<td class="num arm">${value(effect.control, metric)}<small>n ${count(effect.n.control)}</small></td>
    <td class="num arm">${value(effect.treatment, metric)}<small>n ${count(effect.n.treatment)}</small></td>`;

function row({period, finding, reason}: PeriodEffect, options: Options & {domain: Domain}) {
  const shares = period.allocation.map(({allocation}) => Math.round(allocation * 1000) / 10).join(" : ");
  const head = html`<th scope="row">${periodName(period)}<small>${shares}</small></th>`;
  if (!finding?.effect)
    return html`<tr>
      ${head}
      <td class="reason" colspan="6">${reason}</td>
    </tr>`;
  const {metric, effect, verdict} = finding;
  return html`<tr>
    ${head} ${arms(effect, metric)}
    ${comparisonCells({name: periodName(period), metric, effect, verdict, reason: effect.reason}, options)}
  </tr>`;
}
