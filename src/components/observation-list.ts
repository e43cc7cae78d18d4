import type {Job, Written} from "../../lib/types.js";
import type {EditedExperiment} from "../../lib/view-types.js";
import {comparePage, deleteObservation, resultsPage} from "./api.js";
import type {Chosen} from "./editors.js";
import {count, minute} from "../stats/format.js";
import {calculator} from "./job.js";
import {jobCost, jobFailure, jobState} from "./job-state.js";
import {deleter} from "./lifecycle.js";
import {html} from "./notebook.js";
import {sqlText} from "./sql-text.js";
import {axisOf, windowAxis, windowBar, windowKey, windowsOf, type Axis} from "./windows.js";

type Observation = EditedExperiment["observations"][number];
type Actions = {experiment: number; choose: (chosen: Chosen) => void; done: () => void; today: Date};

/**
 * Returns an experiment's observations as a table, their windows on one time axis, each with its last job, what can be
 * done with it, and the history of its jobs.
 */
export function observationList(observations: Observation[], actions: Actions) {
  if (!observations.length)
    return html`<p class="empty">This experiment has no observation yet. Describe one below.</p>`;
  const axis = axisOf(
    observations.map(({fields}) => windowsOf(fields)),
    actions.today
  );
  return html`<div>
    <table class="observations">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col" class="more">Unit</th>
          <th scope="col" class="more">Who</th>
          <th scope="col">
            ${axis ? html.fragment`<span class="hidden">Windows</span>${windowAxis(axis)}` : "Windows"}
          </th>
          <th scope="col">Last job</th>
        </tr>
      </thead>
      ${observations.map((each) => group(each, axis, actions))}
    </table>
    ${axis ? windowKey() : null}
  </div>`;
}

function group(observation: Observation, axis: Axis | null, actions: Actions) {
  const {id, fields, jobs} = observation;
  const latest = jobs.at(0) ?? null;
  const who = whoCounts(fields);
  const windows = axis ? windowBar(windowsOf(fields), axis) : html`<span class="quiet">any time</span>`;
  return html`<tbody>
    <tr>
      <th scope="row">
        <h2>${fields.name}</h2>
        <small class="less"
          ><code>${fields.split_id}</code>
          ${who.length ? html`<code>${who.join(" and ")}</code>` : null}</small
        >
      </th>
      <td class="more unit"><code>${fields.split_id}</code></td>
      <td class="more">
        ${who.length ? who.map((each) => html`<code>${each}</code> `) : html`<span class="quiet">everyone</span>`}
      </td>
      <td>${windows}</td>
      <td class="last">${latest ? jobState(latest) : html`<span class="quiet">not run yet</span>`}</td>
    </tr>
    <tr class="detail">
      <td colspan="5">
        <div class="act">
          ${links(observation, actions)}
          ${calculator(id, {latest, label: latest ? "Run again" : "Run", done: actions.done})}
        </div>
        ${history(jobs)}
      </td>
    </tr>
  </tbody>`;
}

const whoCounts = ({filters, audience_tables, exposure_event}: Written): string[] => [
  ...((filters as string[] | null) ?? []),
  ...((audience_tables as string[] | null) ?? []).map((table) => `in ${table}`),
  ...(exposure_event ? [`after ${String(exposure_event)}`] : [])
];

function links({id, updatedAt, fields, jobs}: Observation, {experiment, choose, done}: Actions) {
  const link = (label: string, act: () => void) => {
    const button = html`<button type="button" class="link">${label}</button>`;
    button.onclick = act;
    return button;
  };
  const newest = jobs.find(({status}) => status === "completed");
  const remove = deleter({
    consequences: () =>
      Promise.resolve(`“${fields.name}” goes with its ${count(jobs.length)} jobs and all their numbers.`),
    remove: () => deleteObservation(experiment, {id, updatedAt}),
    done
  });
  const shown = newest
    ? html.fragment`<a href=${resultsPage(id)}>Results</a> · <a href=${comparePage(experiment, {to: newest.id})}>Compare</a> · `
    : null;
  const [edit, copy] = [link("Edit", () => choose({id})), link("Copy", () => choose({id: null, copyOf: id}))];
  return html`<p class="facts">${shown}${edit} · ${copy} · ${remove}</p>`;
}

function history(jobs: Job[]) {
  if (!jobs.length) return null;
  const [{id, status}] = jobs;
  return html`<details class="history">
    <summary>Job ${id} ${status}${jobs.length > 1 ? `, and ${count(jobs.length - 1)} before` : ""}</summary>
    <ol reversed>
      ${jobs.map(entry)}
    </ol>
  </details>`;
}

function entry(job: Job) {
  const {id, status, createdAt, query} = job;
  return html`<li>
    ${[`Job ${id} ${status}`, minute(createdAt), ...jobCost(job)].join(" · ")}
    ${status === "failed" ? jobFailure(job) : null}
    <details>
      <summary>SQL</summary>
      ${sqlText(query)}
    </details>
  </li>`;
}
