import type {AssessedMetric, SummaryPart} from "../stats/summary.js";
import {summaryOf} from "../stats/summary.js";
import type {Finding, Scale} from "./analysis.js";
import {difference} from "./format.js";
import {html} from "./notebook.js";

/** Returns the answer of the page in a sentence or two; withheld where the traffic is not split as planned. */
export function summary(findings: Finding[], options: {scale: Scale; confidence: number; isValid: boolean}) {
  const {confidence, isValid} = options;
  const scale = options.scale === "relative" ? "lift" : "difference";
  const parts = summaryOf(findings[0]?.treatment ?? "", findings.map(assessed), {scale, confidence, isValid});
  return html`<p class=${isValid ? "summary" : "summary withheld"}>${parts.map(drawn)}</p>`;
}

function assessed({metric, effect, reason}: Finding): AssessedMetric {
  const {alias, title, role, goal} = metric;
  return {alias, title, role, goal, effect, reason, writeDifference: (x) => difference(x, metric)};
}

function drawn({text, strong, em}: SummaryPart): Node | string {
  if (strong) return html`<b>${text}</b>`;
  return em ? html`<i>${text}</i>` : text;
}
