import {apart} from "./apart.js";
import {asImage} from "./as-image.js";
import {brokenLines} from "./broken-lines.js";
import {count, lift as lifted, percent} from "../stats/format.js";
import {Plot} from "./notebook.js";
import type {Plan, PlanQuestion, Traffic} from "../stats/planning.js";

type Drawn = {question: Pick<PlanQuestion, "lift" | "days">; day: number | null; width: number};

const muted = "var(--theme-foreground-muted)";
const halo = {stroke: "var(--theme-background)", strokeWidth: 4};
const tall = 320;
// Room for a hundred thousand units beside the axis.
const left = 60;

/** Returns how many days are worth drawing: past the answer and past the days that the experiment may take. */
export const daysDrawn = (plans: Plan[], {days, day}: {days: number; day: number | null}): number =>
  Math.min(plans[0]?.byDay.length ?? 0, Math.ceil(Math.max(28, 1.5 * days, 1.3 * (day ?? 56)) / 7) * 7);

type Line = {title: string; points: {day: number; lift: number}[]; isFirst: boolean};

/**
 * Returns the smallest lift that can be seen by day, a line a metric named where it ends, the days the experiment may
 * take as a band; null where no day can show any.
 */
export function planChart(plans: Plan[], {question, day, width}: Drawn) {
  const {lift, days} = question;
  const last = daysDrawn(plans, {days, day});
  const lines = linesOf(plans, last);
  if (!lines.length) return null;
  const ends = lines.map(({title, points, isFirst}) => ({title, isFirst, value: points.at(-1)!.lift}));
  const top = topOf(lines, lift);
  const chart = Plot.plot({
    ...frame(width),
    height: tall,
    marginTop: 46,
    ariaLabel: `Smallest lift that can be seen by day: ${ends.map((end) => `${end.title} ${lifted(end.value)} after day ${last}`).join(", ")}`,
    x: {domain: [0, last], label: null},
    y: {domain: [0, top], label: null},
    marks: [
      band(Math.min(days, last), top),
      Plot.text([`${days} days`], {x: 0, y: top, dy: -9, dx: 2, textAnchor: "start", fill: muted}),
      Plot.text(["Smallest lift that can be seen"], {
        frameAnchor: "top-left",
        dx: -left,
        dy: -44,
        fill: muted
      }),
      Plot.axisY({
        ticks: 5,
        tickSize: 0,
        tickFormat: (x: number) => percent(x, top < 0.05 ? 1 : 0),
        fill: muted
      }),
      dayAxis(last),
      Plot.ruleY([lift], {stroke: "currentColor", strokeDasharray: "2,3"}),
      day === null ? null : Plot.ruleX([day], {y1: 0, y2: lift, strokeWidth: 1.25}),
      lines.toReversed().map(({points, isFirst}) =>
        Plot.lineY(points, {
          x: "day",
          y: "lift",
          clip: true,
          curve: "monotone-x",
          stroke: isFirst ? "currentColor" : muted,
          strokeWidth: isFirst ? 2.25 : 1.25
        })
      ),
      day === null ? null : answer(day, lift),
      named([{title: "Asked for", value: lift, isFirst: true}, ...ends], {last, top, width}),
      tips(lines)
    ]
  });
  return asImage(chart);
}

function linesOf(plans: Plan[], last: number): Line[] {
  return plans.flatMap(({baseline, byDay}, i) => {
    const points = byDay
      .slice(0, last)
      .flatMap((d) => (d.lift === null ? [] : [{day: d.day, lift: Math.abs(d.lift)}]));
    return points.length ? [{title: baseline.metric.title, points, isFirst: i === 0}] : [];
  });
}

// From the second week on all lines are in sight, and what is asked for; the first days may leave it.
function topOf(lines: Line[], lift: number): number {
  const most = Math.max(...lines.map(({points}) => points.at(-1)!.lift));
  const week = Math.max(...lines.map(({points}) => points[Math.min(6, points.length - 1)].lift));
  return Math.max(1.25 * lift, Math.min(1.1 * week, 3 * Math.max(most, lift)));
}

const band = (days: number, top: number) =>
  Plot.rect([0], {x1: 0, x2: days, y1: 0, y2: top, fill: "currentColor", fillOpacity: 0.06});

const answer = (day: number, lift: number) => [
  Plot.dot([{day, lift}], {x: "day", y: "lift", r: 5, fill: "currentColor", ...halo, strokeWidth: 2}),
  Plot.text([{day}], {
    x: "day",
    y: 0,
    text: () => dayWord(day),
    dx: 6,
    dy: -10,
    textAnchor: "start",
    fontWeight: 600,
    ...halo,
    fill: "currentColor"
  })
];

type End = {title: string; value: number; isFirst: boolean};

// What a line is stands where it ends, apart from the others.
function named(ends: End[], {last, top, width}: {last: number; top: number; width: number}) {
  const labels = ends.map((end) => {
    const text = `${end.title} ${percent(end.value, 1)}`;
    return {...end, lines: width < 560 ? brokenLines(text, 16) : [text]};
  });
  const tallest = Math.max(...labels.map(({lines}) => lines.length));
  return Plot.text(apart(labels, (top * (3 + 14 * tallest)) / (tall - 70)), {
    x: last,
    y: "at",
    dx: 8,
    textAnchor: "start",
    text: (d) => d.lines.join("\n"),
    fill: (d) => (d.isFirst ? "currentColor" : muted)
  });
}

function tips(lines: Line[]) {
  const at = ({title, points}: Line, day: number) =>
    `${title} ${percent(points.find((p) => p.day === day)?.lift ?? NaN, 1)}`;
  return Plot.tip(
    lines[0].points,
    Plot.pointerX({
      x: "day",
      y: "lift",
      title: ({day}: {day: number}) => [`Day ${day}`, ...lines.map((line) => at(line, day))].join("\n")
    })
  );
}

/** Returns the units exposed by day, as they came and then, dashed, as they are expected. */
export function trafficChart(
  {byDay, known}: Traffic,
  {day, last, width}: {day: number | null; last: number; width: number}
) {
  const points = byDay.slice(0, last).map((units, i) => ({day: i + 1, units}));
  const seam = Math.min(known, points.length);
  const line = {x: "day", y: "units", strokeWidth: 1.5, clip: true} as const;
  const here = points.filter((d) => d.day === day);
  const chart = Plot.plot({
    ...frame(width),
    height: 150,
    marginTop: 28,
    ariaLabel: `Units exposed by day: ${points.length ? count(Math.round(points.at(-1)!.units)) : "none"} by day ${points.length}`,
    x: {domain: [0, last], label: null},
    y: {domain: [0, 1.08 * (points.at(-1)?.units ?? 1)], label: null},
    marks: [
      Plot.text(["Units exposed so far, each counted once"], {
        frameAnchor: "top-left",
        dx: -left,
        dy: -26,
        fill: muted
      }),
      Plot.axisY({ticks: 3, tickSize: 0, tickFormat: count, fill: muted}),
      dayAxis(last),
      Plot.lineY(points.slice(0, seam), line),
      Plot.lineY(points.slice(Math.max(0, seam - 1)), {...line, stroke: muted, strokeDasharray: "3,3"}),
      Plot.ruleX(here, {x: "day", y1: 0, y2: "units", strokeWidth: 1.25}),
      Plot.dot(here, {x: "day", y: "units", r: 4.5, fill: "currentColor", ...halo, strokeWidth: 2}),
      Plot.text(here, {
        x: "day",
        y: "units",
        text: (d) => count(Math.round(d.units)),
        dx: -8,
        dy: -8,
        textAnchor: "end",
        fontWeight: 600,
        ...halo,
        fill: "currentColor"
      }),
      seam < points.length
        ? Plot.text(points.slice(-1), {
            x: "day",
            y: "units",
            text: () => (seam ? `expected after day ${seam}` : "expected"),
            dx: 8,
            textAnchor: "start",
            fill: muted
          })
        : null
    ]
  });
  return asImage(chart);
}

const frame = (width: number) => ({
  width: Math.min(width, 860),
  marginLeft: left,
  marginRight: width < 560 ? 132 : 190,
  marginBottom: 24
});

const dayWord = (day: number) => `${count(day)} ${day === 1 ? "day" : "days"}`;

const dayAxis = (last: number) =>
  Plot.axisX({
    ticks: Array.from({length: Math.floor(last / 7)}, (_, i) => 7 * (i + 1)).filter(
      (day) => day % (last > 84 ? 28 : last > 42 ? 14 : 7) === 0
    ),
    tickFormat: (day: number) => String(day),
    tickSize: 4,
    fill: muted
  });
