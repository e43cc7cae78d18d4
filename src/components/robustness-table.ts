import type {Cells} from "../stats/cells.js";
import {sharedEstimate, type Scale} from "../stats/analysis.js";
import {askUnits} from "./api.js";
import {comparisonCells, comparisonHead} from "./comparison-cells.js";
import {confidenceOf, count, list, spell, value} from "../stats/format.js";
import {domainOf, type Domain} from "./interval-bar.js";
import {html} from "./notebook.js";
import {
  cappedReading,
  otherReadings,
  type OtherReading,
  type Read,
  type RobustnessQuestion
} from "./robustness.js";

type Options = {scale: Scale; confidence: number; control: string; treatment: string};

/** Returns the sentence of what the readings say together, and a row for each, all on one scale. */
export function robustnessTable(readings: OtherReading[], options: Options) {
  const domain = domainOf(
    readings.flatMap(({finding}) => (finding?.effect && sharedEstimate(finding.effect, options.scale)) ?? [])
  );
  const title = readings[0].finding?.metric.title;
  return html`<div>
    <p>${sentenceOf(readings)}</p>
    <div class="scroll" tabindex="0" role="region" aria-label="Results by reading">
      <table class="results readings">
        <caption>
          ${title ? `${title}, ` : ""}each reading with one thing changed from what is asked above;
          ${confidenceOf(options.confidence)} intervals.
        </caption>
        <thead>
          <tr>
            <th scope="col">Reading</th>
            ${comparisonHead({...options, domain})}
          </tr>
        </thead>
        <tbody>
          ${readings.map((reading) => row(reading, {...options, domain}))}
        </tbody>
      </table>
    </div>
  </div>`;
}

function sentenceOf([asked, ...others]: OtherReading[]): string {
  const verdict = asked.finding?.verdict;
  if (!verdict)
    return "There is no verdict to hold: " + (asked.reason ?? "the control is not declared") + ".";
  if (verdict === "invalid") return "The units are not split as planned, so no reading can be trusted.";
  const answered = others.filter(({finding}) => finding);
  if (!answered.length) return "There is no other reading of this metric.";
  const otherwise = answered.filter(({finding}) => finding!.verdict !== verdict);
  const number = answered.length === 1 ? "the other reading" : `all ${spell(answered.length)} other readings`;
  return otherwise.length
    ? `The verdict, ${verdict}, changes under ${spell(otherwise.length)} of ${spell(answered.length)} other readings: ${list(otherwise.map(({name, finding}) => `${name} (${finding!.verdict})`))}.`
    : `The verdict, ${verdict}, is the same under ${number}.`;
}

function row(
  {name, finding, reason}: OtherReading,
  options: Pick<Options, "scale" | "confidence"> & {domain: Domain}
) {
  if (!finding?.effect)
    return html`<tr>
      <th scope="row">${name}</th>
      <td class="reason" colspan="6">${reason}</td>
    </tr>`;
  const {metric, effect, verdict} = finding;
  return html`<tr>
    <th scope="row">${name}</th>
    <td class="num arm">${value(effect.control, metric)}<small>n ${count(effect.n.control)}</small></td>
    <td class="num arm">${value(effect.treatment, metric)}<small>n ${count(effect.n.treatment)}</small></td>
    ${comparisonCells({name, metric, effect, verdict, reason: effect.reason}, options)}
  </tr>`;
}

/** A metric's moments under other caps, each as it comes; an answer that does not come says why. */
export type Capped = {name: string; cells: Promise<Cells | {problem: string}>}[];

/** Asks the cached units for a metric under other caps, where those can change anything; nothing is asked twice. */
export function otherCaps() {
  const asked = new Map<string, Promise<Cells | {problem: string}>>();
  const ask = (
    observation: number,
    job: number,
    question: {metric: string; by: string[]; cap: number | "none"}
  ) => {
    const key = JSON.stringify([observation, question]);
    const {metric, by, cap} = question;
    if (!asked.has(key))
      asked.set(
        key,
        askUnits(observation, {metrics: [metric], by, cap}).then(
          (answer) => (answer.job === job ? answer.cells : {problem: "a newer job has counted other units"}),
          (error: Error) => ({problem: error.message})
        )
      );
    return asked.get(key)!;
  };
  return ({results}: Read, {metric: alias, slice}: RobustnessQuestion): Capped => {
    const metric = results.metrics.find((row) => row.metric.alias === alias)?.metric;
    if (!metric || metric.type === "proportion" || metric.type === "quantile" || !results.job) return [];
    const {observation, job, stale} = results;
    const under = (name: string, cap: number | "none") => ({
      name,
      cells: stale
        ? Promise.resolve({problem: `the cached units are others: ${stale}`})
        : ask(observation.id, job.id, {metric: alias, by: Object.keys(slice), cap})
    });
    return [...(metric.cap ? [under("not capped", "none")] : []), under("capped at 99%", 0.99)];
  };
}

/** Yields the readings that moments give at once, and again with those of the cached units when they have come. */
export async function* readingsOf(read: Read, question: RobustnessQuestion, capped: Capped) {
  const readings = otherReadings(read, question);
  yield readings;
  if (!capped.length) return;
  const found = await Promise.all(
    capped.map(async ({name, cells}): Promise<OtherReading> => {
      const answer = await cells;
      return "problem" in answer
        ? {name, finding: null, reason: answer.problem}
        : cappedReading(name, {results: read.results, capped: answer}, question);
    })
  );
  yield [...readings, ...found];
}
