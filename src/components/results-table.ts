import type {MetricInfo} from "../../lib/types.js";
import {estimateOf, sharedEstimate} from "./analysis.js";
import type {Finding, Scale} from "./analysis.js";
import {confidenceOf, count, difference, lift, pvalue, value} from "./format.js";
import {describeInterval, domainOf, intervalAxis, intervalBar} from "./interval-bar.js";
import type {Domain} from "./interval-bar.js";
import {metricDetails} from "./metric-details.js";
import {html} from "./notebook.js";
import {worded} from "./verdict.js";

const sections: [MetricInfo["role"], string][] = [
  ["primary", "Primary"],
  ["secondary", "Secondary"],
  ["guardrail", "Guardrails"],
  ["other", "Other metrics"]
];

/** opened: aliases of the rows a reader has opened, remembered from one drawing to the next. */
export type TableOptions = {scale: Scale; confidence: number; opened: Set<string>; note?: string};
type RowOptions = TableOptions & {domain: Domain};

/** Returns the table of findings by role, every interval on one scale. */
export function resultsTable(findings: Finding[], options: TableOptions) {
  const {control, treatment} = findings[0];
  const domain = domainOf(
    findings.flatMap((d) => (d.effect && sharedEstimate(d.effect, options.scale)) ?? [])
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Results by metric">
    <table class="results">
      <caption>
        ${captionOf(treatment, control, options)}
      </caption>
      <thead>
        <tr>
          <th scope="col">Metric</th>
          <th scope="col" class="num arm">${control}</th>
          <th scope="col" class="num arm">${treatment}</th>
          <th scope="col" class="num">${options.scale === "relative" ? "Lift" : "Difference"}</th>
          <th scope="col" class="interval-cell">
            <span class="hidden">Interval, % of ${control}</span>
            <div class="scale">${intervalAxis(domain)}</div>
          </th>
          <th scope="col" class="num p"><i>p</i></th>
          <th scope="col">Verdict</th>
        </tr>
      </thead>
      ${sections.map(([role, title]) =>
        section(
          title,
          findings.filter((d) => d.metric.role === role),
          {...options, domain}
        )
      )}
    </table>
  </div>`;
}

function captionOf(treatment: string, control: string, {scale, confidence, note = ""}: TableOptions): string {
  const what = scale === "relative" ? "Lift" : "Difference";
  return `${what} of ${treatment} over ${control} with ${confidenceOf(confidence)} intervals, drawn in percent of ${control}’s value.${note}`;
}

function section(title: string, findings: Finding[], options: RowOptions) {
  if (!findings.length) return null;
  return html`<tbody>
    <tr class="group">
      <th colspan="7" scope="rowgroup">${title}</th>
    </tr>
    ${findings.map((d) => rows(d, options))}
  </tbody>`;
}

function rows(finding: Finding, options: RowOptions) {
  const {metric, effect, reason} = finding;
  const id = `about-${metric.alias}`;
  const about = html`<tr class="about" id=${id}>
    <td colspan="7">${metricDetails(finding, options)}</td>
  </tr>` as HTMLTableRowElement;
  const name = opener(metric, about, options.opened);
  if (!effect) {
    const row = html`<tr>
      <th scope="row">${name}</th>
      <td class="reason" colspan="6">${reason}</td>
    </tr>`;
    return html.fragment`${row}${about}`;
  }
  return html.fragment`<tr>
    <th scope="row">${name}</th>
    <td class="num arm">${value(effect.control, metric)}<small>n ${count(effect.n.control)}</small></td>
    <td class="num arm">${value(effect.treatment, metric)}<small>n ${count(effect.n.treatment)}</small></td>
    ${cells(finding, options)}
  </tr>${about}`;
}

function cells({metric, effect, verdict, reason}: Finding, {scale, domain, confidence}: RowOptions) {
  const estimate = estimateOf(effect!, scale);
  const shared = sharedEstimate(effect!, scale);
  const written = (x: number | null) => (scale === "relative" ? lift(x) : difference(x, metric));
  const found = verdict ?? "unclear";
  const label =
    shared &&
    `${describeInterval(shared, `${metric.title}: ${scale === "relative" ? "lift" : "difference"}`, confidence)}`;
  return html.fragment`
    <td class="num"><b>${written(estimate.value)}</b><small>${range(estimate, written)}</small></td>
    <td class="interval-cell">${shared ? intervalBar(shared, {domain, verdict: found, label: label!}) : html`<span class="reason">${reason ?? "no scale: control is 0"}</span>`}</td>
    <td class="num p">${pvalue(effect!.adjusted?.pvalue ?? estimate.pvalue)}</td>
    <td class=${`verdict ${found}`}>${verdict ? worded(verdict) : ""}</td>`;
}

function range(
  {low, high}: {low: number | null; high: number | null},
  written: (x: number | null) => string
) {
  return low === null && high === null ? "" : `${written(low)} to ${written(high)}`;
}

function opener({alias, title}: MetricInfo, about: HTMLTableRowElement, opened: Set<string>) {
  const button = html`<button type="button" class="opener" aria-controls=${about.id}>${title}</button>`;
  const show = (isOpen: boolean) => {
    about.hidden = !isOpen;
    button.setAttribute("aria-expanded", String(isOpen));
  };
  show(opened.has(alias));
  button.onclick = () => {
    if (!opened.delete(alias)) opened.add(alias);
    show(opened.has(alias));
  };
  return button;
}
