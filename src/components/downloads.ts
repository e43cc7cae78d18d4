// What a page shows, as files: numbers as CSV or JSON, charts as SVG or PNG.

import {csvFormat} from "d3-dsv";
import type {ResultsView} from "../../lib/view-types.js";
import type {Finding, Reading} from "../stats/analysis.js";
import {html} from "./notebook.js";

export type Numbers = {view: ResultsView; studied: Finding[][]; reading: Reading; notes: string[]};

/**
 * Returns every comparison as CSV, one row a metric and treatment; rates and lifts are fractions, what is not known is empty.
 * A text that a spreadsheet would take for a formula has an apostrophe before it.
 */
export const csvOf = (studied: Finding[][]): string =>
  csvFormat(
    studied.flat().map((finding) => {
      const cells = Object.entries(rowOf(finding)).map(([name, value]) => [name, asCell(value)]);
      return Object.fromEntries(cells) as ReturnType<typeof rowOf>;
    })
  );

// A text that is a number stays one.
const formula = /^(?!-?\d+(\.\d+)?$)(?=\s*[=+\-@＝＋－＠]|[\t\r\n])/;

// A NUL, which no cell can hold, would hide what follows it.
const asCell = (value: unknown) =>
  typeof value === "string" ? value.replaceAll("\0", "").replace(formula, "'$&") : value;

function rowOf({metric, control, treatment, effect, verdict, reason}: Finding) {
  return {
    metric: metric.alias,
    title: metric.title,
    type: metric.type,
    role: metric.role,
    control,
    treatment,
    control_units: effect?.n.control,
    treatment_units: effect?.n.treatment,
    control_value: effect?.control,
    treatment_value: effect?.treatment,
    lift: effect?.lift.value,
    lift_low: effect?.lift.low,
    lift_high: effect?.lift.high,
    difference: effect?.difference.value,
    difference_low: effect?.difference.low,
    difference_high: effect?.difference.high,
    pvalue_lift: effect?.lift.pvalue,
    pvalue_difference: effect?.difference.pvalue,
    pvalue_adjusted: effect?.adjusted?.pvalue,
    verdict,
    reason
  };
}

/** Returns the comparisons with what they were made of: the observation, the job, how they are read, and all moments. */
export function jsonOf({view, studied, reading, notes}: Numbers): string {
  const {experiment, observation, job, metrics, exposures} = view;
  const answer = {
    experiment,
    observation,
    job,
    reading,
    notes,
    comparisons: studied.flat().map(rowOf),
    metrics,
    exposures
  };
  return `${JSON.stringify(answer, null, 2)}\n`;
}

/** Returns links that save the numbers of a page. */
export function numberLinks(numbers: Numbers) {
  const name = fileName([numbers.view.experiment.name, numbers.view.observation.name]);
  return html`<p class="facts downloads">
    Download ${saver("CSV", () => blob(csvOf(numbers.studied), "text/csv"), `${name}.csv`)} ·
    ${saver("JSON", () => blob(jsonOf(numbers), "application/json"), `${name}.json`)}
  </p>`;
}

/** Returns a chart with links that save it as SVG and as PNG, named after the words given. */
export function savedChart(chart: Element, words: string[]) {
  const svg = chart instanceof SVGSVGElement ? chart : chart.querySelector("svg");
  if (!svg) return chart;
  const name = fileName(words);
  return html`<figure class="chart">
    ${chart}
    <figcaption class="downloads">
      ${saver("SVG", () => blob(svgText(svg), "image/svg+xml"), `${name}.svg`)} ·
      ${saver("PNG", () => pngOf(svg), `${name}.png`)}
    </figcaption>
  </figure>`;
}

function saver(label: string, make: () => Blob | Promise<Blob>, name: string) {
  const button = html`<button type="button" class="link" aria-label=${`${label}: ${name}`}>
    ${label}
  </button>` as HTMLButtonElement;
  button.onclick = async () => {
    const url = URL.createObjectURL(await make());
    const link = html`<a href=${url} download=${name}></a>` as HTMLAnchorElement;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  };
  return button;
}

const blob = (text: string, type: string) => new Blob([text], {type: `${type};charset=utf-8`});

const fileName = (words: string[]) =>
  words
    .map((word) =>
      word
        .toLowerCase()
        .replace(/[^\p{L}\p{N}]+/gu, "-")
        .replace(/^-|-$/g, "")
    )
    .filter(Boolean)
    .join("_") || "chart";

const drawn = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-opacity",
  "stroke-width",
  "font",
  "opacity",
  "color"
];

// A file has no style sheet of ours: what its rules and variables come to is written into every element.
function svgText(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const [own, copies] = [svg, copy].map((each) => [each, ...each.querySelectorAll<SVGElement>("*")]);
  own.forEach((element, i) => {
    const style = getComputedStyle(element);
    for (const name of drawn) (copies[i] as SVGElement).style.setProperty(name, style.getPropertyValue(name));
  });
  copy.style.background = getComputedStyle(document.body).backgroundColor;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return new XMLSerializer().serializeToString(copy);
}

async function pngOf(svg: SVGSVGElement): Promise<Blob> {
  const {width, height} = svg.getBoundingClientRect();
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(svg))}`;
  await image.decode();
  const [canvas, density] = [document.createElement("canvas"), 2];
  [canvas.width, canvas.height] = [width * density, height * density];
  canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
  return await new Promise((resolve) => canvas.toBlob((made) => resolve(made!), "image/png"));
}
