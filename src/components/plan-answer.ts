import {count, inSentence, lift as lifted, percent} from "./format.js";
import {asImage} from "./as-image.js";
import {Plot, html} from "./notebook.js";
import {certainty} from "./plan-form.js";
import type {Baseline, DayPlan, Plan, PlanQuestion} from "./planning.js";

/** Returns the answer in a sentence: how many days, or why there is no answer. */
export function planSentence(
  {metric}: Baseline,
  question: PlanQuestion,
  {units, total, day, byDay, reason}: Plan
) {
  const name = inSentence(metric.title);
  if (!units) return html`<p class="summary">No plan for ${name}: ${reason}.</p>`;
  const size = percent(question.lift, question.lift < 0.1 ? 1 : 0);
  const need = `${count(Math.max(...units))} units in each of ${question.variants} variants, ${count(total!)} in all, with ${certainty(question)}`;
  if (day !== null) {
    return html`<p class="summary">
      <strong>${count(day)} ${day === 1 ? "day" : "days"}</strong> to see a lift of ${size} in ${name}:
      ${need}.
    </p>`;
  }
  const most = byDay.at(-1);
  const short = most
    ? `this traffic brings ${count(Math.round(most.units))} in ${most.day} days`
    : "the days of exposure are not known";
  return html`<p class="summary">A lift of ${size} in ${name} needs ${need}; ${short}.</p>`;
}

/** Returns the smallest lift that can be seen by day, as a line; null where no day can show any. */
export function planChart(
  byDay: DayPlan[],
  {lift, day, width}: {lift: number; day: number | null; width: number}
) {
  const shown = byDay.slice(0, Math.max(28, Math.min(byDay.length, 2 * (day ?? 60))));
  const points = shown.flatMap((d) => (d.lift === null ? [] : [{day: d.day, lift: Math.abs(d.lift)}]));
  if (!points.length) return null;
  const top = Math.min(Math.max(...points.map((d) => d.lift)), 5 * Math.min(...points.map((d) => d.lift)));
  const last = points.at(-1)!;
  const chart = Plot.plot({
    width: Math.min(width, 640),
    height: 240,
    marginLeft: 48,
    marginBottom: 32,
    ariaLabel: `Smallest lift that can be seen by day: ${lifted(points[0].lift)} after day ${points[0].day}, ${lifted(last.lift)} after day ${last.day}`,
    x: {label: "day", ticks: 6, tickSize: 0},
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
      Plot.line(points, {x: "day", y: "lift", stroke: "currentColor", strokeWidth: 1.5, clip: true}),
      day === null ? null : Plot.dot([{day, lift}], {x: "day", y: "lift", r: 4, fill: "currentColor"})
    ]
  });
  return asImage(chart);
}

/** Returns the same as a table, by weeks, with the day that is enough. */
export function planTable(byDay: DayPlan[], day: number | null) {
  const days = new Set([7, 14, 21, 28, 42, 56, 84, ...(day === null ? [] : [day])]);
  const rows = byDay.filter((d) => days.has(d.day));
  return html`<table class="plan">
    <caption class="hidden">
      Units and the smallest lift that can be seen, by day
    </caption>
    <thead>
      <tr>
        <th scope="col" class="num">Day</th>
        <th scope="col" class="num">Units so far</th>
        <th scope="col" class="num">Smallest lift</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (d) =>
          html`<tr class=${d.day === day ? "enough" : null}>
            <th scope="row" class="num">${d.day}</th>
            <td class="num">${count(Math.round(d.units))}</td>
            <td class="num">${lifted(d.lift)}</td>
          </tr>`
      )}
    </tbody>
  </table>`;
}
