import type {Job} from "../../lib/types.js";
import type {JobProgress} from "../../lib/view-types.js";
import {calculate, cancelJob, ended} from "./api.js";
import {problem} from "./failure.js";
import {count, duration, list, minute, percent, size} from "../stats/format.js";
import {jobFailure} from "./job-state.js";
import {tellPage} from "./live.js";
import {html} from "./notebook.js";
import {changing} from "./role.js";

/** Returns the facts of the job a page shows. */
export function jobFacts({id, createdAt, facts}: Job) {
  const undeclared = Object.entries(facts.undeclared ?? {}).map(([name, n]) => `${name} (${count(n)})`);
  const whole = Object.entries(facts.whole ?? {}).map(([what, why]) => `${what} (${why})`);
  const lines: [string, string | null][] = [
    ["Job", `${id}, ${minute(createdAt)}`],
    [
      "Took",
      facts.durationMs === undefined
        ? null
        : duration(facts.durationMs) + (facts.cacheHit ? ", from the cache" : "")
    ],
    [
      "Pieces",
      facts.pieces ? `${count(facts.pieces.made)} computed, ${count(facts.pieces.found)} were there` : null
    ],
    [
      "Events read",
      facts.since === undefined ? null : `since ${minute(facts.since)}; those before had been counted`
    ],
    ["Counted from the beginning", whole.length ? list(whole) : null],
    ["Rows", facts.rows === undefined ? null : count(facts.rows)],
    ["Read", facts.bytes === undefined ? null : size(facts.bytes)],
    [
      "Units in two variants",
      facts.crossovers === undefined ? null : `${count(facts.crossovers)}, left out of every number`
    ],
    ["Variants not declared", undeclared.length ? `${list(undeclared)}, left out of every number` : null]
  ];
  return html`<dl class="facts">
    ${lines.map(([term, text]) => text && html.fragment`<dt>${term}</dt><dd>${text}</dd>`)}
  </dl>`;
}

/** Returns what stands where an observation has no result yet: a sentence and a button. */
export function uncalculated({id, name}: {id: number; name: string}, latest: Job | null) {
  const sentence =
    latest?.status === "failed"
      ? `The calculation of “${name}” failed.`
      : `“${name}” has not been calculated yet.`;
  return html`<div class="uncalculated">
    <p class="summary">${sentence}</p>
    ${calculator(id, {latest, label: "Calculate"})}
  </div>`;
}

type CalculatorOptions = {latest: Job | null; label: string; done?: (job: Job) => void};

/**
 * Returns a button that calculates an observation in the background, how far that is, and a button that stops it;
 * `done` is told of the end; unless it is given, the page's cells are.
 */
export function calculator(observation: number, {latest, label, done = tellOfIt}: CalculatorOptions) {
  const run = html`<button type="button" class="action">${label}</button>` as HTMLButtonElement;
  const stop = html`<button type="button" class="action">Cancel</button>` as HTMLButtonElement;
  const line = html`<div class="progress" role="status"></div>`;
  const say = (words: Node | string) => line.replaceChildren(words);
  const tell = (job: Job | JobProgress) => {
    stop.hidden = !isRunning(job);
    stop.onclick = () => void cancelJob(job.id).catch((error) => say(problem(error)));
    say(told(job));
  };
  const follow = async (start: () => Promise<Job>) => {
    run.disabled = true;
    await start().then(
      (job) => void (line.isConnected && done(job)),
      (error) => say(problem(error))
    );
    [run.disabled, stop.hidden] = [false, true];
  };
  stop.hidden = true;
  run.onclick = () => void follow(async () => ended(await calculate(observation), tell));
  if (latest && isRunning(latest)) void follow(() => ended(latest, tell));
  else if (latest) say(told(latest));
  return html`<div class="calculator">${changing("analyst", [run, " ", stop])}${line}</div>`;
}

const tellOfIt = ({id, observationId, status}: Job) =>
  tellPage({kind: "job", experiment: 0, observation: observationId, job: id, status});

const isRunning = ({status}: Job) => status === "pending" || status === "running";

function told(job: Job | JobProgress): Node | string {
  const {status, createdAt} = job;
  if (status === "pending") return "Waiting until other calculations are done …";
  if (isRunning(job)) {
    const elapsed = duration(Math.max(0, Date.now() - Date.parse(createdAt)));
    const progress = "progress" in job ? job : null;
    return html`<span
      >Calculating …${progress && farAs(progress)} ${elapsed}${progress && meter(progress)}</span
    >`;
  }
  if (status === "completed") return "";
  if (status === "cancelled") return "The last calculation was cancelled.";
  return html`<div><b class="worse">The last calculation failed.</b>${jobFailure(job)}</div>`;
}

// Drawn only where the engine tells a share: a bar that says nothing is no progress.
function meter({progress}: JobProgress) {
  if (!progress?.share) return null;
  return html`<progress max="1" value=${progress.share} aria-label=${progress.phase}></progress>`;
}

function farAs({progress}: JobProgress): string {
  if (!progress) return "";
  const share = progress.share ? ` ${percent(progress.share)}` : "";
  return ` ${progress.phase}${share}${progress.rows ? `, ${count(progress.rows)} rows` : ""},`;
}
