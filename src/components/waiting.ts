// "If we wait": what further days would make of a running experiment's first metric.

import type {KeptPlan} from "../../lib/types.js";
import type {ResultsView} from "../../lib/view-types.js";
import {project, type Outlook} from "../stats/project.js";
import {keepInAddress} from "./address.js";
import {momentsOfVariant, type Finding, type Progress, type Reading} from "../stats/analysis.js";
import {apart} from "./apart.js";
import {asImage} from "./as-image.js";
import {count, inSentence, lift, percent} from "../stats/format.js";
import {Plot, html} from "./notebook.js";
import {trafficByDay} from "../stats/planning.js";

type Waiting = {
  progress: Progress | null;
  reading: Reading;
  plan: KeptPlan | null;
  exposures: ResultsView["exposures"];
  width: number;
};

/** What is expected at the end of a day to come. */
export type DayAhead = Outlook & {wait: number; all: number};
export type Prospect = {days: DayAhead[]; title: string; seen: number; planned: number | null};

/** Days that are looked ahead, as far as traffic can be told. */
const farthest = 56;

/** Returns the outlook from now (no wait) to each day to come; null where there is no effect yet, or nobody comes any more. */
export function prospectOf(
  finding: Finding | undefined,
  {reading, plan, exposures}: Omit<Waiting, "progress" | "width">
): Prospect | null {
  const [control, treatment] = finding
    ? [finding.control, finding.treatment].map((name) => momentsOfVariant(finding, name))
    : [];
  const seen = finding?.effect?.lift.value ?? null;
  const {byDay, known} = trafficByDay(exposures);
  const ahead = byDay.slice(Math.max(0, known - 1), known + farthest);
  if (!finding || !control || !treatment || seen === null || !ahead.length || ahead.at(-1) === ahead[0])
    return null;
  const planned = plan?.metrics.some(({alias}) => alias === finding.metric.alias) ? plan.lift : null;
  // The two variants compared take the same share of the units to come as of those that are there.
  const share = (control.n + treatment.n) / ahead[0];
  const outlook = project(finding.metric.type, control, treatment, {
    ...reading,
    lift: planned ?? seen,
    cumulativeUnits: ahead.map((all) => share * all)
  });
  if ("reason" in outlook) return null;
  const days = outlook.map((day, wait) => ({...day, wait, all: ahead[wait]}));
  return {days, title: finding.metric.title, seen, planned};
}

/** Returns what waiting would bring, in a sentence and a small chart, for a number of days that can be changed. */
export function ifWeWait(finding: Finding | undefined, {progress, width, ...known}: Waiting): Node {
  const prospect = prospectOf(finding, known);
  if (!prospect) return document.createComment("nothing to wait for");
  const left = progress ? progress.days - progress.day : 0;
  const most = prospect.days.length - 1;
  const asked = Number(new URLSearchParams(location.search).get("wait"));
  const start = Math.min(most, asked >= 1 ? Math.round(asked) : left || 7);
  const input = html`<input type="number" min="1" max=${most} step="1" value=${start} />` as HTMLInputElement;
  const place = html`<div></div>`;
  const draw = (wait: number) =>
    place.replaceChildren(waitSentence(prospect, wait), waitChart(prospect, {wait, width}));
  input.oninput = () => {
    const wait = Math.round(input.valueAsNumber);
    if (!(wait >= 1 && wait <= most)) return;
    keepInAddress({wait});
    draw(wait);
  };
  draw(start);
  return html`<div class="waiting">
    <div class="controls"><label>If we wait, days ${input}</label></div>
    ${place}
  </div>`;
}

function waitSentence({days, title, seen, planned}: Prospect, wait: number) {
  const [today, end] = [days[0], days[wait]];
  return html`<p>
    If we wait ${wait === 1 ? "a day" : `${count(wait)} days`}, about ${count(Math.round(end.all))} units will
    have come, and the interval of ${inSentence(title)} narrows from ±${percent(today.halfWidth, 1)} to
    ±${percent(end.halfWidth, 1)}. It ends clear of zero with a chance of ${percent(end.conditional.trend)} if
    the true lift is the ${lift(seen)} seen so
    far${planned === null ? "" : `, of ${percent(end.conditional.planned)} if it is the ${lift(planned)} planned for`}.
  </p>`;
}

function waitChart({days, planned}: Prospect, {wait, width}: {wait: number; width: number}) {
  const shown = days.slice(1, Math.max(14, Math.ceil(1.5 * wait)) + 1);
  const here = days[wait];
  const lines = [
    {key: "trend", words: "if it stays as seen", dash: "none"},
    ...(planned === null ? [] : [{key: "planned", words: "if it is as planned", dash: "3,3"}])
  ] as {key: "trend" | "planned"; words: string; dash: string}[];
  const chance = (key: "trend" | "planned") => (d: DayAhead) => d.conditional[key];
  const ends = apart(
    lines.map(({key, words}) => ({words, value: shown.at(-1)!.conditional[key]})),
    0.17
  );
  const chart = Plot.plot({
    width: Math.min(width, 520),
    height: 150,
    marginTop: 26,
    marginLeft: 40,
    marginRight: 130,
    ariaLabel: `Chance that the interval ends clear of zero: ${percent(here.conditional.trend)} after ${wait} days${planned === null ? "" : `, ${percent(here.conditional.planned)} as planned`}`,
    x: {label: null, domain: [0, shown.at(-1)!.wait]},
    y: {label: null, domain: [0, 1]},
    marks: [
      Plot.text(["Chance to end clear of zero, by days waited"], {
        frameAnchor: "top-left",
        dx: -40,
        dy: -22,
        fill: "var(--theme-foreground-muted)"
      }),
      Plot.axisY({ticks: 2, tickSize: 0, tickFormat: (x: number) => percent(x)}),
      Plot.axisX({ticks: 5, tickSize: 4, tickFormat: (x: number) => (Number.isInteger(x) ? String(x) : "")}),
      Plot.ruleX([wait], {strokeOpacity: 0.4}),
      lines.map(({key, dash}) =>
        Plot.lineY(shown, {x: "wait", y: chance(key), strokeWidth: 1.5, strokeDasharray: dash})
      ),
      Plot.dot([here], {x: "wait", y: chance("trend"), r: 4, fill: "currentColor"}),
      Plot.text(ends, {
        x: shown.at(-1)!.wait,
        y: "at",
        text: "words",
        dx: 8,
        textAnchor: "start"
      })
    ].flat()
  });
  return asImage(chart);
}
