import type {ResultsView} from "../../lib/view-types.js";
import {asImage} from "./as-image.js";
import {count, date, percent} from "../stats/format.js";
import {Plot} from "./notebook.js";

/** The cumulative share of one variant among two at the end of a day, the planned one, and the range of fair splits. */
export type DailyShare = {day: Date; n: number; share: number; planned: number; low: number; high: number};
type Pair = {control: string; treatment: string; allocation: number};

// Two-sided normal quantile of 99.9%, the test the page applies to the final split.
const z = 3.29;

/** Returns treatment's cumulative share of the units of both arms, day by day, with the band of fair splits. */
export function sharesByDay(
  exposures: ResultsView["exposures"],
  {
    control,
    treatment,
    allocation
  }: Omit<Pair, "allocation"> & {allocation: number | ((day: string) => number)}
): DailyShare[] {
  const plannedOn = typeof allocation === "number" ? () => allocation : allocation;
  const days = [...new Set(exposures.map((d) => d.day))].filter(Boolean).sort();
  const seen = {control: 0, treatment: 0, planned: 0, noise: 0};
  return days.flatMap((day) => {
    const of = (variant: string) =>
      exposures.reduce((sum, d) => (d.day === day && d.variant === variant ? sum + d.units : sum), 0);
    const [own, share] = [{control: of(control), treatment: of(treatment)}, plannedOn(day)];
    seen.control += own.control;
    seen.treatment += own.treatment;
    seen.planned += (own.control + own.treatment) * share;
    seen.noise += (own.control + own.treatment) * share * (1 - share);
    const n = seen.control + seen.treatment;
    if (!n) return [];
    const [planned, half] = [seen.planned / n, (z * Math.sqrt(seen.noise)) / n];
    const band = {planned, low: planned - half, high: planned + half};
    return [{day: new Date(day), n, share: seen.treatment / n, ...band}];
  });
}

/** Returns the funnel: the share day by day inside the narrowing band of fair splits. */
export function exposureFunnel(
  shares: DailyShare[],
  {treatment, allocation, width}: Omit<Pair, "control"> & {width: number}
) {
  const last = shares.at(-1)!;
  const isFair = last.low <= last.share && last.share <= last.high;
  const chart = Plot.plot({
    width: Math.min(width, 640),
    height: 190,
    marginLeft: 20,
    marginRight: 54,
    marginTop: 12,
    marginBottom: 28,
    ariaLabel: `Share of units in ${treatment} by day; it ends at ${percent(last.share, 1)}, ${isFair ? "inside" : "outside"} the range of a fair split`,
    x: {type: "utc", label: null, insetLeft: 6, insetRight: 6},
    y: {axis: null, domain: heightOf(shares, allocation)},
    marks: [
      Plot.areaY(shares, {
        x: "day",
        y1: "low",
        y2: "high",
        fill: "currentColor",
        fillOpacity: 0.09,
        clip: true
      }),
      Plot.lineY(shares, {x: "day", y: "planned", strokeDasharray: "2,3", strokeOpacity: 0.5, clip: true}),
      Plot.axisX({ticks: ticksOf(shares, width), tickSize: 4, tickFormat: date, label: null}),
      Plot.lineY(shares, {x: "day", y: "share", strokeWidth: 1.5, clip: true}),
      Plot.dot(shares, {x: "day", y: "share", r: 2, fill: "currentColor", clip: true}),
      Plot.text([last], {
        x: "day",
        y: "share",
        text: () => percent(last.share, 1),
        textAnchor: "start",
        dx: 10,
        fontWeight: 600
      }),
      Plot.tip(shares, Plot.pointerX({x: "day", y: "share", title: sentence(treatment)}))
    ]
  });
  return asImage(chart);
}

const sentence = (treatment: string) => (d: DailyShare) =>
  `until ${date(d.day)}: ${count(d.n)} units\n${percent(d.share, 2)} in ${treatment}`;

// High enough for the line from the second day on; the first days' band may run out of the frame.
function heightOf(shares: DailyShare[], allocation: number): [number, number] {
  const settled = shares.length > 3 ? shares.slice(1) : shares;
  const reach = settled.flatMap((d) => [d.share, d.low, d.high]).map((d) => Math.abs(d - allocation));
  const half = Math.max(0.005, ...reach) * 1.05;
  return [allocation - half, allocation + half];
}

function ticksOf(shares: DailyShare[], width: number): Date[] {
  const step = Math.max(1, Math.ceil(shares.length / (width < 480 ? 3 : 6)));
  return shares.filter((_, i) => i % step === 0).map((d) => d.day);
}
