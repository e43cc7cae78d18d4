import type {MetricInfo} from "../../lib/view-types.js";
import type {Correction} from "../stats/adjust.js";
import type {Heterogeneity} from "../stats/heterogeneity.js";
import {sharedEstimate, type Finding, type Scale} from "../stats/analysis.js";
import {comparisonCells, comparisonHead} from "./comparison-cells.js";
import {confidenceOf, count, pvalue, spell} from "../stats/format.js";
import {domainOf, type Domain} from "./interval-bar.js";
import {procedures} from "./method.js";
import {html} from "./notebook.js";
import type {Segment} from "../stats/segments.js";

export type SegmentTableOptions = {
  dimension: string;
  metric: MetricInfo;
  control: string;
  treatment: string;
  scale: Scale;
  confidence: number;
  correction: Correction | null;
  /** What all these units show together: the last row, and a line through the others. */
  overall?: Finding;
};
type Found = {segments: Segment[]; leftOut: number; differ: Heterogeneity | null};

/** Returns the sentence of what segments say together, and a row for each, all on one scale. */
export function segmentTable({segments, leftOut, differ}: Found, options: SegmentTableOptions) {
  const {dimension, metric, treatment, control, scale, confidence, correction} = options;
  const overall = segments.length > 1 && options.overall?.effect ? options.overall : null;
  const effects = [...segments, ...(overall ? [overall] : [])].map(({effect}) => effect);
  const domain = domainOf(effects.flatMap((effect) => (effect && sharedEstimate(effect, scale)) ?? []));
  const reference = overall && sharedEstimate(overall.effect!, scale)?.value;
  const drawn = {...options, domain, reference};
  return html`<div>
    <p>
      ${sentenceOf(differ, segments.length)}${leftOut ? ` The ${spell(leftOut)} smallest are left out.` : ""}
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label=${`Results by ${dimension}`}>
      <table class="results segments">
        <caption>
          ${metric.title}: ${scale === "relative" ? "lift" : "difference"} of ${treatment} over ${control} by
          ${dimension}, ${confidenceOf(confidence)} intervals${correctedFor(segments.length, correction)}.
          ${overall ? "The dotted line is the overall effect." : ""}
        </caption>
        <thead>
          <tr>
            <th scope="col">${dimension}</th>
            ${comparisonHead({control, treatment, scale, domain})}
          </tr>
        </thead>
        <tbody>
          ${segments.map((segment) => row(segment, drawn))}
        </tbody>
        ${
          overall
            ? html`<tfoot>
                ${row(overallOf(overall), drawn)}
              </tfoot>`
            : null
        }
      </table>
    </div>
  </div>`;
}

const correctedFor = (n: number, correction: Correction | null) =>
  n > 1 ? ` corrected for ${spell(n)} segments by ${procedures[correction ?? "holm"]}` : "";

function sentenceOf(differ: Heterogeneity | null, n: number): string {
  if (!differ)
    return n < 2 ? "There is one segment only." : "Too few segments have an effect to compare them.";
  const p = `p\u00a0${differ.pvalue < 0.001 ? "" : "=\u00a0"}${pvalue(differ.pvalue)}`;
  return differ.pvalue < 0.05
    ? `The effect differs between segments by more than chance would (Cochran’s Q, ${p}).`
    : `Nothing says that the effect differs between segments (Cochran’s Q, ${p}): the overall effect is the best guess for each.`;
}

const overallOf = ({effect, verdict}: Finding): Segment => ({
  value: "overall",
  units: effect!.n,
  effect,
  verdict
});

function row(
  {value, units, effect, verdict}: Segment,
  options: Pick<SegmentTableOptions, "metric" | "scale" | "confidence"> & {
    domain: Domain;
    reference?: number | null;
  }
) {
  const {metric} = options;
  return html`<tr>
    <th scope="row">${value || "(none)"}</th>
    <td class="num arm">${count(units.control)}</td>
    <td class="num arm">${count(units.treatment)}</td>
    ${
      effect
        ? comparisonCells({name: value, metric, effect, verdict, reason: effect.reason}, options)
        : html`<td class="reason" colspan="4">too few units to compare</td>`
    }
  </tr>`;
}
