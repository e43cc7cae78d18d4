// The split of every part of all units, each held to its own plan: periods, days, values of dimensions.

import type {ResultsView} from "../../lib/view-types.js";
import {splitByDay, splitByDimension, type PartSplit} from "../stats/checks.js";
import {plannedOver, splitByPeriod, type Period} from "../stats/periods.js";
import {count, dayOf, percent, pvalue} from "../stats/format.js";
import {html} from "./notebook.js";
import {shareIn} from "../stats/variants.js";

/** One kind of parts, such as days, with the split of each. */
export type Parts = {title: string; parts: {name: string; split: PartSplit}[]};

/** Returns the split of every part that was counted, tested against the shares planned for it; none where no shares are declared. */
export function splitsOf(view: ResultsView): Parts[] {
  const {exposures, job, defaults, periods, planned} = view;
  const options = {threshold: defaults.srmThreshold};
  if (planned.all.length < 2) return [];
  const dated = exposures.filter(({day}) => day);
  const days = splitByDay(dated, planned.all, {...options, plannedByDay: planned.byDay});
  const values = splitByDimension(job?.facts.splits ?? [], planned.all, options);
  const ofPeriods = periods.length > 1 ? splitByPeriod(dated, periods, options) : [];
  const all = [
    {title: "Period", parts: ofPeriods.map((each) => ({name: periodName(each), split: each.split}))},
    {title: "Day", parts: days.map(({day, ...split}) => ({name: dayOf(day), split}))},
    ...[...new Set(values.map(({dimension}) => dimension))].map((title) => ({
      title,
      parts: values
        .filter(({dimension}) => dimension === title)
        .map(({value, ...split}) => ({name: value || "(none)", split}))
    }))
  ];
  return all.filter(({parts}) => parts.length);
}

/** Returns the share that treatment should have of a pair's units that come on a day. */
export function plannedOn(
  {periods}: Pick<ResultsView, "periods">,
  pair: {control: string; treatment: string}
) {
  return (day: string) => shareIn(plannedOver(periods, [{day, variant: pair.control, units: 1}]), pair);
}

/** Returns when a period was, in UTC, and whether it was a pause: "from 3 Oct 12:00". */
export function periodName({from, until, isPaused}: Period): string {
  const when =
    from && until
      ? `${moment(from)} to ${moment(until)}`
      : from
        ? `from ${moment(from)}`
        : `until ${until && moment(until)}`;
  return isPaused ? `${when}, paused` : when;
}

function moment(instant: string): string {
  const time = instant.slice(11, 16);
  return `${dayOf(instant)}${time === "00:00" ? "" : ` ${time}`}`;
}

/** Returns what the parts say together, and every one of them behind it. */
export function splitTable(groups: Parts[]) {
  const all = groups.flatMap(({parts}) => parts);
  const tested = all.filter(({split}) => split.adjusted !== null);
  const off = all.filter(({split}) => split.isMismatch);
  if (!tested.length) return html`<p class="none">No part has enough units to test its split.</p>`;
  return html`<details class="more splits" open=${off.length ? true : null}>
    <summary>
      ${off.length ? `${count(off.length)} of ${count(tested.length)} parts are` : `None of ${count(tested.length)} parts is`}
      split other than planned
    </summary>
    ${groups.map(table)}
  </details>`;
}

function table({title, parts}: Parts) {
  const names = parts[0].split.units.map(({variant}) => variant);
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${`Split by ${title.toLowerCase()}`}>
    <table class="values">
      <caption>
        Units by ${title.toLowerCase()}; p corrected by Holm for their number.
      </caption>
      <thead>
        <tr>
          <th scope="col">${title}</th>
          ${names.map((name) => html`<th scope="col" class="num">${name}</th>`)}
          <th scope="col" class="num"><i>p</i></th>
        </tr>
      </thead>
      <tbody>
        ${parts.map(row)}
      </tbody>
    </table>
  </div>`;
}

function row({name, split}: Parts["parts"][number]) {
  const {units, expected, adjusted, isMismatch} = split;
  const all = units.reduce((sum, arm) => sum + arm.units, 0);
  const shares = units.map((arm, i) =>
    all ? `${percent(arm.units / all, 1)}, planned ${percent(expected[i] / all, 1)}` : ""
  );
  const p = adjusted === null ? "too few" : pvalue(adjusted);
  return html`<tr class=${isMismatch ? "off" : null}>
    <th scope="row">${name}</th>
    ${units.map((arm, i) => html`<td class="num">${count(arm.units)}<small>${shares[i]}</small></td>`)}
    <td class="num">${isMismatch ? html`<b>${p}, off</b>` : p}</td>
  </tr>`;
}
