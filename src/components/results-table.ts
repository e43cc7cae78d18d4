import type {MetricInfo} from "../../lib/view-types.js";
import {sharedEstimate} from "../stats/analysis.js";
import type {Finding, Scale} from "../stats/analysis.js";
import {comparisonCells, comparisonHead} from "./comparison-cells.js";
import {confidenceOf, count, value} from "../stats/format.js";
import {domainOf} from "./interval-bar.js";
import type {Domain} from "./interval-bar.js";
import {metricDetails} from "./metric-details.js";
import {html, painted} from "./notebook.js";

const sections: [MetricInfo["role"], string][] = [
  ["primary", "Primary"],
  ["secondary", "Secondary"],
  ["guardrail", "Guardrails"],
  ["other", "Other metrics"]
];

/** opened: aliases of the rows a reader has opened, remembered from one drawing to the next; stale: of those out of date. */
export type TableOptions = {
  scale: Scale;
  confidence: number;
  opened: Set<string>;
  stale?: string[];
  /** Draws a metric's days in a last column, on the scale of the intervals; null where it has none. */
  trend?: (alias: string, domain: Domain) => Node | null;
  note?: string;
  /** What stands behind a metric's numbers on a page that no server stands behind. */
  provenance?: (alias: string) => Node;
};
type RowOptions = TableOptions & {domain: Domain; first: Set<Finding>};

// Rows that stand on a first screen; the others follow once these are painted.
const firstRows = 20;

/** Returns the table of findings by role, every interval on one scale; of a long table the first rows are there at once. */
export function resultsTable(findings: Finding[], options: TableOptions) {
  const {control, treatment} = findings[0];
  const domain = domainOf(
    findings.flatMap((d) => (d.effect && sharedEstimate(d.effect, options.scale)) ?? [])
  );
  const sorted = sections.flatMap(([role]) => findings.filter((d) => d.metric.role === role));
  const first = new Set(sorted.slice(0, firstRows));
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Results by metric">
    <table class="results">
      <caption>
        ${captionOf(treatment, control, options)}
      </caption>
      <thead>
        <tr>
          <th scope="col">Metric</th>
          ${comparisonHead({control, treatment, scale: options.scale, domain})}
          ${options.trend ? html`<th scope="col" class="trend">Trend</th>` : null}
        </tr>
      </thead>
      ${sections.map(([role, title]) =>
        section(
          title,
          sorted.filter((d) => d.metric.role === role),
          {...options, domain, first}
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
  const [now, later] = [true, false].map((isFirst) =>
    findings.filter((d) => options.first.has(d) === isFirst)
  );
  const body = html`<tbody>
    <tr class="group">
      <th colspan=${width(options)} scope="rowgroup">${title}</th>
    </tr>
    ${now.flatMap((d) => rows(d, options))}
  </tbody>`;
  if (later.length)
    void painted().then(() => body.isConnected && body.append(...later.flatMap((d) => rows(d, options))));
  return body;
}

function rows(finding: Finding, options: RowOptions): Node[] {
  const {metric, effect, reason} = finding;
  const button = html`<button type="button" class="opener">${metric.title}</button>`;
  const stale = options.stale?.includes(metric.alias) ? html`<small class="stale">out of date</small>` : null;
  const row = effect
    ? html`<tr id=${`metric-${metric.alias}`}>
        <th scope="row">${button}${stale}</th>
        <td class="num arm">${value(effect.control, metric)}<small>n ${count(effect.n.control)}</small></td>
        <td class="num arm">
          ${value(effect.treatment, metric)}<small>n ${count(effect.n.treatment)}</small>
        </td>
        ${comparisonCells({...finding, effect, name: metric.title}, options)}
        ${options.trend ? trendCell(metric.alias, options) : null}
      </tr>`
    : html`<tr>
        <th scope="row">${button}${stale}</th>
        <td class="reason" colspan=${width(options) - 1}>${reason}</td>
      </tr>`;
  const about = opener(button, {finding, row, options});
  return about ? [row, about] : [row];
}

const width = ({trend}: TableOptions) => (trend ? 8 : 7);

// Drawn once the numbers are painted.
function trendCell(alias: string, {trend, domain}: RowOptions) {
  const cell = html`<td class="trend"></td>`;
  void painted().then(() => cell.isConnected && cell.replaceChildren(trend!(alias, domain) ?? ""));
  return cell;
}

type Opened = {finding: Finding; row: HTMLElement; options: RowOptions};

// What stands behind a row is made when somebody opens it, and at once where it was open before.
function opener(button: HTMLElement, {finding, row, options}: Opened): HTMLElement | null {
  const {alias} = finding.metric;
  const make = () =>
    html`<tr class="about" id=${`about-${alias}`}>
      <td colspan=${width(options)}>${metricDetails(finding, options)}</td>
    </tr>`;
  let about = options.opened.has(alias) ? make() : null;
  const tell = () => button.setAttribute("aria-expanded", String(about !== null));
  tell();
  button.onclick = () => {
    about?.remove();
    about = options.opened.delete(alias) ? null : make();
    if (about) {
      options.opened.add(alias);
      row.after(about);
    }
    tell();
  };
  return about;
}
