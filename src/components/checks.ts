import type {Check} from "../stats/checklist.js";
import {html} from "./notebook.js";

/** Returns the warnings of an assessment as a list; nothing where there are none. */
export function warnings(checks: Check[]): Node {
  return listed(checks, "warn", "Read with care");
}

/** Returns what is good to know of an assessment without being a warning. */
export function notes(checks: Check[]): Node {
  return listed(checks, "info", null);
}

function listed(checks: Check[], severity: Check["severity"], title: string | null): Node {
  const shown = checks.filter((check) => check.severity === severity);
  if (!shown.length) return document.createComment(`no ${severity}`);
  return html`<section class=${`checks ${severity}`} aria-label=${title}>
    ${title ? html`<h2>${title}</h2>` : null}
    <ul>
      ${shown.map(({sentence}) => html`<li>${sentence}</li>`)}
    </ul>
  </section>`;
}
