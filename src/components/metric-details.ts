import type {MetricMoments} from "../../lib/view-types.js";
import type {Moments} from "../stats/types.js";
import type {Finding} from "../stats/analysis.js";
import {metricPage} from "./api.js";
import {confidenceOf, count, difference, lift, pvalue, raw} from "../stats/format.js";
import {html} from "./notebook.js";

const formulas = {
  mean: "mean over units; Welch’s t-test",
  proportion: "share of units; z-test, pooled for p and unpooled for the interval",
  ratio: "sum over sum; variance by the delta method",
  quantile: "quantile over units; interval by order statistics"
};

/** Returns what stands behind one row: definition, exact numbers and the raw moments of every variant. */
export function metricDetails(
  {metric, effect, arms}: Finding,
  {confidence, provenance}: {confidence: number; provenance?: (alias: string) => Node}
) {
  const name = html`<code>${metric.alias}</code>`;
  return html`<div class="details">
    ${metric.description ? html`<p>${metric.description}</p>` : null}
    <dl>
      ${fact("Formula", html`<code>${metric.numerator}</code>${metric.denominator ? html.fragment` ÷ <code>${metric.denominator}</code>` : null}`)}
      ${fact("Computed as", `${metric.quantile ? `${metric.quantile} ` : ""}${formulas[metric.type]}`)}
      ${fact("Good direction", metric.goal ?? "not declared")}
      ${effect ? fact("Lift", interval(effect.lift, lift, confidence)) : null}
      ${
        effect
          ? fact(
              "Difference",
              interval(effect.difference, (x) => difference(x, metric), confidence)
            )
          : null
      }
      ${fact(
        "Name",
        html`${provenance || !metric.group ? name : html`<a href=${metricPage(metric.alias)}>${name}</a>`}${
          metric.group ? `, group ${metric.group}` : ""
        }${metric.owner ? `, owner ${metric.owner}` : ""}`
      )}
    </dl>
    ${momentsTable(metric.title, arms)} ${provenance?.(metric.alias)}
  </div>`;
}

function fact(term: string, description: unknown) {
  return html.fragment`<dt>${term}</dt><dd>${description}</dd>`;
}

type Interval = {value: number | null; low: number | null; high: number | null; pvalue: number | null};

function interval(estimate: Interval, written: (x: number | null) => string, confidence: number) {
  const {value, low, high} = estimate;
  return html`${written(value)}, ${confidenceOf(confidence)} interval ${written(low)} to ${written(high)},
    <i>p</i> ${exact(estimate.pvalue)}`;
}

const exact = (p: number | null) =>
  p === null ? pvalue(p) : p < 1e-4 ? p.toExponential(2) : p.toPrecision(3);

function momentsTable(title: string, arms: MetricMoments["arms"]) {
  const isRatio = arms.some((arm) => arm.moments?.means.length === 2);
  const columns = isRatio
    ? ["mean, numerator", "mean, denominator", "variance, numerator", "variance, denominator", "covariance"]
    : ["mean", "variance"];
  return html`<table class="moments">
    <caption class="hidden">
      Moments of ${title} by variant
    </caption>
    <thead>
      <tr>
        <th scope="col">Variant</th>
        <th scope="col" class="num">n</th>
        ${columns.map((d) => html`<th scope="col" class="num">${d}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${arms.map(
        ({variant, moments, reason}) =>
          html`<tr>
            <th scope="row">${variant}</th>
            ${moments ? numbers(moments) : html`<td colspan=${columns.length + 1}>${reason}</td>`}
          </tr>`
      )}
    </tbody>
  </table>`;
}

function numbers({n, means, covariance}: Moments) {
  const spread = covariance.map((row, i) => row[i]).concat(covariance.length === 2 ? covariance[0][1] : []);
  return html.fragment`<td class="num">${count(n)}</td>${[...means, ...spread].map((x) => html`<td class="num">${raw(x)}</td>`)}`;
}
