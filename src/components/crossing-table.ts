import type {Overlap, ResultsView} from "../../lib/view-types.js";
import {crossUnits, resultsPage} from "./api.js";
import {crossingRows, type Crossed, type CrossingQuestion, type CrossingRow} from "./crossings.js";
import {confidenceOf, count, inSentence, lift, list, pvalue} from "../stats/format.js";
import {describeInterval, domainOf, intervalAxis, intervalBar, type Domain} from "./interval-bar.js";
import {html} from "./notebook.js";

/** Experiments that are crossed with at most, those that started last. */
const mostCrossed = 8;

/** Returns the other experiments on the same units, and a button that looks whether an effect hangs on them. */
export function crossings(overlaps: Overlap[], view: ResultsView, question: CrossingQuestion) {
  const shown = overlaps
    .toSorted((a, b) => (b.experiment.start ?? "").localeCompare(a.experiment.start ?? ""))
    .slice(0, mostCrossed);
  const answer = html`<div aria-live="polite"></div>`;
  const button = html`<button type="button" class="action">Cross their units</button>` as HTMLButtonElement;
  const {alias, title} = question.metric;
  button.onclick = async () => {
    button.disabled = true;
    const crossed: Crossed[] = [];
    for (const overlap of shown) {
      answer.replaceChildren(html`<p class="quiet">Crossing with ${overlap.experiment.name} …</p>`);
      const asked = {with: overlap.observation, metrics: [alias]};
      crossed.push({overlap, answer: await crossUnits(view.observation.id, asked).catch(problemOf)});
    }
    answer.replaceChildren(crossingTable(crossingRows(crossed, question), question));
    button.disabled = false;
  };
  return html`<div class="crossings">
    <p>
      Units may be in ${list(shown.map(({experiment}) => experiment.name))} at the same time. If the lift of
      ${inSentence(title)} is another there under the treatment than under the control, the two changes
      interact.
    </p>
    ${button}${answer}
  </div>`;
}

const problemOf = ({message}: Error) => ({problem: message});

function crossingTable(rows: CrossingRow[], {metric, control, treatment, confidence}: CrossingQuestion) {
  const domain = domainOf(rows.flatMap(({found}) => (found?.lift.error ? found.lift : [])));
  const clear = rows.filter((row) => isClear(row, confidence));
  const said = clear.length
    ? `The lift depends on ${list(clear.map(({experiment}) => experiment.name))}: read it for the combination that will be shipped.`
    : "Nothing that can be read says that the lift depends on any of them.";
  const unfair = rows.filter(({found, isFair}) => found && !isFair);
  const unread = unfair.length
    ? ` ${list(unfair.map(({experiment}) => experiment.name))} cannot be read: the units in both are not split as planned.`
    : "";
  return html`<div>
    <p>${said}${unread}</p>
    <div class="scroll" tabindex="0" role="region" aria-label="Interactions">
      <table class="results crossing">
        <caption>
          Lift of ${treatment} over ${control} in ${inSentence(metric.title)} among units in both experiments;
          their difference with its ${confidenceOf(confidence)} interval, p corrected by Holm. Events are
          counted as this observation counts them. Invalid: the units in both are not split as the two plans
          say.
        </caption>
        <thead>
          <tr>
            <th scope="col">Experiment</th>
            <th scope="col" class="num">under its control</th>
            <th scope="col" class="num">under its treatment</th>
            <th scope="col" class="num">Difference</th>
            <th scope="col" class="interval-cell">
              <span class="hidden">Interval of the difference</span>
              <div class="scale">${intervalAxis(domain)}</div>
            </th>
            <th scope="col" class="num p"><i>p</i></th>
            <th scope="col">Interaction</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map((row) => tableRow(row, {domain, confidence}))}
        </tbody>
      </table>
    </div>
  </div>`;
}

const isClear = ({isFair, pvalue}: CrossingRow, confidence: number) =>
  isFair && pvalue !== null && pvalue < 1 - confidence;

const words = {higher: "differs", unclear: "no sign", invalid: "– invalid"};

function tableRow(row: CrossingRow, {domain, confidence}: {domain: Domain; confidence: number}) {
  const {experiment, observation, other, units, found, pvalue: p, isFair, reason} = row;
  const head = html`<th scope="row">
    <a href=${resultsPage(observation)}>${experiment.name}</a
    ><small>${other ? `${other}, n ${count(units)}` : ""}</small>
  </th>`;
  if (!found || found.lift.value === null)
    return html`<tr>
      ${head}
      <td class="reason" colspan="6">${reason}</td>
    </tr>`;
  const {value, low, high} = found.lift;
  const verdict = isFair ? (isClear(row, confidence) ? "higher" : "unclear") : "invalid";
  const label = describeInterval(found.lift, `${experiment.name}: difference of lifts`, confidence);
  return html`<tr>
    ${head} ${found.under.map((each) => html`<td class="num">${lift(each.lift)}</td>`)}
    <td class="num"><b>${lift(value)}</b><small>${lift(low)} to ${lift(high)}</small></td>
    <td class="interval-cell">${intervalBar(found.lift, {domain, verdict, label})}</td>
    <td class="num p">${pvalue(p)}</td>
    <td class=${`verdict ${verdict}`}>${words[verdict]}</td>
  </tr>`;
}
