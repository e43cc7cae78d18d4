import type {EditedExperiment} from "../../lib/view-types.js";
import {asImage} from "./as-image.js";
import {span} from "../stats/format.js";
import {Plot} from "./notebook.js";

type Window = {id: number; name: string; start: Date; end: Date};

/** Returns when each observation counts units (solid) and events (outlined), on one time axis; null where none says. */
export function windowChart(
  {observations}: Pick<EditedExperiment, "observations">,
  {width}: {width: number}
) {
  const exposure = observations.flatMap(windowOf("exposure_start_datetime", "exposure_end_datetime"));
  const events = observations.flatMap(windowOf("calc_start_datetime", "calc_end_datetime"));
  const all = [...exposure, ...events];
  if (!all.length) return null;
  const names = new Map(observations.map(({id, fields}) => [id, String(fields.name)]));
  const title = (what: string) => (d: Window) => `${d.name}: ${what} ${span(d.start, d.end)}`;
  const shape = {y: "id", x1: "start", x2: "end"} as const;
  const chart = Plot.plot({
    width: Math.min(width, 760),
    height: names.size * 40 + 44,
    marginLeft: 8,
    marginTop: 8,
    ariaLabel: `Windows of ${names.size} observations: ${all.map(({name, start, end}) => `${name} ${span(start, end)}`).join("; ")}`,
    x: {type: "utc", label: null},
    y: {domain: [...names.keys()], axis: null, padding: 0},
    marks: [
      Plot.axisX({ticks: width < 480 ? 4 : 8, tickSize: 4, label: null}),
      Plot.barX(exposure, {
        ...shape,
        insetTop: 23,
        insetBottom: 8,
        fill: "currentColor",
        fillOpacity: 0.25,
        title: title("units")
      }),
      Plot.barX(events, {
        ...shape,
        insetTop: 20,
        insetBottom: 5,
        fill: "none",
        stroke: "currentColor",
        strokeOpacity: 0.55,
        title: title("events")
      }),
      Plot.text([...names.keys()], {
        y: (id: number) => id,
        text: (id: number) => names.get(id),
        frameAnchor: "left",
        dy: -9,
        textAnchor: "start",
        fill: "currentColor",
        stroke: "var(--theme-background)"
      })
    ]
  });
  return asImage(chart);
}

const windowOf =
  (from: string, until: string) =>
  ({id, fields}: EditedExperiment["observations"][number]): Window[] => {
    const [start, end] = [from, until].map((name) => new Date(withZone(fields[name])));
    return [start, end].some((d) => Number.isNaN(+d)) ? [] : [{id, name: String(fields.name), start, end}];
  };

// A day stands for its midnight in UTC; a time without a zone would be taken for the reader's own.
const withZone = (written: unknown) => {
  const text = String(written ?? "none");
  return /^\d{4}-\d\d-\d\d$/.test(text) || /Z$/.test(text) ? text : `${text.replace(" ", "T")}Z`;
};
