import type {MetricDetail, MetricMoments, MetricTrial} from "../../lib/view-types.js";
import {findingsOf, readingOfDefaults, sharedEstimate, trafficOf, type Finding} from "../stats/analysis.js";
import {experimentPage, metricsPage, resultsPage, tryMetrics} from "./api.js";
import {comparisonCells, comparisonHead} from "./comparison-cells.js";
import {problem} from "./failure.js";
import {count, date, lift, value} from "../stats/format.js";
import {domainOf} from "./interval-bar.js";
import {html} from "./notebook.js";
import {changing} from "./role.js";
import {sqlText} from "./sql-text.js";
import {valuesTable} from "./values-table.js";
import {controlOf} from "../stats/variants.js";
import {worded} from "./verdict.js";

const kinds = {
  mean: "A mean over units",
  proportion: "A share of units",
  ratio: "A ratio of two sums",
  quantile: "A quantile over units"
};

/** Returns what a metric is: its sentence, its definition and who decides by it. */
export function metricFacts({metric, source, yaml, usedBy}: MetricDetail) {
  const {title, description, type, owner, goal, tags, group, numerator, denominator} = metric;
  const said = [
    kinds[type],
    goal ? `good where it ${goal}s` : null,
    owner ? `owned by ${owner}` : null,
    `group ${group}`,
    tags.length ? `tags ${tags.join(", ")}` : null
  ].filter(Boolean);
  return html`<div>
    <h1>${title}</h1>
    ${description ? html`<p class="summary">${description}</p>` : null}
    <p>${said.join("; ")}. Defined in <code>${source}</code>.</p>
    ${
      usedBy.length
        ? html`<p>
            Decides
            ${usedBy.map(({id, name, role}, i) => html.fragment`${i ? ", " : ""}<a href=${experimentPage(id)}>${name}</a> (${role})`)}.
          </p>`
        : html`<p class="none">No experiment decides by it.</p>`
    }
    <p class="facts"><a href=${metricsPage}>All metrics</a></p>
    <details class="query">
      <summary>Definition</summary>
      <pre class="sql" tabindex="0" aria-label="YAML of the metric"><code>${yaml}</code></pre>
      <p class="quiet">As SQL over the events of a unit:</p>
      ${sqlText(denominator ? `${numerator}\n-- over\n${denominator}` : numerator)}
    </details>
  </div>`;
}

/** Returns what a metric showed in each experiment, newest first, all intervals on one scale. */
export function metricHistory({history, defaults}: MetricDetail) {
  const rows = history.flatMap(({experiment, observation, row, units, planned}) => {
    const control = controlOf(experiment);
    if (control === null) return [];
    const counted = new Map(units.map((d) => [d.variant, d.units]));
    const srm = trafficOf(experiment, counted, defaults.srmThreshold, planned);
    const treatments = experiment.variants.map(({name}) => name).filter((name) => name !== control);
    const found = findingsIn([row], {control, treatments, defaults, isValid: !srm?.isMismatch})[0];
    return found.map((finding) => ({experiment, observation, finding}));
  });
  if (!rows.length)
    return html`<p class="none">No experiment with a declared control has measured it yet.</p>`;
  const domain = domainOf(
    rows.flatMap(({finding}) => (finding.effect && sharedEstimate(finding.effect, "relative")) ?? [])
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Effects in experiments">
    <table class="results history">
      <thead>
        <tr>
          <th scope="col">Experiment</th>
          ${comparisonHead({control: "control", treatment: "treatment", scale: "relative", domain})}
        </tr>
      </thead>
      <tbody>
        ${rows.map(({experiment, observation, finding}) => {
          const {metric, effect, verdict, reason, treatment} = finding;
          const name = html`<th scope="row">
            <a href=${resultsPage(observation)}>${experiment.name}</a
            ><small>${treatment}${experiment.start ? `, ${date(new Date(experiment.start))}` : ""}</small>
          </th>`;
          return effect
            ? html`<tr>
                ${name}
                <td class="num arm">
                  ${value(effect.control, metric)}<small>n ${count(effect.n.control)}</small>
                </td>
                <td class="num arm">
                  ${value(effect.treatment, metric)}<small>n ${count(effect.n.treatment)}</small>
                </td>
                ${comparisonCells({name: experiment.name, metric, effect, verdict, reason}, {scale: "relative", domain, confidence: defaults.confidence})}
              </tr>`
            : html`<tr>
                ${name}
                <td class="reason" colspan="6">${reason}</td>
              </tr>`;
        })}
      </tbody>
    </table>
  </div>`;
}

type Asked = {control: string; treatments: string[]; defaults: MetricDetail["defaults"]; isValid: boolean};

const findingsIn = (metrics: MetricMoments[], {control, treatments, defaults, isValid}: Asked): Finding[][] =>
  findingsOf(metrics, {
    ...readingOfDefaults(defaults),
    control,
    treatments,
    scale: "relative",
    isValid
  });

type Offer = {yaml: string; observations: {id: number; name: string}[]};

/** Returns a place to write a metric as YAML and see at once what it comes to on an observation's units; no file is changed. */
export function metricTrial({yaml, observations}: Offer) {
  const area = html`<textarea
    name="yaml"
    rows="14"
    spellcheck="false"
    aria-label="Metric as YAML"
  ></textarea>` as HTMLTextAreaElement;
  area.value = yaml;
  const select = html`<select name="observation" aria-label="On the units of">
    ${observations.map(({id, name}) => html`<option value=${id}>${name}</option>`)}
  </select>` as HTMLSelectElement;
  const answer = html`<section aria-label="What it comes to" aria-live="polite"></section>`;
  const button = html`<button class="action">Try it</button>` as HTMLButtonElement;
  const form = html`<form class="trial">
    ${area}
    <p class="calculator">On the units of ${select} ${button}</p>
  </form>` as HTMLFormElement;
  form.onsubmit = (event) => {
    event.preventDefault();
    button.disabled = true;
    void tryMetrics(area.value, Number(select.value))
      .then(tried, problem)
      .then((node) => answer.replaceChildren(node))
      .finally(() => (button.disabled = false));
  };
  if (!observations.length)
    return html`<p class="none">
      A formula is tried on the units of a calculated observation; there is none yet.
    </p>`;
  return html`<div>${changing("analyst", [form], {isForm: true})}${answer}</div>`;
}

function tried({experiment, metrics, sql, job, defaults}: MetricTrial) {
  const control = controlOf(experiment);
  const variants = metrics[0].arms.map(({variant}) => variant);
  const treatments = variants.filter((name) => name !== control);
  const findings =
    control === null ? [] : findingsIn(metrics, {control, treatments, defaults, isValid: true}).flat();
  return html`<div>
    ${valuesTable(metrics, variants, {caption: `Of the units of job ${job}; nothing is kept.`})}
    <ul>
      ${findings.map(sentence)}
    </ul>
    <details class="query">
      <summary>Rendered SQL</summary>
      ${sqlText(sql)}
    </details>
  </div>`;
}

function sentence({metric, treatment, effect, verdict, reason}: Finding) {
  if (!effect?.lift) return html`<li>${metric.title}, ${treatment}: ${reason}</li>`;
  const {value: own, low, high} = effect.lift;
  return html`<li>
    ${metric.title}, ${treatment}: <b>${lift(own)}</b>, ${lift(low)} to
    ${lift(high)}${verdict ? ` ${worded(verdict)}` : ""}
  </li>`;
}
