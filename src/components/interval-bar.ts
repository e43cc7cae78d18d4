import type {Estimate, Verdict} from "../stats/types.js";
import {lift, percent} from "../stats/format.js";
import {svg} from "./notebook.js";

/** Both ends of the scale that intervals share; zero lies between them. */
export type Domain = [low: number, high: number];
type Interval = Pick<Estimate, "value" | "low" | "high">;

/** Returns one confidence interval on a shared scale; as wide as its cell, ends beyond the scale as arrows, what it is held against as a dotted line. */
export function intervalBar(
  {value, low, high}: Interval,
  options: {domain: Domain; verdict: Verdict; label: string; reference?: number | null}
) {
  const {domain, verdict, label, reference = null} = options;
  const at = position(domain);
  const isOpen = {low: low === null || low < domain[0], high: high === null || high > domain[1]};
  const dot = value !== null && Number.isFinite(value) ? svg`<circle cx=${at(value)} cy="50%" r="4"/>` : null;
  return svg`<svg class=${`interval ${verdict}`} role="img" aria-label=${label}>
    <line class="zero" x1=${at(0)} x2=${at(0)} y1="0" y2="100%"/>
    ${reference === null ? null : svg`<line class="reference" x1=${at(reference)} x2=${at(reference)} y1="0" y2="100%"/>`}
    <line class="range" x1=${at(low ?? -Infinity)} x2=${at(high ?? Infinity)} y1="50%" y2="50%"/>
    ${isOpen.low ? arrow("0%", -1) : null}${isOpen.high ? arrow("100%", 1) : null}${dot}
  </svg>`;
}

/** Returns the labels of a shared scale, drawn once above its intervals. */
export function intervalAxis(domain: Domain) {
  const at = position(domain);
  const ticks = ticksOf(domain);
  const digits = ticks.every((d) => Math.abs(d * 100 - Math.round(d * 100)) < 1e-6) ? 0 : 1;
  const kind = kindsOf(ticks);
  return svg`<svg class="axis" aria-hidden="true">${ticks.map((d) => tick(at(d), d === 0 ? "0" : lift(d, digits), kind(d)))}</svg>`;
}

// The narrower the scale, the fewer labels have room: every second of many, and at last zero and the one farthest from it.
function kindsOf(ticks: number[]) {
  const zero = ticks.indexOf(0);
  const major = ticks.filter((_, i) => ticks.length < 4 || (i - zero) % 2 === 0);
  const farthest = major.reduce((far, d) => (Math.abs(d) >= Math.abs(far) ? d : far), 0);
  return (d: number) =>
    major.includes(d) ? (d === 0 ? "zero" : d === farthest ? "far" : "middle") : "minor";
}

// A label near an end leans inwards, away from the neighbouring columns; on a narrow scale from zero and the end alike.
function tick(x: string, label: string, kind: string) {
  const share = parseFloat(x) / 100;
  const lean = Math.max(-8, Math.min(8, ((share > 0.5 ? 0.84 : 0.16) - share) * 100));
  const anchor = parseFloat(x) < 8 ? "start" : parseFloat(x) > 92 ? "end" : "middle";
  const shift = {start: -6, middle: 0, end: 6}[anchor];
  return svg`<g class=${kind}><text style=${`--lean: ${lean.toFixed(1)}px`} x=${x} dx=${shift} y="12" text-anchor=${anchor}>${label}</text>
    <line x1=${x} x2=${x} y1="17" y2="21"></line></g>`;
}

/** Returns the sentence a screen reader says of an interval. */
export function describeInterval({value, low, high}: Interval, name: string, confidence: number): string {
  return `${name} ${lift(value)}, ${percent(confidence)} interval ${lift(low)} to ${lift(high)}`;
}

/** Returns a scale that holds the intervals and zero; a few far wider than the others run off it. */
export function domainOf(intervals: Interval[]): Domain {
  const ends = intervals
    .flatMap(({low, high}) => [low, high])
    .filter((d) => d !== null && Number.isFinite(d));
  const finite = ends as number[];
  const reach = intervals
    .map(reachOf)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  if (!reach.length || reach.at(-1) === 0) return [-0.1, 0.1];
  const limit = Math.min(reach.at(-1)!, 4 * reach[Math.floor(reach.length / 2)] || Infinity);
  const low = Math.max(-limit, Math.min(0, ...finite));
  const high = Math.min(limit, Math.max(0, ...finite));
  const room = 0.15 * (high - low);
  return [Math.min(low, -room) - room / 3, Math.max(high, room) + room / 3];
}

// The farther of the ends there are: a one-sided interval has one.
const reachOf = ({low, high}: Interval) =>
  Math.max(...[low, high].filter((d) => d !== null && Number.isFinite(d)).map((d) => Math.abs(d!)));

function position([low, high]: Domain) {
  return (x: number) => `${Math.min(100, Math.max(0, (100 * (x - low)) / (high - low))).toFixed(2)}%`;
}

// A nested svg, since a path cannot be placed in percent.
const arrow = (x: string, direction: 1 | -1) =>
  svg`<svg x=${x} y="50%"><path d=${`M${-5 * direction},-4.5L0,0L${-5 * direction},4.5`}></path></svg>`;

function ticksOf([low, high]: Domain): number[] {
  const step = niceStep((high - low) / 4);
  const first = Math.ceil(low / step);
  const last = Math.floor(high / step);
  return Array.from({length: last - first + 1}, (_, i) => (first + i) * step);
}

// 1, 2 or 5 times a power of ten, not much below the step wished for.
function niceStep(wished: number): number {
  const power = 10 ** Math.floor(Math.log10(wished));
  return power * ([1, 2, 5].find((d) => d * power >= wished * 0.85) ?? 10);
}
