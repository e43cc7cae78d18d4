import type {Assessment} from "../stats/assess.js";
import type {SummaryPart} from "../stats/summary.js";
import {html} from "./notebook.js";

/** Returns the answer of the page in a sentence or two; withheld where the traffic is not split as planned. */
export function summary({summary, isReadable}: Assessment) {
  return html`<p class=${isReadable ? "summary" : "summary withheld"}>${summary.map(drawn)}</p>`;
}

function drawn({text, strong, em}: SummaryPart): Node | string {
  if (strong) return html`<b>${text}</b>`;
  return em ? html`<i>${text}</i>` : text;
}
