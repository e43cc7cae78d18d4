import type {ResultsView} from "../../lib/view-types.js";
import {estimateOf, findingsOf, type FindingOptions, type Scale} from "../stats/analysis.js";
import {asImage} from "./as-image.js";
import {date, percent} from "../stats/format.js";
import {Plot} from "./notebook.js";

/** What was known of one metric at the end of a day. */
export type DailyEffect = {day: Date; value: number; low: number; high: number};

/** Returns the lift of one metric at the end of each day, over all units until then; days without an interval are left out. */
export function effectsByDay(
  {metrics, series}: Pick<ResultsView, "metrics" | "series">,
  alias: string,
  options: FindingOptions & {treatment: string}
): DailyEffect[] {
  const metric = metrics.find((each) => each.metric.alias === alias);
  const own = series.filter((row) => row.metric === alias);
  const days = [...new Set(own.map(({day}) => day))].sort();
  const scale: Scale = "relative";
  return days.flatMap((day) => {
    const arms = own
      .filter((row) => row.day === day)
      .map(({variant, moments}) => ({variant, moments: moments.n > 1 ? moments : null, reason: null}));
    if (!metric) return [];
    const [row] = findingsOf([{...metric, arms}], {...options, correction: null, scale});
    const effect = row[options.treatments.indexOf(options.treatment)].effect;
    const {value, low, high} = effect ? estimateOf(effect, scale) : {value: null, low: null, high: null};
    return [value, low, high].every((x) => x !== null && Number.isFinite(x))
      ? [{day: new Date(day), value: value!, low: low!, high: high!}]
      : [];
  });
}

type ChartOptions = {title: string; width: number; isCumulative?: boolean};

/** Returns the chart of a lift over time: its line inside the narrowing band of its interval; of days by themselves, an interval each. */
export function effectOverTime(effects: DailyEffect[], {title, width, isCumulative = true}: ChartOptions) {
  const last = effects.at(-1)!;
  const settled = effects.length > 6 ? effects.slice(3) : effects;
  const reach = Math.max(...settled.flatMap(({low, high}) => [Math.abs(low), Math.abs(high)])) * 1.05;
  const chart = Plot.plot({
    width: Math.min(width, 640),
    height: 220,
    marginLeft: 54,
    marginRight: 60,
    marginTop: 12,
    marginBottom: 28,
    ariaLabel: `Lift of ${title} by day${isCumulative ? "" : " of first exposure"}; it ends at ${percent(last.value, 1)}, between ${percent(last.low, 1)} and ${percent(last.high, 1)}`,
    x: {type: "utc", label: null, insetLeft: 6, insetRight: 6},
    y: {domain: [-reach, reach], label: null, ticks: 4, tickFormat: (x: number) => percent(x, 0)},
    marks: [
      isCumulative
        ? Plot.areaY(effects, {...band, fill: "var(--effect, #0f7f97)", fillOpacity: 0.16})
        : Plot.ruleX(effects, {
            ...band,
            stroke: "var(--effect, #0f7f97)",
            strokeOpacity: 0.35,
            strokeWidth: 4
          }),
      Plot.ruleY([0], {strokeOpacity: 0.5}),
      Plot.axisX({ticks: ticksOf(effects, width), tickSize: 4, tickFormat: date, label: null}),
      isCumulative ? Plot.lineY(effects, {x: "day", y: "value", strokeWidth: 1.5, clip: true}) : null,
      Plot.dot(effects, {x: "day", y: "value", r: isCumulative ? 2 : 3, fill: "currentColor", clip: true}),
      Plot.text([last], {
        x: "day",
        y: "value",
        text: () => percent(last.value, 1),
        textAnchor: "start",
        dx: 10,
        fontWeight: 600
      }),
      Plot.tip(effects, Plot.pointerX({x: "day", y: "value", title: sentence(isCumulative ? "until" : "on")}))
    ]
  });
  return asImage(chart);
}

const band = {x: "day", y1: "low", y2: "high", clip: true};

const sentence =
  (when: string) =>
  ({day, value, low, high}: DailyEffect) =>
    `${when} ${date(day)}: ${percent(value, 1)}\n${percent(low, 1)} to ${percent(high, 1)}`;

function ticksOf(effects: DailyEffect[], width: number): Date[] {
  const step = Math.max(1, Math.ceil(effects.length / (width < 480 ? 3 : 6)));
  return effects.filter((_, i) => i % step === 0).map(({day}) => day);
}
