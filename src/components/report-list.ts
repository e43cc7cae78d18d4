// The index of reports as a memory: what was tried, what came of it, and what one metric showed everywhere.

import type {IndexedEffect, IndexEntry} from "../../lib/report-types.js";
import {shrink} from "../stats/shrink.js";
import type {Verdict} from "../stats/types.js";
import {count, inSentence, lift, percent} from "../stats/format.js";
import {describeInterval, domainOf, intervalAxis, intervalBar, type Domain} from "./interval-bar.js";
import {choice, line} from "./controls.js";
import {Inputs, html} from "./notebook.js";
import {worded} from "./verdict.js";

/** Returns the reports whose words hold all that is searched for, of one status or of "all". */
export function matchingReports(entries: IndexEntry[], {search, status}: {search: string; status: string}) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter((entry) => {
    const {name, owner, conclusion, hypotheses, effects} = entry;
    const text = [name, owner, conclusion, hypotheses, ...effects.map(({title}) => title)]
      .join("\n")
      .toLowerCase();
    return (status === "all" || entry.status === status) && words.every((word) => text.includes(word));
  });
}

/** Returns search and status of the index in one line; its value is {search, status}, a status as statusesOf gives it. */
export function reportSearch(entries: IndexEntry[]) {
  const statuses = statusesOf(entries);
  const format = ({name, n}: {name: string; n: number}) => html`${name} <small>${count(n)}</small>`;
  const inputs = {
    search: Inputs.text({label: "Search", type: "search", autocomplete: "off"}),
    status: choice("Status", Inputs.radio(statuses, {value: statuses[0], format}))
  };
  return Inputs.form(inputs, {template: line});
}

/** Returns the choice of a metric that several reports measured. */
export function acrossForm(metrics: MetricAcross[]) {
  const format = ({title, n}: MetricAcross) => `${title} (${n})`;
  return Inputs.form({metric: Inputs.select(metrics, {label: "Metric", format})}, {template: line});
}

/** Returns every status there is with how many reports have it, all of them first. */
function statusesOf(entries: IndexEntry[]): {name: string; n: number}[] {
  const names = [...new Set(entries.map(({status}) => status))].sort();
  const counted = names.map((name) => ({name, n: entries.filter(({status}) => status === name).length}));
  return [{name: "all", n: entries.length}, ...counted];
}

/** Returns the effect of the primary metric that a report opens with. */
const primaryOf = ({effects}: IndexEntry) => effects.find(({role}) => role === "primary") ?? null;

/** Returns how many of the completed reports that can be read found their primary metric better in some variant. */
function winRate(entries: IndexEntry[]): {won: number; of: number} {
  const readable = entries.filter(({status, isReadable}) => status === "completed" && isReadable);
  const isWon = ({effects}: IndexEntry) =>
    effects.some(({role, verdict}) => role === "primary" && verdict === "better");
  return {won: readable.filter(isWon).length, of: readable.length};
}

/** Returns the sentence of how often the primary metric got better. */
export function winSentence(entries: IndexEntry[]) {
  const {won, of} = winRate(entries);
  if (!of)
    return html`<p class="summary">No completed experiment with a fair split is among these reports.</p>`;
  return html`<p class="summary">
    In <b>${count(won)} of ${count(of)}</b> completed experiments (${percent(won / of)}) the primary metric
    got better.
  </p>`;
}

/** Returns the reports as a table, newest job first. */
export function reportTable(entries: IndexEntry[]) {
  if (!entries.length) return html`<p class="empty" role="status">No report matches.</p>`;
  const domain = domainOf(entries.flatMap((entry) => primaryOf(entry) ?? []).map(intervalOf));
  const newest = entries.toSorted((a, b) => b.job.createdAt.localeCompare(a.job.createdAt));
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Reports">
    <table class="results reports">
      <thead>
        <tr>
          <th scope="col">Experiment</th>
          <th scope="col" class="num more">Units</th>
          <th scope="col" class="more">Primary metric</th>
          ${liftHead(domain)}
          <th scope="col">Verdict</th>
        </tr>
      </thead>
      <tbody>
        ${newest.map((entry) => reportRow(entry, domain))}
      </tbody>
    </table>
  </div>`;
}

const liftHead = (domain: Domain) => html.fragment`<th scope="col" class="num">Lift</th>
  <th scope="col" class="interval-cell">
    <span class="hidden">Interval</span>
    <div class="scale">${intervalAxis(domain)}</div>
  </th>`;

const intervalOf = ({lift: value, low, high}: Pick<IndexedEffect, "lift" | "low" | "high">) => ({
  value,
  low,
  high
});

function reportRow(entry: IndexEntry, domain: Domain) {
  const {file, name, owner, status, conclusion, units} = entry;
  const primary = primaryOf(entry);
  return html`<tr>
    <th scope="row">
      <a href=${`./${file}`}>${name}</a><small>${status}${owner ? `, ${owner}` : ""}</small>
      ${conclusion ? html`<small class="conclusion">${conclusion}</small>` : null}
      <small class="less">${primary ? `${inSentence(primary.title)}, ` : ""}${count(units)} units</small>
    </th>
    <td class="num more">${count(units)}</td>
    <td class="more">${primary ? inSentence(primary.title) : "none"}</td>
    ${primary ? liftCells(primary, {domain, name}) : html`<td colspan="2"></td>`}
    <td class=${`verdict ${primary?.verdict ?? ""}`}>
      ${primary?.verdict ? worded(primary.verdict as Verdict) : ""}
    </td>
  </tr>`;
}

function liftCells(effect: IndexedEffect, {domain, name}: {domain: Domain; name: string}) {
  const interval = intervalOf(effect);
  const verdict = (effect.verdict ?? "unclear") as Verdict;
  const label = describeInterval(interval, `${name}, ${effect.title}: lift`, 0.95);
  return html.fragment`<td class="num"><b>${lift(effect.lift)}</b><small>${lift(effect.low)} to ${lift(effect.high)}</small></td>
    <td class="interval-cell">${effect.lift === null ? null : intervalBar(interval, {domain, verdict, label})}</td>`;
}

export type MetricAcross = {alias: string; title: string; n: number};

/** Returns the metrics that several reports measured, those of most reports first. */
export function metricsAcross(entries: IndexEntry[]): MetricAcross[] {
  const found = new Map<string, MetricAcross>();
  for (const {effects} of entries)
    for (const {metric: alias, title} of new Map(effects.map((each) => [each.metric, each])).values())
      found.set(alias, {alias, title, n: (found.get(alias)?.n ?? 0) + 1});
  return [...found.values()]
    .filter(({n}) => n > 1)
    .sort((a, b) => b.n - a.n || a.title.localeCompare(b.title));
}

/** Returns what one metric showed in every report, as seen and drawn together, on one scale. */
export function acrossReports(entries: IndexEntry[], {alias, title}: MetricAcross) {
  const seen = entries
    .filter(({isReadable}) => isReadable)
    .flatMap((entry) =>
      entry.effects.flatMap((effect) =>
        effect.metric === alias && effect.lift !== null && effect.error
          ? [{entry, effect, value: effect.lift, error: effect.error}]
          : []
      )
    );
  const together = shrink(seen);
  const rows = seen
    .map((each, i) => ({...each, drawn: together?.effects[i] ?? null}))
    .sort((a, b) => b.value - a.value);
  const domain = domainOf(rows.flatMap(({effect, drawn}) => [intervalOf(effect), ...(drawn ? [drawn] : [])]));
  return html`<div>
    <p>${togetherSentence(together, {n: seen.length, title})}</p>
    <div class="scroll" tabindex="0" role="region" aria-label=${`${title} in every report`}>
      <table class="results across">
        <thead>
          <tr>
            <th scope="col">Experiment</th>
            <th scope="col">Variant</th>
            ${liftHead(domain)}
            <th scope="col" class="num">Drawn together</th>
            <th scope="col" class="interval-cell"><span class="hidden">Its interval</span></th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ({entry, effect, drawn}) =>
              html`<tr>
                <th scope="row"><a href=${`./${entry.file}`}>${entry.name}</a></th>
                <td>${effect.treatment}</td>
                ${liftCells(effect, {domain, name: entry.name})}
                ${drawnCells(drawn, {domain, name: entry.name})}
              </tr>`
          )}
        </tbody>
      </table>
    </div>
  </div>`;
}

type Drawn = {value: number; low: number; high: number} | null;

function drawnCells(drawn: Drawn, {domain, name}: {domain: Domain; name: string}) {
  if (!drawn) return html`<td colspan="2"></td>`;
  const label = describeInterval(drawn, `${name}, drawn together: lift`, 0.95);
  return html.fragment`<td class="num"><b>${lift(drawn.value)}</b><small>${lift(drawn.low)} to ${lift(drawn.high)}</small></td>
    <td class="interval-cell">${intervalBar(drawn, {domain, verdict: "unclear", label})}</td>`;
}

function togetherSentence(together: ReturnType<typeof shrink>, {n, title}: {n: number; title: string}) {
  if (!together) return `Too few effects on ${inSentence(title)} to draw them together: it takes three.`;
  return html.fragment`${count(n)} effects on ${inSentence(title)} lie around ${lift(together.mean)} and spread by ${percent(together.spread, 1)} beyond noise.
    Those that look best were lucky too: drawn together, each is what one should expect of it again.`;
}

/** Returns what was planned beside what came, of the reports that have a plan. */
export function plannedAndActual(entries: IndexEntry[]) {
  const planned = entries.filter((entry) => entry.planned);
  if (!planned.length) return html`<p class="none">None of these experiments kept a plan.</p>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Planned and actual">
    <table class="values">
      <thead>
        <tr>
          <th scope="col">Experiment</th>
          ${["Units planned", "Units", "Days planned", "Days", "Lift planned", "Lift seen"].map((name) => html`<th scope="col" class="num">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${planned.map(
          ({file, name, planned: plan, units, days, ...entry}) =>
            html`<tr>
              <th scope="row"><a href=${`./${file}`}>${name}</a></th>
              <td class="num">${plan!.units === null ? "–" : count(plan!.units)}</td>
              <td class="num">${count(units)}</td>
              <td class="num">${plan!.day ?? "–"}</td>
              <td class="num">${days ?? "–"}</td>
              <td class="num">${lift(plan!.lift)}</td>
              <td class="num">${lift(entry.effects.find(({role}) => role === "primary")?.lift ?? null)}</td>
            </tr>`
        )}
      </tbody>
    </table>
  </div>`;
}
