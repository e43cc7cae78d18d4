// A question to the cached units: what the cells that a page has cannot answer.

import type {MetricMoments} from "../../lib/view-types.js";
import {percent} from "../stats/format.js";
import {html} from "./notebook.js";

/** where: a condition on dimensions, "" keeps every unit; by: a dimension or "day"; null asks for every metric, or for none. */
export type UnitsQuestion = {
  where: string;
  by: string | null;
  metric: string | null;
  cap: number | "none" | null;
};

const names = ["units-where", "units-by", "units-metric", "units-cap"] as const;

/** Returns the question to the units that an address asks; null where it asks none. */
export function unitsQuestionIn(search: string): UnitsQuestion | null {
  const asked = new URLSearchParams(search);
  const [where, by, metric, cap] = names.map((name) => asked.get(name));
  return where === null ? null : {where, by, metric, cap: capOf(cap)};
}

const capOf = (text: string | null) => (text === "none" ? text : text && Number(text) ? Number(text) : null);

/** Returns what an address says of a question to the units, to be kept in it; null takes each out. */
export function unitsAddress(question: UnitsQuestion | null): Record<string, string | number | null> {
  const {where, by, metric, cap} = question ?? {where: null, by: null, metric: null, cap: null};
  const values = [where, by, metric, cap];
  return Object.fromEntries(names.map((name, i) => [name, values[i]]));
}

const caps = ["none", 0.999, 0.99, 0.95, 0.9] as const;
const capNames = (cap: number | "none") =>
  cap === "none" ? "no cap" : `at ${percent(cap, cap > 0.99 ? 1 : 0)}`;

type Asked = {dimensions: string[]; metrics: MetricMoments[]; question: UnitsQuestion | null};

/** Returns a folded form; its value is the question once it is asked, null before and after it is cleared. */
export function unitsForm({dimensions, metrics, question}: Asked) {
  let value = question;
  const option = (key: string | number, label: string, chosen: unknown) =>
    html`<option value=${key} selected=${String(key) === String(chosen ?? "") || null}>${label}</option>`;
  const where = html`<input
    type="text"
    name="where"
    spellcheck="false"
    autocomplete="off"
    maxlength="2000"
    placeholder=${`${dimensions[0] ?? "exposed_at"} = '…'`}
  />` as HTMLInputElement;
  where.value = question?.where ?? "";
  const form = html`<form class="fields" aria-label="Ask the units">
    <label class="prose"
      ><span>Only units where</span>${where}
      <small
        >A condition on ${[...dimensions, "exposed_at"].join(", ")}; empty asks all of them.</small
      ></label
    >
    <label
      ><span>Each</span
      ><select name="by">
        ${option("", "all together", question?.by)}${[...dimensions, "day"].map((name) => option(name, `by ${name}`, question?.by))}
      </select></label
    >
    <label
      ><span>Metrics</span
      ><select name="metric">
        ${option("", "all", question?.metric)}${metrics.map(({metric}) => option(metric.alias, metric.title, question?.metric))}
      </select></label
    >
    <label
      ><span>Values capped</span
      ><select name="cap">
        ${option("", "as each metric says", question?.cap)}${caps.map((cap) => option(cap, capNames(cap), question?.cap))}
      </select></label
    >
    <div><button class="action">Ask</button> <button type="button" class="action">Clear</button></div>
  </form>` as HTMLFormElement;
  const details = html`<details class="more units" open=${question ? true : null}>
    <summary>Ask the units</summary>
    ${form}
  </details>`;
  const told = (next: UnitsQuestion | null) => {
    value = next;
    details.dispatchEvent(new Event("input"));
  };
  // What is typed asks nothing yet.
  form.oninput = (event) => event.stopPropagation();
  form.onsubmit = (event) => {
    event.preventDefault();
    const [asked, by, metric, cap] = ["where", "by", "metric", "cap"].map((name) =>
      String(new FormData(form).get(name))
    );
    told({where: asked.trim(), by: by || null, metric: metric || null, cap: capOf(cap)});
  };
  form.querySelector<HTMLButtonElement>("button[type=button]")!.onclick = () => told(null);
  return Object.defineProperty(details, "value", {get: () => value});
}
