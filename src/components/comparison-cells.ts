import type {MetricInfo} from "../../lib/view-types.js";
import type {StudiedEffect} from "../stats/study.js";
import type {Verdict} from "../stats/types.js";
import {estimateOf, sharedEstimate, type Scale} from "../stats/analysis.js";
import {difference, lift, pvalue} from "../stats/format.js";
import {describeInterval, intervalAxis, intervalBar, type Domain} from "./interval-bar.js";
import {html} from "./notebook.js";
import {worded} from "./verdict.js";

type Head = {control: string; treatment: string; scale: Scale; domain: Domain};

/** Returns the heads of the columns that compare a treatment with its control, one scale for all intervals. */
export function comparisonHead({control, treatment, scale, domain}: Head) {
  return html.fragment`<th scope="col" class="num arm">${control}</th>
    <th scope="col" class="num arm">${treatment}</th>
    <th scope="col" class="num">${scale === "relative" ? "Lift" : "Difference"}</th>
    <th scope="col" class="interval-cell">
      <span class="hidden">Interval, % of ${control}</span>
      <div class="scale">${intervalAxis(domain)}</div>
    </th>
    <th scope="col" class="num p"><i>p</i></th>
    <th scope="col">Verdict</th>`;
}

type Compared = {
  /** What the row is of, for who cannot see it. */
  name: string;
  metric: MetricInfo;
  effect: StudiedEffect;
  verdict: Verdict | null;
  reason: string | null;
};

/** reference: what every interval of the table is held against, on its scale. */
type Drawn = {scale: Scale; domain: Domain; confidence: number; reference?: number | null};

/** Returns the cells of one comparison after those of its arms: effect, interval, p and verdict. */
export function comparisonCells(
  {name, metric, effect, verdict, reason}: Compared,
  {scale, domain, confidence, reference}: Drawn
) {
  const estimate = estimateOf(effect, scale);
  const shared = sharedEstimate(effect, scale);
  const written = (x: number | null) => (scale === "relative" ? lift(x) : difference(x, metric));
  const found = verdict ?? "unclear";
  const label =
    shared &&
    describeInterval(shared, `${name}: ${scale === "relative" ? "lift" : "difference"}`, confidence);
  return html.fragment`
    <td class="num"><b>${written(estimate.value)}</b><small>${range(estimate, written)}</small></td>
    <td class="interval-cell">${shared ? intervalBar(shared, {domain, verdict: found, label: label!, reference}) : html`<span class="reason">${reason ?? "no scale: control is 0"}</span>`}</td>
    <td class="num p">${pvalue(effect.adjusted?.pvalue ?? estimate.pvalue)}</td>
    <td class=${`verdict ${found}`}>${verdict ? worded(verdict) : ""}</td>`;
}

function range(
  {low, high}: {low: number | null; high: number | null},
  written: (x: number | null) => string
) {
  return low === null && high === null ? "" : `${written(low)} to ${written(high)}`;
}
