import {capital, count, inSentence, lift as lifted, list, percent} from "../stats/format.js";
import {asImage} from "./as-image.js";
import {Plot, html} from "./notebook.js";
import {certainty} from "./plan-form.js";
import {slowestOf, type Plan, type PlanQuestion} from "../stats/planning.js";

/** Returns the answer in a sentence: how many days for all metrics, or why there is no answer, and what the days asked for show. */
export function planSentence(plans: Plan[], question: PlanQuestion) {
  const refused = plans.find(({units}) => !units);
  if (refused)
    return html`<p class="summary">
      No plan for ${inSentence(refused.baseline.metric.title)}: ${refused.reason}.
    </p>`;
  const slowest = slowestOf(plans)!;
  const name =
    plans.length === 1 ? inSentence(slowest.baseline.metric.title) : `each of ${count(plans.length)} metrics`;
  const size = percent(question.lift, question.lift < 0.1 ? 1 : 0);
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
  return html`<p class="summary">${answer} ${inDays(plans, question)}</p>`;
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
  const size = percent(lift, lift < 0.1 ? 1 : 0);
  const lifts = list(known.map(({name, smallest}) => `${lifted(smallest)} in ${name}`));
  const sure = list(known.map(({power}) => percent(power)));
  return `${count(days)} ${days === 1 ? "day shows" : "days show"} ${lifts}; the lift of ${size} with a power of ${sure}.`;
}

type Drawn = {lift: number; day: number | null; width: number};

/** Returns the smallest lift that can be seen by day, a line a metric; null where no day can show any. */
export function planChart(plans: Plan[], {lift, day, width}: Drawn) {
  const points = plans.flatMap(({baseline, byDay}) =>
    byDay
      .slice(0, Math.max(28, Math.min(byDay.length, 2 * (day ?? 60))))
      .flatMap((d) =>
        d.lift === null ? [] : [{day: d.day, lift: Math.abs(d.lift), title: baseline.metric.title}]
      )
  );
  if (!points.length) return null;
  const lowest = Math.min(...points.map((d) => d.lift));
  const top = Math.min(Math.max(...points.map((d) => d.lift)), 5 * Math.max(lowest, lift));
  const ends = plans.flatMap(
    ({baseline}) => points.findLast(({title}) => title === baseline.metric.title) ?? []
  );
  const isNarrow = width < 480;
  const chart = Plot.plot({
    width: Math.min(width, 720),
    height: 260,
    marginLeft: 48,
    marginRight: plans.length > 1 && !isNarrow ? 170 : 20,
    marginBottom: 32,
    ariaLabel: `Smallest lift that can be seen by day: ${ends.map((end) => `${end.title} ${lifted(end.lift)} after day ${end.day}`).join(", ")}`,
    x: {label: "day", labelAnchor: "left", labelArrow: "none", ticks: 6, tickSize: 0},
    y: {
      label: null,
      domain: [0, top],
      tickFormat: (x: number) => percent(x, 1),
      ticks: 4,
      tickSize: 0,
      clamp: true
    },
    marks: [
      Plot.ruleY([lift], {stroke: "currentColor", strokeOpacity: 0.35, strokeDasharray: "2,3"}),
      Plot.line(points, {
        x: "day",
        y: "lift",
        z: "title",
        stroke: "currentColor",
        strokeWidth: 1.5,
        clip: true
      }),
      day === null ? null : Plot.dot([{day, lift}], {x: "day", y: "lift", r: 4, fill: "currentColor"}),
      plans.length > 1
        ? Plot.text(apart(ends, top), {
            x: "day",
            y: "at",
            text: "title",
            textAnchor: isNarrow ? "end" : "start",
            dx: isNarrow ? 0 : 8,
            dy: isNarrow ? -8 : 0
          })
        : null
    ]
  });
  return asImage(chart);
}

// Labels of lines that end close together stand one above the other.
function apart<End extends {lift: number}>(ends: End[], top: number): (End & {at: number})[] {
  const step = top / 16;
  let last = -Infinity;
  return ends
    .toSorted((a, b) => a.lift - b.lift)
    .map((end) => ({...end, at: (last = Math.max(Math.min(end.lift, top), last + step))}));
}

/** Returns the same as a table, by weeks, with the day that is enough. */
export function planTable(plans: Plan[], {day, days}: {day: number | null; days: number}) {
  const shown = new Set([7, 14, 21, 28, 42, 56, 84, days, ...(day === null ? [] : [day])]);
  const rows = plans[0].byDay.filter((d) => shown.has(d.day));
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Smallest lift by day">
    <table class="plan">
      <caption class="hidden">
        Units and the smallest lift that can be seen, by day
      </caption>
      <thead>
        <tr>
          <th scope="col" class="num">Day</th>
          <th scope="col" class="num">Units so far</th>
          ${plans.map(({baseline}) => html`<th scope="col" class="num">${plans.length === 1 ? "Smallest lift" : baseline.metric.title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (d) =>
            html`<tr class=${d.day === day ? "enough" : null}>
              <th scope="row" class="num">${d.day}</th>
              <td class="num">${count(Math.round(d.units))}</td>
              ${plans.map(({byDay}) => html`<td class="num">${lifted(byDay[d.day - 1].lift)}</td>`)}
            </tr>`
        )}
      </tbody>
    </table>
  </div>`;
}
