import type {MetricType} from "../stats/types.js";
import type {Finding} from "./analysis.js";
import {confidenceOf, list} from "./format.js";
import {html} from "./notebook.js";

const methods: Record<MetricType, string> = {
  mean: "Welch’s t-test for means",
  proportion: "a z-test for proportions (pooled for p, unpooled for the interval)",
  ratio: "the delta method for ratios"
};

/** Returns how the numbers were made, naming only the methods in use. */
export function method(findings: Finding[], {confidence}: {confidence: number}) {
  const types = [...new Set(findings.map((d) => d.metric.type))];
  return html`<p>
    Every unit counts once in the variant it was first exposed to, also where it did nothing afterwards.
    Compared by ${list(types.map((d) => methods[d]))}; relative lifts by the delta method. Intervals are
    two-sided at ${confidenceOf(confidence)} and not adjusted for the number of metrics.
  </p>`;
}
