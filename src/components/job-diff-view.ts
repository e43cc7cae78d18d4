import type {EditedExperiment, JobView} from "../../lib/view-types.js";
import {estimateOf, type Finding, type Scale} from "../stats/analysis.js";
import {resultsPage} from "./api.js";
import {capital, count, difference, inSentence, lift, list, minute, spell} from "../stats/format.js";
import type {ChangedField, JobDiff, Movement} from "./job-diff.js";
import {Inputs, html} from "./notebook.js";
import {worded} from "./verdict.js";

export type OfferedJob = {id: number; observation: string; createdAt: string};

/** Returns the completed jobs of an experiment, newest first. */
export const jobsToCompare = ({observations}: EditedExperiment): OfferedJob[] =>
  observations
    .flatMap(({fields, jobs}) =>
      jobs
        .filter(({status}) => status === "completed")
        .map(({id, createdAt}) => ({id, observation: String(fields.name), createdAt}))
    )
    .sort((a, b) => b.id - a.id);

/** Returns the choice of two jobs and of a treatment, in one line. */
export function compareForm(
  jobs: OfferedJob[],
  {first, second, treatments}: {first: number | null; second: number | null; treatments: string[]}
) {
  const format = ({id, observation, createdAt}: OfferedJob) =>
    `${observation}, job ${id}, ${minute(createdAt)}`;
  const of = (id: number | null) => jobs.find((job) => job.id === id);
  const to = of(second) ?? jobs[0];
  // Without a wish, what the same observation gave before; where it gave nothing, what another did.
  const earlier = jobs.filter(({id}) => id < to.id);
  const before = earlier.find(({observation}) => observation === to.observation) ?? earlier.at(0) ?? jobs[0];
  const inputs = {
    first: Inputs.select(jobs, {label: "From", format, value: of(first) ?? before}),
    second: Inputs.select(jobs, {label: "To", format, value: to}),
    treatment: Inputs.select(treatments, {label: "Compare"})
  };
  return Inputs.form(inputs, {
    template: (parts: Record<string, HTMLElement>) =>
      html`<div class="controls">${Object.values(parts)}</div>`
  });
}

/** Returns the sentence of what moved, and why. */
export function diffSentence({movements, settings, metrics, isOtherData, sql}: JobDiff) {
  const moved = movements.filter(({because}) => because.length);
  const turned = moved.filter(({before, after}) => before?.verdict !== after?.verdict && before && after);
  if (!moved.length) return html`<p class="summary">Every number is the same in both jobs.</p>`;
  const causes = [
    ...(settings?.length
      ? [`${spell(settings.length)} ${settings.length === 1 ? "setting" : "settings"}`]
      : []),
    ...(metrics?.length ? [`${spell(metrics.length)} ${metrics.length === 1 ? "metric" : "metrics"}`] : []),
    ...(isOtherData ? ["the data"] : []),
    ...(!settings && sql.some(({kind}) => kind !== "same") ? ["the SQL"] : [])
  ];
  const verdicts = turned.length
    ? html.fragment` <b>${turned.length === 1 ? "One verdict turns" : `${capital(spell(turned.length))} verdicts turn`}</b>: ${list(turned.map(({title, before, after}) => `${inSentence(title)} from ${before!.verdict} to ${after!.verdict}`))}.`
    : " No verdict turns.";
  return html`<p class="summary">
    ${moved.length === movements.length ? "All" : capital(spell(moved.length))} of ${count(movements.length)}
    metrics moved${causes.length ? `, after a change of ${list(causes)}` : ""}.${verdicts}
  </p>`;
}

/** Returns a row for each metric with its effect in both jobs, the moved ones first, and why it moved. */
export function movementTable(movements: Movement[], {scale}: {scale: Scale}) {
  const rows = movements.toSorted((a, b) => Number(b.because.length > 0) - Number(a.because.length > 0));
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Numbers of both jobs">
    <table class="results movements">
      <thead>
        <tr>
          <th scope="col">Metric</th>
          <th scope="col" class="num">First</th>
          <th scope="col">Verdict</th>
          <th scope="col" class="num">Second</th>
          <th scope="col">Verdict</th>
          <th scope="col">Because of</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({title, before, after, because}) =>
            html`<tr>
              <th scope="row">${title}</th>
              ${side(before, scale)}${side(after, scale)}
              <td class="because">${because.length ? list(because) : "the same"}</td>
            </tr>`
        )}
      </tbody>
    </table>
  </div>`;
}

function side(finding: Finding | null, scale: Scale) {
  if (!finding?.effect)
    return html.fragment`<td class="num">–</td><td class="reason">${finding?.reason ?? ""}</td>`;
  const {metric, effect, verdict} = finding;
  const {value, low, high} = estimateOf(effect, scale);
  const written = (x: number | null) => (scale === "relative" ? lift(x) : difference(x, metric));
  return html.fragment`<td class="num"><b>${written(value)}</b><small>${written(low)} to ${written(high)}</small></td>
    <td class=${`verdict ${verdict ?? "unclear"}`}>${verdict ? worded(verdict) : ""}</td>`;
}

/** Returns what was changed between the jobs: settings, then definitions of metrics. */
export function changesOf({settings, metrics, isOtherData}: JobDiff) {
  if (!settings || !metrics)
    return html`<p class="none">
      One of the jobs is from before it was kept what a job is made of; calculate it again to compare that
      too.
    </p>`;
  if (!settings.length && !metrics.length)
    return html`<p>
      The observation and its metrics are the same${isOtherData ? "; the warehouse’s data is other" : ""}.
    </p>`;
  return html`<div>
    ${settings.length ? fieldTable("Settings of the observation", settings) : null}
    ${metrics.map(({title, fields, isNew, isGone}) =>
      isNew || isGone
        ? html`<p>${title} is only in the ${isNew ? "second" : "first"} job.</p>`
        : fieldTable(`Definition of ${title}`, fields)
    )}
  </div>`;
}

function fieldTable(caption: string, fields: ChangedField[]) {
  return html`<table class="values changes">
    <caption>
      ${caption}
    </caption>
    <thead>
      <tr>
        <th scope="col">Field</th>
        <th scope="col">First</th>
        <th scope="col">Second</th>
      </tr>
    </thead>
    <tbody>
      ${fields.map(
        ({field, before, after}) =>
          html`<tr>
            <th scope="row">${field.replaceAll("_", " ")}</th>
            <td>${before ?? "–"}</td>
            <td>${after ?? "–"}</td>
          </tr>`
      )}
    </tbody>
  </table>`;
}

/** Returns the SQL of both jobs as one text with what was taken out and put in. */
export function sqlChanges(sql: JobDiff["sql"]) {
  if (sql.every(({kind}) => kind === "same")) return html`<p class="none">The SQL is the same.</p>`;
  return html`<details class="query" open>
    <summary>What changed in the SQL</summary>
    <pre class="sql" tabindex="0" aria-label="SQL of both jobs"><code>${sql.map(part)}</code></pre>
  </details>`;
}

function part({text, kind}: JobDiff["sql"][number]) {
  if (kind === "removed") return html`<del>${text}</del>`;
  if (kind === "added") return html`<ins>${text}</ins>`;
  const lines = text.split("\n");
  return lines.length > 8 ? [...lines.slice(0, 3), "  …", ...lines.slice(-4)].join("\n") : text;
}

/** Returns the two jobs in words, each with a way to its results. */
export function sides(first: JobView, second: JobView) {
  const of = ({view}: JobView) =>
    html`<a href=${resultsPage(view.observation.id)}>${view.observation.name}</a>, job ${view.job!.id}`;
  return html`<p class="about">${of(first)} → ${of(second)}</p>`;
}
