import type {ExperimentStatus} from "../../lib/types.js";
import {sharedEstimate} from "../stats/analysis.js";
import type {Finding} from "../stats/analysis.js";
import {experimentPage, observationsPage, resultsPage} from "./api.js";
import type {ExperimentRow} from "./experiment-rows.js";
import {capital, count, date, inSentence, lift, pvalue, span} from "../stats/format.js";
import {describeInterval, domainOf, intervalAxis, intervalBar} from "./interval-bar.js";
import type {Domain} from "./interval-bar.js";
import {html, svg} from "./notebook.js";
import {worded} from "./verdict.js";

const sections: ExperimentStatus[] = ["running", "paused", "planned", "completed", "cancelled"];

/** Returns the one scale that the intervals of all primary metrics share. */
export const domainOfRows = (rows: ExperimentRow[]): Domain =>
  domainOf(rows.flatMap((row) => row.findings.flatMap(estimateOf)));

/** Experiments that are drawn at once; a button draws as many more. */
const pageful = 40;

type ListOptions = {
  isEmpty: boolean;
  domain: Domain;
  /** Whether rows stand under their status, or as they come. */
  isGrouped?: boolean;
};

/** Returns experiments, the intervals of all their primary metrics on one scale. */
export function experimentList(rows: ExperimentRow[], {isEmpty, domain, isGrouped = true}: ListOptions) {
  if (isEmpty) return nothingYet();
  if (!rows.length)
    return html`<p class="empty" role="status">
      No experiment matches. Clear the search and the days, or choose “all”.
    </p>`;
  const sorted = isGrouped ? sections.flatMap((status) => rows.filter((row) => row.status === status)) : rows;
  const place = html`<div></div>`;
  const draw = (most: number) => {
    const more = html`<button type="button" class="action">
      Show ${count(Math.min(pageful, rows.length - most))} more of ${count(rows.length - most)}
    </button>` as HTMLButtonElement;
    more.onclick = () => draw(most + pageful);
    place.replaceChildren(
      listed(sorted.slice(0, most), {domain, isGrouped}),
      ...(rows.length > most ? [more] : [])
    );
  };
  draw(pageful);
  return place;
}

function listed(rows: ExperimentRow[], {domain, isGrouped}: {domain: Domain; isGrouped: boolean}) {
  return html`<div class="experiments">
    <div class="row head" aria-hidden="true">
      <span></span>
      <div class="finding">
        <div class="bar">${intervalAxis(domain)}</div>
        <span>Lift and verdict</span>
      </div>
    </div>
    ${
      isGrouped
        ? sections.map((status) =>
            section(
              status,
              rows.filter((d) => d.status === status),
              domain
            )
          )
        : html.fragment`<h2 class="hidden">In order</h2>
            <ul>
              ${rows.map((row) => item(row, domain))}
            </ul>`
    }
  </div>`;
}

function nothingYet() {
  return html`<div class="empty">
    <p>There is no experiment here yet.</p>
    <p>
      <a href=${experimentPage(0)}>Describe one here</a>, or in a file and run
      <code>expanto apply experiment.yaml</code> in the folder of this workspace.
    </p>
  </div>`;
}

const estimateOf = ({effect}: Finding) => (effect && sharedEstimate(effect, "relative")) ?? [];

function section(status: string, rows: ExperimentRow[], domain: Domain) {
  if (!rows.length) return null;
  return html`<section aria-label=${capital(status)}>
    <h2>${capital(status)}</h2>
    <ul>
      ${rows.map((row) => item(row, domain))}
    </ul>
  </section>`;
}

function item(row: ExperimentRow, domain: Domain) {
  const {experiment, observation} = row.card;
  const page = observation ? resultsPage(observation.id) : observationsPage(experiment.id);
  const name = html`<a href=${page}>${experiment.name}</a>`;
  return html`<li class="row">
    <div class="text">
      <h3>${name}</h3>
      ${experiment.hypotheses ? html`<p class="hypothesis">${experiment.hypotheses}</p>` : null}
      <p class="facts">
        ${dayStrip(row)}<span
          >${facts(row)} ·
          <a class="edit" href=${experimentPage(experiment.id)}
            >edit<span class="hidden"> ${experiment.name}</span></a
          ></span
        >
      </p>
    </div>
    <div class="findings">
      ${row.findings.length ? row.findings.map((d) => finding(d, row, domain)) : html`<p class="none">${absence(row)}</p>`}
    </div>
  </li>`;
}

function absence({card: {primary, job}, status, hasControl}: ExperimentRow): string {
  if (status === "planned") return "not started";
  if (job?.status === "failed") return "the calculation failed";
  if (!job) return "not calculated yet";
  if (!hasControl) return "which variant is the control?";
  return primary ? "no treatment" : "no primary metric";
}

function finding(found: Finding, {card, findings, status}: ExperimentRow, domain: Domain) {
  const {metric, effect, treatment, reason} = found;
  const verdict = found.verdict ?? "unclear";
  const shared = effect && sharedEstimate(effect, "relative");
  const name = (findings.length > 1 ? `${treatment}, ` : "") + inSentence(metric.title);
  if (!shared) return html`<p class="none">${metric.title}: ${reason ?? "no lift"}</p>`;
  const label = `${describeInterval(shared, `${treatment}, ${metric.title}: lift`, 0.95)}, ${verdict}`;
  const caution = verdict === "invalid" ? "do not read" : status === "running" ? "so far, not final" : null;
  const worse = verdict === "invalid" ? [] : card.worse.filter((each) => each.treatment === treatment);
  return html`<div class="finding">
    <div class="bar">${intervalBar(shared, {domain, verdict, label})}</div>
    <div class="words">
      <b>${lift(shared.value)}</b> <span class=${`verdict ${verdict}`}>${worded(verdict)}</span>
      <p>${name}${caution ? html`<span class="caution-word">${caution}</span>` : null}</p>
      ${worse.map(({title}) => html`<p><span class="verdict worse">${worded("worse")}</span> ${inSentence(title)}</p>`)}
    </div>
  </div>`;
}

// A line breaks after it, never before.
const dot = "\u00a0· ";

function facts({card: {experiment, job}, status, progress, units, srm}: ExperimentRow) {
  const [start, end] = [experiment.start, experiment.end].map((d) => (d ? new Date(d) : null));
  const days = start && end ? span(start, end) : start ? `since ${date(start)}` : "no dates";
  if (status === "planned")
    return start ? `starts ${date(start)}${progress ? `${dot}${progress.days} days` : ""}` : days;
  const time = status === "running" && progress ? `day ${progress.day} of ${progress.days}` : days;
  return html`${time}${units ? html.fragment`${dot}${count(units)} units` : null}${traffic(srm)}${job?.status === "completed" ? `${dot}calculated ${date(new Date(job.createdAt))}` : null}`;
}

function traffic(srm: ExperimentRow["srm"]) {
  if (!srm) return null;
  const p = pvalue(srm.pvalue);
  return srm.isMismatch
    ? html.fragment`${dot}<b class="split">SRM p ${p.startsWith("<") ? p : `= ${p}`}</b>`
    : html.fragment`${dot}<span class="split">SRM ok</span>`;
}

/** One tick a day, dark once the day has passed; every experiment on the same day width. */
function dayStrip({progress, status}: ExperimentRow) {
  if (!progress || progress.days > 70) return null;
  const passed = status === "completed" ? progress.days : status === "planned" ? 0 : progress.day;
  const ticks = Array.from({length: progress.days}, (_, i) => {
    const isWeek = i % 7 === 0;
    return svg`<rect x=${i * 3} y=${isWeek ? 0 : 2} width="2" height=${isWeek ? 10 : 8} opacity=${i < passed ? 0.6 : 0.22}></rect>`;
  });
  return svg`<svg class="days" width=${progress.days * 3} height="10" aria-hidden="true">${ticks}</svg>`;
}
