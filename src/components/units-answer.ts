// What the cached units answer: every metric asked for, in every cell, read as the page reads its own.

import type {MetricMoments, ResultsView} from "../../lib/view-types.js";
import {cellsIn, unitsIn, type Cells} from "../stats/cells.js";
import {findingsOf, sharedEstimate, type Finding, type FindingOptions} from "../stats/analysis.js";
import {askUnits} from "./api.js";
import type {UnitsQuestion} from "./ask-units.js";
import {comparisonCells, comparisonHead} from "./comparison-cells.js";
import {problem} from "./failure.js";
import {confidenceOf, count, value} from "../stats/format.js";
import {domainOf} from "./interval-bar.js";
import {html} from "./notebook.js";
import {momentsOfCells} from "./robustness.js";

type Options = FindingOptions & {treatment: string; confidence: number};
type Answer = {job: number; cells: Cells};

/** Returns a place that says that the units are asked, then what they answered, or why they did not. */
export function unitsAnswer(whole: ResultsView, question: UnitsQuestion, options: Options) {
  const place = html`<div class="units-answer" aria-live="polite">
    <p class="quiet">Asking the units …</p>
  </div>`;
  const {where, by, metric, cap} = question;
  const asked = {where: where || null, by: by ? [by] : [], metrics: metric ? [metric] : null, cap};
  void askUnits(whole.observation.id, asked)
    .then((answer) => answerTable(whole, {question, answer}, options), problem)
    .then((node) => place.replaceChildren(node));
  return place;
}

/** One value that cells are crossed by, its units in both arms, and what each metric found there. */
export type AnsweredCell = {value: string | null; units: [number, number]; findings: Finding[]};

/** Returns the findings of every cell of an answer, those with the most units first; days in their order. */
export function answeredCells(
  {metrics}: Pick<ResultsView, "metrics">,
  {by, cells}: {by: string | null; cells: Cells},
  {treatment, ...options}: Options
): AnsweredCell[] {
  const asked = metrics.filter(({metric}) => cells.metrics.some(({alias}) => alias === metric.alias));
  const [c, t] = [options.control, treatment].map((name) => cells.variants.indexOf(name));
  const found = valuesOf(by, cells).map((each): AnsweredCell => {
    const chosen = cellsIn(cells, each === null ? {} : {[by!]: [each]});
    const units = unitsIn(cells, chosen);
    const own: MetricMoments[] = asked.map((row) => momentsOfCells(row, cells, chosen));
    const studied = findingsOf(own, options);
    const findings = studied.map((row) => row[options.treatments.indexOf(treatment)]);
    return {value: each, units: [units[c] ?? 0, units[t] ?? 0], findings};
  });
  return by === "day" ? found : found.sort((a, b) => b.units[0] + b.units[1] - a.units[0] - a.units[1]);
}

const valuesOf = (by: string | null, {keys}: Cells): (string | null)[] =>
  by === null ? [null] : (keys.find(({name}) => name === by)?.values ?? []);

type Answered = {question: UnitsQuestion; answer: Answer};

function answerTable(whole: ResultsView, {question, answer}: Answered, options: Options): Node {
  const {treatment, control, scale, confidence} = options;
  if (answer.job !== whole.job!.id)
    return html`<p class="none">A newer job has counted other units: load the page again.</p>`;
  const cells = answeredCells(whole, {by: question.by, cells: answer.cells}, options);
  if (!cells.some(({units}) => units[0] + units[1]))
    return html`<p class="none">No unit is left by this condition.</p>`;
  const effects = cells.flatMap(({findings}) => findings.flatMap(({effect}) => effect ?? []));
  const domain = domainOf(effects.flatMap((effect) => sharedEstimate(effect, scale) ?? []));
  const ofWhat = question.where ? `Units where ${question.where}` : "All units";
  return html`<div class="scroll" tabindex="0" role="region" aria-label="What the units answer">
    <table class="results">
      <caption>
        ${ofWhat}: ${scale === "relative" ? "lift" : "difference"} of ${treatment} over ${control},
        ${confidenceOf(confidence)} intervals. Nothing corrects for how often one asks.
      </caption>
      <thead>
        <tr>
          <th scope="col">Metric</th>
          ${comparisonHead({control, treatment, scale, domain})}
        </tr>
      </thead>
      ${cells.map((cell) => body(cell, {...options, domain}))}
    </table>
  </div>`;
}

type Drawn = Options & {domain: ReturnType<typeof domainOf>};

function body({value: of, units, findings}: AnsweredCell, options: Drawn) {
  const title = of === null ? "Units" : of || "(none)";
  return html`<tbody>
    <tr class="group">
      <th colspan="7" scope="rowgroup">
        ${title}: ${count(units[0])} in ${options.control}, ${count(units[1])} in ${options.treatment}
      </th>
    </tr>
    ${findings.map((finding) => row(finding, options))}
  </tbody>`;
}

function row(finding: Finding, options: Drawn) {
  const {metric, effect, reason} = finding;
  if (!effect)
    return html`<tr>
      <th scope="row">${metric.title}</th>
      <td class="reason" colspan="6">${reason}</td>
    </tr>`;
  return html`<tr>
    <th scope="row">${metric.title}</th>
    <td class="num arm">${value(effect.control, metric)}<small>n ${count(effect.n.control)}</small></td>
    <td class="num arm">${value(effect.treatment, metric)}<small>n ${count(effect.n.treatment)}</small></td>
    ${comparisonCells({...finding, effect, name: metric.title}, options)}
  </tr>`;
}
