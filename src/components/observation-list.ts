import type {Job} from "../../lib/types.js";
import type {EditedExperiment} from "../../lib/view-types.js";
import {comparePage, deleteObservation, resultsPage} from "./api.js";
import type {Chosen} from "./editors.js";
import {count, duration, minute} from "../stats/format.js";
import {calculator} from "./job.js";
import {deleter} from "./lifecycle.js";
import {html} from "./notebook.js";
import {sqlText} from "./sql-text.js";

type Observation = EditedExperiment["observations"][number];
type Actions = {experiment: number; choose: (chosen: Chosen) => void; done: () => void};

/** Returns an experiment's observations, each with a button to run it and the history of its jobs. */
export function observationList(observations: Observation[], actions: Actions) {
  if (!observations.length)
    return html`<p class="empty">This experiment has no observation yet. Describe one below.</p>`;
  return html`<ul class="observations">
    ${observations.map((each) => item(each, actions))}
  </ul>`;
}

function item({id, fields, jobs}: Observation, {experiment, choose, done}: Actions) {
  const from = [fields.exposure_start_datetime, fields.exposure_end_datetime]
    .map((d) => d ?? "…")
    .join(" to ");
  const edit = html`<button type="button" class="link">Edit</button>`;
  edit.onclick = () => choose({id});
  const copy = html`<button type="button" class="link">Copy</button>`;
  copy.onclick = () => choose({id: null, copyOf: id});
  const newest = jobs.find(({status}) => status === "completed");
  const remove = deleter({
    consequences: () =>
      Promise.resolve(`“${fields.name}” goes with its ${count(jobs.length)} jobs and all their numbers.`),
    remove: () => deleteObservation(experiment, id),
    done
  });
  const latest = jobs.at(0) ?? null;
  return html`<li>
    <h2>${fields.name}</h2>
    <p class="quiet">by ${fields.split_id}, exposed ${from}</p>
    <p class="facts">
      ${newest ? html.fragment`<a href=${resultsPage(id)}>Results</a> · <a href=${comparePage(experiment, {to: newest.id})}>Compare</a> · ` : null}${edit}
      · ${copy} · ${remove}
    </p>
    ${calculator(id, {latest, label: latest ? "Run again" : "Run", done})} ${history(jobs)}
  </li>`;
}

function history(jobs: Job[]) {
  if (!jobs.length) return html`<p class="none">Not run yet.</p>`;
  const [{id, status, createdAt}] = jobs;
  return html`<details class="history">
    <summary>Job ${id} ${status}, ${minute(createdAt)}</summary>
    <ol reversed>
      ${jobs.map(entry)}
    </ol>
  </details>`;
}

function entry({id, status, createdAt, facts, error, query}: Job) {
  const said = [
    `Job ${id} ${status}`,
    minute(createdAt),
    ...(facts.durationMs === undefined ? [] : [duration(facts.durationMs)]),
    ...(facts.rows === undefined ? [] : [`${count(facts.rows)} rows`])
  ];
  return html`<li>
    ${said.join(" · ")}
    ${error ? html`<p class="failure problem">${error}${facts.hint ? `\n${facts.hint}` : ""}</p>` : null}
    <details>
      <summary>SQL</summary>
      ${sqlText(query)}
    </details>
  </li>`;
}
