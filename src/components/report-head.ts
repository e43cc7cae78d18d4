// The first page of a report: who decided what, and the three figures that carry it.

import type {Experiment} from "../../lib/types.js";
import type {ReportBundle} from "../../lib/report-types.js";
import {estimateOf, progressOf, sharedEstimate, unitsOf, type Units} from "../stats/analysis.js";
import {count, difference, inSentence, lift, percent, span} from "../stats/format.js";
import {describeInterval, domainOf, intervalBar} from "./interval-bar.js";
import {html} from "./notebook.js";
import {primaryOf, type Answer} from "./report-reading.js";

const longDay = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "long",
  year: "numeric",
  timeZone: "UTC"
});

/** Returns the line above everything: what this is, of which day, by whom. */
export function masthead({view}: ReportBundle) {
  const {experiment, job} = view;
  const owner = experiment.owner ? ` · ${experiment.owner}` : "";
  return html`<div class="masthead">
    <span>Expanto · experiment report</span>
    <span>${longDay.format(new Date(job!.createdAt))}${owner}</span>
  </div>`;
}

/** Returns the experiment's name and what was decided, in the words of who decided. */
export function decision({name, conclusion, status}: Experiment) {
  const [first, rest] = conclusion ? parted(conclusion) : [undecided[status], ""];
  return html`<header class="decision">
    <h1>${name}</h1>
    <p class="label">${conclusion ? "Decision" : "No decision yet"}</p>
    ${first ? html`<p class="words">${first}</p>` : null} ${rest ? html`<p>${rest}</p>` : null}
  </header>`;
}

const undecided: Record<Experiment["status"], string> = {
  planned: "Nobody has marked it as started.",
  running: "The test is still running.",
  paused: "The test is paused.",
  completed: "Nobody has written down what follows from it.",
  cancelled: "It was cancelled without a conclusion."
};

// What comes first carries the decision, to the end of its clause; one that is long is a paragraph like the others.
function parted(text: string): [string, string] {
  const [first] = /^[^\n]*?[.!?:;](?=\s|$)/.exec(text) ?? [text];
  return first.length > 90 ? ["", text] : [first, text.slice(first.length).trim()];
}

/** Returns units, days and the primary lift in a line. */
export function figures({view, findings, asked}: Answer) {
  const {experiment, observation, job} = view;
  const units = unitsOf(view);
  const progress = progressOf(experiment, new Date(job!.createdAt));
  const {exposureStart: start, exposureEnd: end} = observation;
  return html`<dl class="figures">
    <div>
      <dd>${count([...units.values()].reduce((sum, n) => sum + n, 0))}</dd>
      <dt>${unitName(observation.splitId)}, split ${splitOf(experiment, units)}</dt>
    </div>
    <div>
      <dd>${progress ? `${progress.day} days` : "–"}</dd>
      <dt>
        ${start && end ? span(new Date(start), new Date(end)) : "no dates"}${progress && progress.day < progress.days ? `, of ${progress.days} planned` : ", as planned"}
      </dt>
    </div>
    ${lead(findings, asked.question)}
  </dl>`;
}

const unitName = (splitId: string) => `${splitId.replace(/_?id$/i, "").replaceAll("_", " ") || "unit"}s`;

function splitOf({variants}: Experiment, units: Units): string {
  const all = variants.reduce((sum, {name}) => sum + (units.get(name) ?? 0), 0);
  return variants.map(({name}) => percent((units.get(name) ?? 0) / (all || 1)).replace("%", "")).join(" / ");
}

function lead(findings: Answer["findings"], {scale, confidence}: Answer["asked"]["question"]) {
  const primary = primaryOf(findings);
  if (!primary?.effect)
    return html`<div>
      <dd>–</dd>
      <dt>no primary lift</dt>
    </div>`;
  const {metric, effect, verdict} = primary;
  const {value, low, high} = estimateOf(effect, scale);
  const shared = sharedEstimate(effect, scale);
  const written = (x: number | null) => (scale === "relative" ? lift(x) : difference(x, metric));
  const found = verdict ?? "unclear";
  return html`<div class="lead">
    <dd class=${found}>
      <a href=${`#metric-${metric.alias}`}>${written(value)}</a>
      ${shared ? intervalBar(shared, {domain: domainOf([shared]), verdict: found, label: describeInterval(shared, metric.title, confidence)}) : null}
    </dd>
    <dt>${inSentence(metric.title)}, ${written(low)} to ${written(high)}</dt>
  </div>`;
}

/** Returns what was tried: why, and the variants with their units. */
export function tried({view}: Answer) {
  const {hypotheses, description, design, variants} = view.experiment;
  const units = unitsOf(view);
  return html`<div>
    ${[hypotheses, description, design].map((text) => (text ? html`<p>${text}</p>` : null))}
    <table class="variants">
      <thead class="hidden">
        <tr>
          <th scope="col">Variant</th>
          <th scope="col">Units</th>
          <th scope="col">Share</th>
        </tr>
      </thead>
      <tbody>
        ${variants.map(
          ({name, allocation, isControl}) =>
            html`<tr>
              <th scope="row">${name}${isControl ? html` <small>baseline</small>` : null}</th>
              <td class="num">${count(units.get(name) ?? 0)} ${unitName(view.observation.splitId)}</td>
              <td class="num">planned ${percent(allocation, 1)}</td>
            </tr>`
        )}
      </tbody>
    </table>
  </div>`;
}
