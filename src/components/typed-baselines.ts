// Metrics and traffic that nobody measured yet, as somebody types them in.

import {changeAddress, keepInAddress} from "./address.js";
import type {MetricType} from "../stats/types.js";
import {html} from "./notebook.js";
import {longest, type Baseline, type Traffic} from "../stats/planning.js";

/** What can be told of by typing it. */
type TypedType = Exclude<MetricType, "quantile">;

/**
 * One metric as typed: value is its share or mean (of a ratio, the numerator's); deviations are of single units;
 * explained is the share of variance that the time before exposure takes away.
 */
export type Typed = {
  name: string;
  type: TypedType;
  value: number;
  deviation: number;
  below: number;
  belowDeviation: number;
  correlation: number;
  explained: number;
};

/** unitsInFourWeeks counts returning ones once; null: all of them are new. */
export type TypedBaselines = {metrics: Typed[]; unitsADay: number; unitsInFourWeeks: number | null};

const first: Typed = {
  name: "Conversion",
  type: "proportion",
  value: 0.1,
  deviation: 1,
  below: 1,
  belowDeviation: 1,
  correlation: 0,
  explained: 0
};

// What a variance is taken from is so long ago that its own error is none.
const manyUnits = 1e6;

/** Returns what typed metrics are to a plan; one whose numbers cannot be is left to the plan to refuse. */
export const typedBaselines = (metrics: Typed[]): Baseline[] =>
  metrics.map((typed, i) => ({
    metric: infoOf(typed, i),
    moments: momentsOf(typed),
    explained: typed.type !== "ratio" && typed.explained > 0 ? Math.min(0.99, typed.explained) : null
  }));

function momentsOf({type, value, deviation, below, belowDeviation, correlation}: Typed): Baseline["moments"] {
  const n = manyUnits;
  if (type === "proportion") return {n, means: [value], covariance: [[(value * (1 - value) * n) / (n - 1)]]};
  if (type === "mean") return {n, means: [value], covariance: [[deviation ** 2]]};
  const covariance = correlation * deviation * belowDeviation;
  return {
    n,
    means: [value, below],
    covariance: [
      [deviation ** 2, covariance],
      [covariance, belowDeviation ** 2]
    ]
  };
}

function infoOf({name, type}: Typed, i: number): Baseline["metric"] {
  const unknown = {description: null, owner: null, tags: [], goal: null, format: {}, denominator: null};
  const role = i === 0 ? "primary" : "secondary";
  return {
    alias: `typed_${i + 1}`,
    title: name || `Metric ${i + 1}`,
    type,
    group: "",
    numerator: "",
    role,
    ...unknown
  };
}

/**
 * Returns the running count of different units: a straight line where all are new, else the power of the days that
 * goes through the first day and the fourth week.
 */
export function typedTraffic({unitsADay, unitsInFourWeeks}: TypedBaselines): Traffic {
  const reached = Math.min(Math.max(unitsInFourWeeks ?? Infinity, unitsADay), 28 * unitsADay);
  const bend = Math.log(reached / unitsADay) / Math.log(28);
  return {byDay: Array.from({length: longest}, (_, i) => unitsADay * (i + 1) ** bend), known: 0};
}

const types: Record<TypedType, string> = {proportion: "share of units", mean: "mean", ratio: "ratio"};
const keys = ["value", "deviation", "below", "belowDeviation", "correlation", "explained"] as const;

/** Returns what an address says was typed. */
export function typedIn(search: string): TypedBaselines {
  const asked = new URLSearchParams(search);
  const metrics = asked.getAll("typed").flatMap((text): Typed[] => {
    const [name, type, ...numbers] = text.split("|");
    if (!(type in types) || !numbers.every((x) => Number.isFinite(Number(x)))) return [];
    const values = Object.fromEntries(keys.map((key, i) => [key, Number(numbers[i] ?? first[key])])) as Pick<
      Typed,
      (typeof keys)[number]
    >;
    return [{name, type: type as TypedType, ...values}];
  });
  const positive = (name: string, usual: number | null) => {
    const value = Number(asked.get(name));
    return value > 0 ? value : usual;
  };
  return {
    metrics: metrics.length ? metrics : [first],
    unitsADay: positive("units", 1000)!,
    unitsInFourWeeks: positive("month", null)
  };
}

/** Writes what was typed into the address. */
export function keepTyped({metrics, unitsADay, unitsInFourWeeks}: TypedBaselines): void {
  changeAddress((params) => {
    params.delete("typed");
    for (const typed of metrics)
      params.append(
        "typed",
        [typed.name.replaceAll("|", " "), typed.type, ...keys.map((key) => typed[key])].join("|")
      );
  });
  keepInAddress({units: unitsADay, month: unitsInFourWeeks || null});
}

/** Returns the form of typed metrics, one a row, and the units a day. */
export function typedForm({metrics, unitsADay, unitsInFourWeeks}: TypedBaselines) {
  const body = html`<tbody></tbody>` as HTMLTableSectionElement;
  for (const typed of metrics) body.append(row(typed));
  const number = (name: string, value: number | null) =>
    html`<input type="number" name=${name} min="1" step="any" value=${value} />` as HTMLInputElement;
  const [units, month] = [number("units", unitsADay), number("month", unitsInFourWeeks)];
  const more = html`<button type="button" class="action">Another metric</button>` as HTMLButtonElement;
  const form = html`<form class="typed" aria-label="What is known">
    <div class="scroll" tabindex="0" role="region" aria-label="Metrics typed in">
      <table>
        <thead>
          <tr>
            ${["Metric", "Type", "Share or mean", "Std. deviation", "Denominator’s mean", "Its deviation", "Correlation", "Explained before"].map((head) => html`<th scope="col">${head}</th>`)}
          </tr>
        </thead>
        ${body}
      </table>
    </div>
    <p>
      ${more} <label>Units a day ${units}</label>
      <label>Different units in 28 days ${month} <small>empty: every day’s are new</small></label>
    </p>
  </form>` as HTMLFormElement;
  more.onclick = () => {
    body.append(row({...first, name: `Metric ${body.rows.length + 1}`}));
    form.dispatchEvent(new Event("input", {bubbles: true}));
  };
  form.onsubmit = (event) => event.preventDefault();
  const read = (): TypedBaselines => ({
    metrics: [...body.rows].map(typedOf),
    unitsADay: Math.max(1, Number(units.value)),
    unitsInFourWeeks: Number(month.value) || null
  });
  return Object.defineProperty(form, "value", {get: read});
}

function row(typed: Typed) {
  const type = html`<select aria-label="Type">
    ${Object.entries(types).map(([key, label]) => html`<option value=${key} selected=${key === typed.type || null}>${label}</option>`)}
  </select>` as HTMLSelectElement;
  const labels = [
    "Share or mean",
    "Standard deviation",
    "Mean of the denominator",
    "Deviation of the denominator",
    "Correlation",
    "Share of variance explained before"
  ];
  const numbers = keys.map(
    (key, i) =>
      html`<input
        type="number"
        name=${`its-${key}`}
        step="any"
        aria-label=${labels[i]}
        value=${typed[key]}
      />` as HTMLInputElement
  );
  const offer = () => {
    const used = {proportion: [0, 5], mean: [0, 1, 5], ratio: [0, 1, 2, 3, 4]}[type.value as TypedType];
    numbers.forEach((input, i) => (input.disabled = !used.includes(i)));
  };
  type.onchange = offer;
  offer();
  return html`<tr>
    <td><input type="text" name="its-name" aria-label="Name" autocomplete="off" value=${typed.name} /></td>
    <td>${type}</td>
    ${numbers.map((input) => html`<td>${input}</td>`)}
  </tr>`;
}

function typedOf(row: HTMLTableRowElement): Typed {
  const values = Object.fromEntries(
    keys.map((key) => [key, Number(row.querySelector<HTMLInputElement>(`[name="its-${key}"]`)!.value)])
  ) as Pick<Typed, (typeof keys)[number]>;
  return {
    name: row.querySelector<HTMLInputElement>('[name="its-name"]')!.value.trim(),
    type: row.querySelector("select")!.value as TypedType,
    ...values
  };
}
