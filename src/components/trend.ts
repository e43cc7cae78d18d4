import type {ResultsView} from "../../lib/view-types.js";
import type {Domain} from "./interval-bar.js";
import {svg} from "./notebook.js";
import {effectsByDay, type DailyEffect} from "./over-time.js";

/** Returns what draws the days of a metric of a view, null of one that is not followed; undefined where none is. */
export function trendsOf(view: ResultsView, options: Parameters<typeof effectsByDay>[2]) {
  if (!view.series.length) return undefined;
  const asked = {...options, treatments: [options.treatment]};
  return (alias: string, domain: Domain) => {
    const effects = effectsByDay(view, alias, asked);
    return effects.length > 1 ? trendLine(effects, domain) : null;
  };
}

const [width, height] = [72, 28];

/** Returns a lift day by day in the space of a word: its line inside its band, on the scale of the intervals beside it. */
function trendLine(effects: DailyEffect[], [low, high]: Domain) {
  const x = (i: number) => (effects.length > 1 ? (width * i) / (effects.length - 1) : width / 2);
  const y = (value: number) => height * (1 - (Math.min(high, Math.max(low, value)) - low) / (high - low));
  const path = (values: number[]) => values.map((value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`);
  const ends = [...path(effects.map((d) => d.high)), ...path(effects.map((d) => d.low)).reverse()];
  return svg`<svg class="trend" width=${width} height=${height} aria-hidden="true">
    <polygon points=${ends.join(" ")}></polygon>
    <line x1="0" x2=${width} y1=${y(0)} y2=${y(0)}></line>
    <polyline points=${path(effects.map((d) => d.value)).join(" ")}></polyline>
  </svg>`;
}
