import type {EditedExperiment, JobLine, JobProgress} from "../../lib/types.js";
import {calculate, cancelJob, fetchJob, resultsPage} from "./api.js";
import {problemOf} from "./fields-form.js";
import {count, duration, minute} from "./format.js";
import {html} from "./notebook.js";

type Observation = EditedExperiment["observations"][number];

/** Returns an experiment's observations, each with its last job, a button to run it, and the history of its jobs. */
export function observationList(
  observations: Observation[],
  {chosen, choose, done}: {chosen: number | null; choose: (id: number) => void; done: () => void}
) {
  if (!observations.length)
    return html`<p class="empty">This experiment has no observation yet. Describe one below.</p>`;
  return html`<ul class="observations">
    ${observations.map((each) => item(each, {isChosen: each.id === chosen, choose, done}))}
  </ul>`;
}

type ItemOptions = {isChosen: boolean; choose: (id: number) => void; done: () => void};

function item({id, fields, jobs}: Observation, {isChosen, choose, done}: ItemOptions) {
  const from = [fields.exposure_start_datetime, fields.exposure_end_datetime]
    .map((d) => d ?? "…")
    .join(" to ");
  const edit = html`<button type="button" class="link" aria-pressed=${isChosen}>Edit</button>`;
  edit.onclick = () => choose(id);
  const isReadable = jobs.some(({status}) => status === "completed");
  return html`<li>
    <h2>${fields.name}</h2>
    <p class="quiet">by ${fields.split_id}, exposed ${from}</p>
    <p class="facts">${isReadable ? html`<a href=${resultsPage(id)}>Results</a> · ` : null}${edit}</p>
    ${runner(id, jobs.at(0) ?? null, done)} ${history(jobs)}
  </li>`;
}

/** Returns a button that runs an observation's job in the background, its progress, and a button that stops it. */
function runner(observation: number, latest: JobLine | null, done: () => void) {
  const line = html`<span class="progress" role="status"></span>`;
  const run = html`<button type="button" class="action">
    ${latest ? "Run again" : "Run"}
  </button>` as HTMLButtonElement;
  const stop = html`<button type="button" class="action" hidden>Cancel</button>` as HTMLButtonElement;
  const isRunning = (status: string) => status === "pending" || status === "running";
  const follow = async (id: number) => {
    [run.disabled, stop.hidden] = [true, false];
    stop.onclick = () => void cancelJob(id).catch((error) => line.replaceChildren(problemOf(error)));
    const started = Date.now();
    for (;;) {
      const job = await fetchJob(id);
      if (!isRunning(job.status)) return done();
      line.replaceChildren(told(job, Date.now() - started));
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  };
  const failed = (error: unknown) => {
    [run.disabled, stop.hidden] = [false, true];
    line.replaceChildren(problemOf(error));
  };
  run.onclick = () =>
    void calculate(observation)
      .then(({id}) => follow(id))
      .catch(failed);
  if (latest && isRunning(latest.status)) void follow(latest.id).catch(failed);
  return html`<p class="calculator">${run} ${stop} ${line}</p>`;
}

function told({progress}: JobProgress, elapsed: number): string {
  const share = progress?.share ? ` ${Math.round(progress.share * 100)}%` : "";
  const rows = progress?.rows ? `, ${count(progress.rows)} rows` : "";
  return `${progress?.phase ?? "starting"}${share}${rows}, ${duration(elapsed)}`;
}

function history(jobs: JobLine[]) {
  if (!jobs.length) return html`<p class="none">Not run yet.</p>`;
  return html`<details class="history">
    <summary>${statusOf(jobs[0])}</summary>
    <table>
      <thead>
        <tr>
          <th scope="col">Job</th>
          <th scope="col">Started</th>
          <th scope="col">Status</th>
          <th scope="col" class="num">Took</th>
          <th scope="col" class="num">Rows</th>
        </tr>
      </thead>
      <tbody>
        ${jobs.slice(0, 20).map(
          (job) => html.fragment`<tr>
            <th scope="row">${job.id}</th>
            <td>${minute(job.createdAt)}</td>
            <td>${job.status}</td>
            <td class="num">${job.durationMs === null ? "" : duration(job.durationMs)}</td>
            <td class="num">${job.rows === null ? "" : count(job.rows)}</td>
          </tr>
          ${
            job.error
              ? html`<tr>
                  <td colspan="5">
                    <pre class="failure">${job.error}${job.hint ? `\n${job.hint}` : ""}</pre>
                  </td>
                </tr>`
              : null
          }`
        )}
      </tbody>
    </table>
  </details>`;
}

const statusOf = ({id, status, createdAt}: JobLine) => `Job ${id} ${status}, ${minute(createdAt)}`;
