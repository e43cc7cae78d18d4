import type {AuditAnswer} from "../../lib/view-types.js";
import {auditObservation} from "./api.js";
import {failure} from "./failure.js";
import {count} from "../stats/format.js";
import {html, svg} from "./notebook.js";

/** Returns a button that shuffles an observation's units, and beneath it what came of it. */
export function auditor(observation: number, {metric, confidence}: {metric: string; confidence: number}) {
  const answer = html`<div aria-live="polite"></div>`;
  const button = html`<button type="button" class="action">Shuffle 2,000 times</button>` as HTMLButtonElement;
  button.onclick = async () => {
    button.disabled = true;
    answer.replaceChildren("Shuffling …");
    const shown = await auditObservation(observation, {metric, confidence}).then(audited, failure);
    answer.replaceChildren(shown);
    button.disabled = false;
  };
  return html`<div class="auditor">${button}${answer}</div>`;
}

function audited({results, refused}: AuditAnswer) {
  const reasons = Object.values(refused);
  if (reasons.length) return html`<p>It cannot be audited: ${reasons[0]}.</p>`;
  return html`<div>
    ${results.map(
      ({variant, sentence, histogram, tested}) =>
        html`<p><i>${variant}</i>: ${sentence}.</p>
          ${tested ? spread(histogram) : ""}`
    )}
  </div>`;
}

// p-values in equal bins; where nothing is to be found every bin should be as high as the line.
function spread(histogram: number[]) {
  const even = histogram.reduce((sum, n) => sum + n, 0) / histogram.length;
  const height = (n: number) => Math.min(60, (n / even) * 30);
  const label = `p-values of the shuffles in ${histogram.length} equal bins: ${histogram.map(count).join(", ")}; even would be ${count(Math.round(even))} each`;
  return svg`<svg class="spread" role="img" aria-label=${label} width=${histogram.length * 14} height="62">
    ${histogram.map((n, i) => svg`<rect x=${i * 14} width="12" y=${60 - height(n)} height=${height(n)}></rect>`)}
    <line x1="0" x2=${histogram.length * 14} y1="30" y2="30"></line>
  </svg>`;
}
