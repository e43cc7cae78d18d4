import type {MetricInfo} from "../../lib/types.js";
import type {Correction} from "../stats/adjust.js";
import type {Heterogeneity} from "../stats/heterogeneity.js";
import {estimateOf, sharedEstimate, type Scale} from "./analysis.js";
import {confidenceOf, count, difference, lift, pvalue, spell} from "./format.js";
import {describeInterval, domainOf, intervalAxis, intervalBar, type Domain} from "./interval-bar.js";
import {html} from "./notebook.js";
import type {Segment} from "./segments.js";
import {worded} from "./verdict.js";

const procedures: Partial<Record<Correction, string>> = {holm: "Holm", bh: "Benjamini–Hochberg"};

export type SegmentTableOptions = {
  dimension: string;
  metric: MetricInfo;
  control: string;
  treatment: string;
  scale: Scale;
  confidence: number;
  correction: Correction | null;
};
type Found = {segments: Segment[]; leftOut: number; differ: Heterogeneity | null};

/** Returns the sentence of what segments say together, and a row for each, all on one scale. */
export function segmentTable({segments, leftOut, differ}: Found, options: SegmentTableOptions) {
  const {dimension, metric, treatment, control, scale, confidence, correction} = options;
  const domain = domainOf(segments.flatMap(({effect}) => (effect && sharedEstimate(effect, scale)) ?? []));
  return html`<div>
    <p>
      ${sentenceOf(differ, segments.length)}${leftOut ? ` The ${spell(leftOut)} smallest are left out.` : ""}
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label=${`Results by ${dimension}`}>
      <table class="results segments">
        <caption>
          ${metric.title}: ${scale === "relative" ? "lift" : "difference"} of ${treatment} over ${control} by
          ${dimension}, ${confidenceOf(confidence)} intervals${correctedFor(segments.length, correction)}.
        </caption>
        <thead>
          <tr>
            <th scope="col">${dimension}</th>
            <th scope="col" class="num arm">${control}</th>
            <th scope="col" class="num arm">${treatment}</th>
            <th scope="col" class="num">${scale === "relative" ? "Lift" : "Difference"}</th>
            <th scope="col" class="interval-cell">
              <span class="hidden">Interval, % of ${control}</span>
              <div class="scale">${intervalAxis(domain)}</div>
            </th>
            <th scope="col" class="num p"><i>p</i></th>
            <th scope="col">Verdict</th>
          </tr>
        </thead>
        <tbody>
          ${segments.map((segment) => row(segment, {...options, domain}))}
        </tbody>
      </table>
    </div>
  </div>`;
}

const correctedFor = (n: number, correction: Correction | null) =>
  n > 1 ? ` corrected for ${spell(n)} segments by ${procedures[correction ?? "holm"] ?? correction}` : "";

function sentenceOf(differ: Heterogeneity | null, n: number): string {
  if (!differ)
    return n < 2 ? "There is one segment only." : "Too few segments have an effect to compare them.";
  const p = `p ${differ.pvalue < 0.001 ? "" : "= "}${pvalue(differ.pvalue)}`;
  return differ.pvalue < 0.05
    ? `The effect differs between segments by more than chance would (Cochran’s Q, ${p}).`
    : `Nothing says that the effect differs between segments (Cochran’s Q, ${p}): the overall effect is the best guess for each.`;
}

function row(
  {value, units, effect, verdict}: Segment,
  {metric, scale, confidence, domain}: SegmentTableOptions & {domain: Domain}
) {
  const name = html`<th scope="row">${value || "(none)"}</th>`;
  if (!effect || !verdict) {
    return html`<tr>
      ${name}
      <td class="num arm">${count(units.control)}</td>
      <td class="num arm">${count(units.treatment)}</td>
      <td class="reason" colspan="4">too few units to compare</td>
    </tr>`;
  }
  const estimate = estimateOf(effect, scale);
  const shared = sharedEstimate(effect, scale);
  const written = (x: number | null) => (scale === "relative" ? lift(x) : difference(x, metric));
  const label =
    shared &&
    describeInterval(shared, `${value}: ${scale === "relative" ? "lift" : "difference"}`, confidence);
  return html`<tr>
    ${name}
    <td class="num arm">${count(units.control)}</td>
    <td class="num arm">${count(units.treatment)}</td>
    <td class="num"><b>${written(estimate.value)}</b></td>
    <td class="interval-cell">
      ${shared ? intervalBar(shared, {domain, verdict, label: label!}) : html`<span class="reason">${effect.reason ?? "no scale: control is 0"}</span>`}
    </td>
    <td class="num p">${pvalue(effect.adjusted?.pvalue ?? estimate.pvalue)}</td>
    <td class=${`verdict ${verdict}`}>${worded(verdict)}</td>
  </tr>`;
}
