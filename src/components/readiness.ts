import type {SrmTest} from "../stats/types.js";
import type {Progress, Units} from "./analysis.js";
import {total} from "./analysis.js";
import {count, list, percent, pvalue} from "./format.js";
import {html} from "./notebook.js";

export type Traffic = {
  /** null where no shares are declared to test against. */
  srm: SrmTest | null;
  names: string[];
  units: Units;
  hasControl: boolean;
  progress: Progress | null;
  isRunning: boolean;
  /** Where to look for the cause of a mismatch. */
  causes: string[];
};

/** Returns the box above the results: whether they may be read, and why. */
export function readiness(traffic: Traffic) {
  const {state, title, reason} = judge(traffic);
  return html`<aside class=${`readiness ${state}`} aria-label="Readiness">
    <h2>${title}</h2>
    <p>${reason} ${extent(traffic)}</p>
    ${state === "stop" ? causeList(traffic.causes) : null}
  </aside>`;
}

const causeList = (causes: string[]) => html.fragment`<p class="causes">Usual causes:</p>
  <ul>${causes.map((cause) => html`<li>${cause}</li>`)}</ul>`;

function judge({srm, names, units, hasControl, isRunning}: Traffic) {
  if (srm?.isMismatch) return {state: "stop", title: "Do not read yet", reason: mismatch(srm, names, units)};
  const fair = srm ? `No sample ratio mismatch (p = ${pvalue(srm.pvalue)}).` : "";
  if (!hasControl) {
    const reason =
      "No variant of this experiment is declared as control, so there is nothing to compare with. Declare it once below; an experiment file with variants does the same.";
    return {state: "wait", title: "Which variant is the control?", reason};
  }
  if (!srm)
    return {
      state: "wait",
      title: "Traffic not checked",
      reason: "The shares planned for the variants are not declared."
    };
  if (isRunning) {
    const reason = `${fair} The test is still running: these intervals are meant to be read once, at its end.`;
    return {state: "wait", title: "Early look", reason};
  }
  return {state: "ready", title: "Ready to read", reason: fair};
}

function mismatch({expected, pvalue: p}: SrmTest, names: string[], units: Units): string {
  const all = total(units);
  const seen = names.map(
    (name, i) =>
      `${name} ${percent((units.get(name) ?? 0) / all, 1)} (planned ${percent(expected[i] / all, 1)})`
  );
  const odds = p !== null && p < 0.001 ? "p < 0.001" : `p = ${pvalue(p)}`;
  return `Sample ratio mismatch (${odds}): ${list(seen)}. Who was counted depends on the variant, so no difference here can be trusted until the cause is found.`;
}

function extent({progress, units}: Traffic): string {
  const days = progress ? `${progress.day} of ${progress.days} planned days; ` : "";
  return `${days}${count(total(units))} units.`;
}
