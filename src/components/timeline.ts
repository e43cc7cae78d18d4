import type {ExperimentRow} from "./experiment-rows.js";
import {asImage} from "./as-image.js";
import {date, span} from "../stats/format.js";
import {Plot} from "./notebook.js";
import {worded} from "./verdict.js";

type Bar = {id: string; name: string; start: Date; end: Date; ending: string; colour: string};

/** Returns the experiments that start last, at most so many. */
export const latest = (rows: ExperimentRow[], most: number): ExperimentRow[] =>
  rows
    .filter(({card}) => card.experiment.start && card.experiment.end)
    .sort((a, b) => b.card.experiment.start!.localeCompare(a.card.experiment.start!))
    .slice(0, most);

/** Returns every experiment with both dates as a bar of days, the earliest first; null where none has them. */
export function timeline(rows: ExperimentRow[], {today, width}: {today: Date; width: number}) {
  const bars = rows.flatMap(barOf).sort((a, b) => +a.start - +b.start);
  if (!bars.length) return null;
  const isNarrow = width < 560;
  const [rowHeight, left, right] = isNarrow ? [42, 0, 4] : [27, 200, 92];
  const inset = isNarrow ? {insetTop: 24, insetBottom: 5} : {insetTop: 7, insetBottom: 7};
  const isToday = today >= extent(bars)[0] && today <= extent(bars)[1];
  const chart = Plot.plot({
    width: Math.min(width, 900),
    height: bars.length * rowHeight + 46,
    marginLeft: left + 1,
    marginRight: right,
    marginTop: 22,
    marginBottom: 24,
    ariaLabel: `Timeline of ${bars.length} experiments; today is ${date(today)}`,
    style: "overflow: visible",
    x: {type: "utc", label: null, domain: extent(bars)},
    y: {domain: bars.map((d) => d.id), axis: null, padding: 0},
    marks: [
      Plot.gridX({ticks: "month", stroke: "var(--theme-foreground-faintest)", strokeOpacity: 1}),
      Plot.axisX({
        ticks: "month",
        tickFormat: "%b",
        tickSize: 0,
        textAnchor: "start",
        dx: 3,
        fill: "var(--theme-foreground-muted)"
      }),
      isToday ? Plot.ruleX([today], {insetTop: -6, strokeWidth: 1.25}) : null,
      isToday
        ? Plot.text([today], {x: today, text: () => "today", frameAnchor: "top", dy: -20, fontWeight: 600})
        : null,
      Plot.barX(bars, {
        y: "id",
        x1: "start",
        x2: "end",
        ...inset,
        fill: "var(--theme-background)",
        stroke: "var(--theme-foreground-fainter)"
      }),
      Plot.barX(bars, {
        y: "id",
        x1: "start",
        x2: passed(today),
        ...inset,
        fill: "currentColor",
        fillOpacity: 0.22
      }),
      isNarrow ? captions(bars) : labels(bars, left)
    ]
  });
  return asImage(chart);
}

function barOf({card: {experiment}, findings, status}: ExperimentRow): Bar[] {
  const {id, name, start, end} = experiment;
  if (!start || !end) return [];
  const verdicts = [...new Set(findings.flatMap(({verdict}) => verdict ?? []))];
  const ending = verdicts.map(worded).join(", ") || status;
  const colour = `var(--${verdicts.length === 1 ? verdicts[0] : "unclear"})`;
  const shared = {id: String(id), name, ending, colour};
  return [{...shared, start: new Date(start), end: new Date(end)}];
}

const extent = (bars: Bar[]): [Date, Date] => [
  new Date(Math.min(...bars.map((d) => +d.start))),
  new Date(Math.max(...bars.map((d) => +d.end)))
];

const passed = (today: Date) => (d: Bar) => Math.max(+d.start, Math.min(+d.end, +today));

const coloured = {fill: (d: Bar) => d.colour, stroke: "var(--theme-background)", strokeWidth: 5};

function labels(bars: Bar[], left: number) {
  return [
    Plot.text(bars, {
      y: "id",
      text: (d: Bar) => shortened(d.name, 28),
      frameAnchor: "left",
      dx: -left - 1,
      textAnchor: "start"
    }),
    Plot.text(bars, {y: "id", x: "end", dx: 7, textAnchor: "start", text: "ending", ...coloured}),
    Plot.tip(
      bars,
      Plot.pointer({y: "id", x: middle, title: (d: Bar) => `${d.name}\n${span(d.start, d.end)}`})
    )
  ];
}

function captions(bars: Bar[]) {
  return [
    Plot.text(bars, {
      y: "id",
      text: (d: Bar) => shortened(d.name, 32),
      frameAnchor: "left",
      dy: -8,
      textAnchor: "start",
      stroke: "var(--theme-background)",
      strokeWidth: 4,
      fill: "currentColor"
    }),
    Plot.text(bars, {y: "id", text: "ending", frameAnchor: "right", dy: -8, textAnchor: "end", ...coloured})
  ];
}

const middle = (d: Bar) => new Date((+d.start + +d.end) / 2);

const shortened = (text: string, length: number) =>
  text.length > length ? `${text.slice(0, length - 1).trimEnd()}…` : text;
