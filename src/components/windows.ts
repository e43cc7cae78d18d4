import type {Written} from "../../lib/types.js";
import {date, span} from "../stats/format.js";
import {html} from "./notebook.js";

/** When an observation counts units (exposure) and their events, and the days before that CUPED looks at. */
export type Windows = {exposure: Window | null; events: Window | null; before: Window | null};
type Window = {start: Date; end: Date};

const dayLength = 864e5;

/** Returns the windows that an observation's fields name; one that is open at an end is none. */
export function windowsOf(fields: Written): Windows {
  const exposure = windowOf(fields.exposure_start_datetime, fields.exposure_end_datetime);
  const days = Number(fields.pre_period_days ?? 0);
  return {
    exposure,
    events: windowOf(fields.calc_start_datetime, fields.calc_end_datetime),
    before:
      exposure && days ? {start: new Date(+exposure.start - days * dayLength), end: exposure.start} : null
  };
}

function windowOf(from: unknown, until: unknown): Window | null {
  const [start, end] = [from, until].map((written) => new Date(withZone(written)));
  return Number.isNaN(+start) || Number.isNaN(+end) ? null : {start, end};
}

// A day stands for its midnight in UTC; a time without a zone would be taken for the reader's own.
function withZone(written: unknown): string {
  const text = String(written ?? "none");
  return /^\d{4}-\d\d-\d\d$/.test(text) || /Z$/.test(text) ? text : `${text.replace(" ", "T")}Z`;
}

/** The time axis that windows share. */
export type Axis = {start: Date; end: Date; today: Date | null};

/** Returns the axis that holds all windows, and today where that is not far after them; null where there are none. */
export function axisOf(all: Windows[], today: Date): Axis | null {
  const known = all.flatMap(({exposure, events, before}) =>
    [exposure, events, before].filter((d) => d !== null)
  );
  if (!known.length) return null;
  const [first, last] = [
    Math.min(...known.map(({start}) => +start)),
    Math.max(...known.map(({end}) => +end))
  ];
  const isNear = +today > first && +today < last + 0.35 * (last - first);
  return {
    start: new Date(first),
    end: new Date(isNear ? Math.max(last, +today + 0.04 * (last - first)) : last),
    today: isNear ? today : null
  };
}

/** Returns the days an axis names, above a column of windows. */
export function windowAxis({start, end, today}: Axis) {
  const at = place({start, end});
  const days = (+end - +start) / dayLength;
  const step = [1, 2, 7, 14, 28, 91, 182, 364].find((each) => days / each <= 4.5) ?? 728;
  const firstDay = Math.ceil(+start / dayLength) * dayLength;
  const ticks = Array.from(
    {length: Math.floor((+end - firstDay) / dayLength / step) + 1},
    (_, i) => new Date(firstDay + i * step * dayLength)
  );
  const isFree = (tick: Date) => !today || Math.abs(at(tick) - at(today)) > 0.16;
  return html`<div class="windows axis" aria-hidden="true">
    ${ticks.map((tick) => (isFree(tick) && at(tick) < 0.95 ? html`<span style=${left(at(tick))}>${date(tick)}</span>` : null))}
    ${today ? html`<span class="today" style=${left(at(today))}>today</span>` : null}
  </div>`;
}

/** Returns one observation's windows as bars on the axis: exposure solid, events outlined, the days before dotted. */
export function windowBar({exposure, events, before}: Windows, axis: Axis) {
  const at = place(axis);
  const bar = (window: Window | null, name: string) =>
    window &&
    html`<i
      class=${name}
      style=${`${left(at(window.start))};width:${share(at(window.end) - at(window.start))}`}
    ></i>`;
  const when = exposure ? span(exposure.start, exposure.end) : "any time";
  const isLonger = events && +events.end !== +(exposure?.end ?? 0);
  const start = exposure ?? events;
  const said = [
    `exposure ${when}`,
    `events ${events ? span(events.start, events.end) : "any time"}`,
    ...(before ? [`before it ${span(before.start, before.end)}`] : [])
  ].join(", ");
  return html`<div class="windows" role="img" aria-label=${said}>
    ${axis.today ? html`<i class="today" style=${left(at(axis.today))}></i>` : null}
    ${bar(before, "before")}${bar(events, "events")}${bar(exposure, "exposure")}
    <span style=${left(Math.min(0.6, start ? at(start.start) : 0))}
      >${when}${isLonger ? html`<span class="more">, counted to ${date(new Date(+events.end - 1))}</span>` : null}</span
    >
  </div>`;
}

/** Returns what the bars mean, in words. */
export const windowKey = () =>
  html`<p class="key">
    <span><i class="exposure"></i>exposure window: who counts</span>
    <span><i class="events"></i>calculation window: what they do counts</span>
    <span><i class="before"></i>days before, for CUPED</span>
  </p>`;

const place =
  ({start, end}: Window) =>
  (d: Date) =>
    (+d - +start) / (+end - +start || 1);

const share = (x: number) => `${(100 * x).toFixed(2)}%`;
const left = (x: number) => `left:${share(x)}`;
