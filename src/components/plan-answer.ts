import {armOf} from "../stats/arm.js";
import {capital, count, inSentence, lift as lifted, list, percent, spell, value} from "../stats/format.js";
import {html} from "./notebook.js";
import {certainty} from "./plan-form.js";
import {slowestOf, type Baseline, type Plan, type PlanQuestion} from "../stats/planning.js";

/**
 * Returns the answer in a sentence: how many days for all metrics, or why there is no answer, what the days asked for
 * show, and what CUPED would save.
 */
export function planSentence(plans: Plan[], question: PlanQuestion, withCuped: Plan[] | null = null) {
  const refused = plans.find(({units}) => !units);
  if (refused)
    return html`<p class="summary">
      No plan for ${inSentence(refused.baseline.metric.title)}: ${refused.reason}.
    </p>`;
  const slowest = slowestOf(plans)!;
  const name =
    plans.length === 1 ? inSentence(slowest.baseline.metric.title) : `each of ${count(plans.length)} metrics`;
  const size = asAsked(question.lift);
  const {units, total, day, byDay} = slowest;
  const isEven = new Set(units).size === 1;
  const split = isEven
    ? `${count(units![0])} units in each of ${units!.length} variants`
    : `${units!.map(count).join(" + ")} units`;
  const need = `${split}, ${count(total!)} in all, with ${certainty(question)}`;
  const longest =
    plans.length > 1 ? ` ${capital(inSentence(slowest.baseline.metric.title))} takes longest.` : "";
  const most = byDay.at(-1);
  const answer =
    day !== null
      ? html.fragment`<strong>${count(day)} ${day === 1 ? "day" : "days"}</strong> to see a lift of ${size} in ${name}: ${need}.${longest}`
      : html.fragment`A lift of ${size} in ${name} needs ${need}; ${most ? `this traffic brings ${count(Math.round(most.units))} in ${most.day} days` : "the days of exposure are not known"}.${longest}`;
  return html`<p class="summary">
    ${answer} ${inDays(plans, question)} <span class="quietly">${saved(slowest, withCuped)}</span>
  </p>`;
}

function saved({day}: Plan, withCuped: Plan[] | null): string {
  const sooner = withCuped ? slowestOf(withCuped)?.day : null;
  if (day === null || !sooner || sooner >= day) return "";
  const days = day - sooner;
  return `CUPED would save ${days === 1 ? "one day" : `${spell(days)} days`}.`;
}

/** Returns a lift as it was asked for, with no more digits than it has. */
function asAsked(lift: number): string {
  const least = lift < 0.1 ? 1 : 0;
  const isWhole = (digits: number) => Math.abs(lift * 100 - Number((lift * 100).toFixed(digits))) < 1e-9;
  return percent(lift, [0, 1].filter((digits) => digits >= least).find(isWhole) ?? 2);
}

// The other direction of the same curve: from days to lift, and to power.
function inDays(plans: Plan[], {days, lift}: PlanQuestion): string {
  const known = plans.slice(0, 3).flatMap(({baseline, byDay, power}) => {
    const smallest = byDay.at(days - 1)?.lift ?? null;
    return smallest === null || power === null
      ? []
      : [{name: inSentence(baseline.metric.title), smallest, power}];
  });
  if (!known.length) return "";
  const size = asAsked(lift);
  const lifts = list(known.map(({name, smallest}) => `${lifted(smallest)} in ${name}`));
  const sure = list(known.map(({power}) => percent(power)));
  return `${count(days)} ${days === 1 ? "day shows" : "days show"} ${lifts}; the lift of ${size} with a power of ${sure}.`;
}

/** Returns the same as a table: of each metric the smallest lift by weeks, and the days to the lift asked for. */
export function planTable(plans: Plan[], {lift, days}: Pick<PlanQuestion, "lift" | "days">) {
  const weeks = [7, 14, 21, 28, 42, 56, 84];
  const shown = [...new Set([...weeks, days])]
    .sort((a, b) => a - b)
    .filter((day) => day <= plans[0].byDay.length);
  const asked = asAsked(lift);
  const longest = plans[0].byDay.length;
  const row = ({baseline, byDay, day, units}: Plan) =>
    html`<tr>
      <th scope="row">${baseline.metric.title}</th>
      ${shown.map((each) => {
        const smallest = byDay[each - 1].lift;
        const isEnough = smallest !== null && Math.abs(smallest) <= lift + 1e-12;
        return html`<td class=${isEnough ? "num enough" : "num"}>${lifted(smallest)}</td>`;
      })}
      <td class="num days">${units ? (day ?? `over ${longest}`) : "–"}</td>
    </tr>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Smallest lift by day">
    <table class="plan">
      <caption>
        The smallest lift by day; in bold where it is ${asked} or less
      </caption>
      <thead>
        <tr>
          <th scope="col">Day</th>
          ${shown.map((day) => html`<th scope="col" class="num">${day}</th>`)}
          <th scope="col" class="num">Days to ${asked}</th>
        </tr>
      </thead>
      <tbody>
        ${plans.map(row)}
        <tr class="units">
          <th scope="row">Units so far</th>
          ${shown.map((day) => html`<td class="num">${count(Math.round(plans[0].byDay[day - 1].units))}</td>`)}
          <td></td>
        </tr>
      </tbody>
    </table>
  </div>`;
}

/** Returns what a plan starts from: the value and the spread of each metric, and of how many units. */
export function baselineTable(baselines: Baseline[]) {
  const deviation = ({metric, moments}: Baseline) =>
    metric.type === "mean" ? value(Math.sqrt(moments.covariance[0][0]), metric) : "–";
  return html`<details class="query">
    <summary>Baselines</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="Baselines">
      <table class="values">
        <thead>
          <tr>
            ${["Metric", "Type", "Value", "Std. deviation", "Explained before", "Units"].map((head, i) => html`<th scope="col" class=${i > 1 ? "num" : null}>${head}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${baselines.map(
            (baseline) =>
              html`<tr>
                <th scope="row">${baseline.metric.title}</th>
                <td>${baseline.metric.type}</td>
                <td class="num">
                  ${value(armOf(baseline.metric.type, baseline.moments).value, baseline.metric)}
                </td>
                <td class="num">${deviation(baseline)}</td>
                <td class="num">${baseline.explained === null ? "–" : percent(baseline.explained)}</td>
                <td class="num">${count(baseline.moments.n)}</td>
              </tr>`
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}
