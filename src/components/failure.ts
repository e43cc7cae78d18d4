import {experimentsPage, Failure} from "./api.js";
import {capital} from "../stats/format.js";
import {html} from "./notebook.js";

/** Returns what a reader should know of an answer that did not come: what is wrong and what to do. */
export function failure(error: unknown) {
  const {message} = error instanceof Error ? error : new Error(String(error));
  const hint = error instanceof Failure ? error.hint : null;
  return html`<div class="failure" role="alert">
    <p class="summary">${asSentence(message)}</p>
    <p>${hint ? capital(hint) + "." : null} <a href=${experimentsPage}>To the experiments</a></p>
  </div>`;
}

// The name of a file stays as it is.
const asSentence = (message: string) => (/^\S*[./\\]/.test(message) ? message : capital(message));

/** Returns a failure in the server's words, its lines kept, for a place beside what was asked. */
export function problem(error: unknown) {
  const hint = error instanceof Failure ? error.hint : null;
  const message = error instanceof Error ? error.message : String(error);
  return html`<span class="failure problem"><b>${message}</b>${hint ? `\n${hint}` : ""}</span>`;
}
