import {estimateOf} from "./analysis.js";
import type {Finding, Scale} from "./analysis.js";
import {capital, confidenceOf, difference, inSentence, lift, list, spell} from "./format.js";
import {html} from "./notebook.js";

/** Returns the answer of the page in a sentence or two; withheld where the traffic is not split as planned. */
export function summary(findings: Finding[], options: {scale: Scale; confidence: number; isValid: boolean}) {
  if (!options.isValid) {
    return html`<p class="summary withheld">
      No conclusion: the traffic is not split as planned. The numbers below are shown for finding the cause.
    </p>`;
  }
  const primary = findings.find((d) => d.metric.role === "primary");
  const first = primary ? main(primary, options) : "This experiment declares no primary metric.";
  return html`<p class="summary">${first} ${guardrails(findings)}</p>`;
}

function main(
  {metric, effect, verdict, treatment, reason}: Finding,
  {scale, confidence}: {scale: Scale; confidence: number}
) {
  const title = inSentence(metric.title);
  if (!effect || !verdict) return html`<b>${capital(title)}</b> cannot be compared: ${reason}.`;
  const {value, low, high} = estimateOf(effect, scale);
  const written = (x: number | null) => (scale === "relative" ? lift(x) : difference(x, metric));
  const interval = `with a ${confidenceOf(confidence)} interval from ${written(low)} to ${written(high)}`;
  if (value === null)
    return html`<b>${capital(title)}</b> has no ${scale === "relative" ? "lift" : "difference"}: ${reason}.`;
  if (verdict === "unclear")
    return html`No clear effect of <i>${treatment}</i> on <b>${title}</b>: ${written(value)}, ${interval}.`;
  const verb = value > 0 ? "raises" : "lowers";
  const good = verdict === "better" || verdict === "worse" ? ` That is ${verdict}.` : "";
  return html`<i>${treatment}</i> ${verb} <b>${title} by ${unsigned(written(value))}</b>, ${interval}.${good}`;
}

const unsigned = (text: string) => text.replace(/^[+−]/, "");

function guardrails(findings: Finding[]): string {
  const all = findings.filter((d) => d.metric.role === "guardrail");
  const worse = all.filter((d) => d.verdict === "worse").map((d) => inSentence(d.metric.title));
  if (!all.length) return "";
  if (!worse.length)
    return all.length === 1 ? "The guardrail is not clearly worse." : "No guardrail is clearly worse.";
  const number = worse.length === 1 ? "One guardrail" : `${capital(spell(worse.length))} guardrails`;
  return `${number}, ${list(worse)}, ${worse.length === 1 ? "is" : "are"} worse.`;
}
