import type {Readiness} from "../stats/traffic.js";
import {html} from "./notebook.js";

const states = {ready: "ready", wait: "wait", invalid: "stop"};

/** Returns the box above the results: whether they may be read, and why. */
export function readiness({status, title, sentence, causes}: Readiness) {
  return html`<aside class=${`readiness ${states[status]}`} aria-label="Readiness">
    <h2>${title}</h2>
    <p>${sentence}</p>
    ${causes.length ? causeList(causes) : null}
  </aside>`;
}

const causeList = (causes: string[]) =>
  html.fragment`<p class="causes">Usual causes:</p>
    <ul>${causes.map((cause) => html`<li>${cause}</li>`)}</ul>`;
