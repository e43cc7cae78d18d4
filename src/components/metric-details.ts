import type {MetricInfo, MetricMoments} from "../../lib/view-types.js";
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
    ${momentsTable(metric, arms)} ${provenance?.(metric.alias)}
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

// A quantity a row and a variant a column: covariates may make many quantities, variants are few.
function momentsTable({title, type}: MetricInfo, arms: MetricMoments["arms"]) {
  const known = arms.find(({moments}) => moments)?.moments;
  const labels = columnLabels(type, known?.means.length ?? 1);
  const row = (term: string, valueIn: (moments: Moments) => string) =>
    html`<tr>
      <th scope="row">${term}</th>
      ${arms.map(({moments}) => html`<td class="num">${moments ? valueIn(moments) : ""}</td>`)}
    </tr>`;
  const of = (quantity: string, ...names: string[]) =>
    names.some(Boolean) ? `${quantity}, ${names.join(" and ")}` : quantity;
  const reasons = arms.filter(({reason}) => reason);
  return html.fragment`<table class="moments">
      <caption class="hidden">
        Moments of ${title} by variant
      </caption>
      <thead>
        <tr>
          <td></td>
          ${arms.map(({variant}) => html`<th scope="col" class="num">${variant}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${row("n", ({n}) => count(n))}
        ${labels.map((label, i) => row(of("mean", label), ({means}) => raw(means[i])))}
        ${labels.map((label, i) => row(of("variance", label), ({covariance}) => raw(covariance[i][i])))}
        ${labels.flatMap((label, i) => labels.slice(i + 1).map((other, j) => row(of("covariance", label, other), ({covariance}) => raw(covariance[i][i + 1 + j]))))}
      </tbody>
    </table>
    ${reasons.map(({variant, reason}) => html`<p class="reason">${variant}: ${reason}</p>`)}`;
}

// A metric's own columns come first, then the same from before exposure.
function columnLabels(type: MetricInfo["type"], columns: number): string[] {
  const own = type === "ratio" ? ["numerator", "denominator"] : columns > 1 ? ["value"] : [""];
  return Array.from({length: columns}, (_, i) =>
    i < own.length ? own[i] : `${own[i % own.length]} before exposure`
  );
}
