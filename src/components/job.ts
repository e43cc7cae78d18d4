import type {Job} from "../../lib/types.js";
import {Failure, calculateAndTell, ended} from "./api.js";
import {count, duration, list, minute} from "./format.js";
import {html} from "./notebook.js";

/** Returns the facts of the job a page shows. */
export function jobFacts({id, createdAt, facts}: Job) {
  const undeclared = Object.entries(facts.undeclared ?? {}).map(([name, n]) => `${name} (${count(n)})`);
  const lines: [string, string | null][] = [
    ["Job", `${id}, ${minute(createdAt)}`],
    [
      "Took",
      facts.durationMs === undefined
        ? null
        : duration(facts.durationMs) + (facts.cacheHit ? ", from the cache" : "")
    ],
    ["Rows", facts.rows === undefined ? null : count(facts.rows)],
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

/** Returns a button that calculates an observation and says how that goes; the page is read anew at the end. */
export function calculator(observation: number, {latest, label}: {latest: Job | null; label: string}) {
  const button = html`<button type="button" class="action">${label}</button>` as HTMLButtonElement;
  const line = html`<p class="progress" role="status"></p>`;
  const follow = async (start: () => Promise<Job>) => {
    button.disabled = true;
    const job = await start().catch(asFailedJob);
    if (job.status === "completed") return location.reload();
    button.disabled = false;
    line.replaceChildren(told(job));
  };
  const tell = (job: Job) => line.replaceChildren(told(job));
  button.onclick = () => follow(() => calculateAndTell(observation, tell));
  if (latest) follow(() => ended(latest, tell));
  return html`<div class="calculator">${button}${line}</div>`;
}

type Told = Pick<Job, "status" | "error" | "facts">;

function asFailedJob(error: unknown): Told & Partial<Job> {
  const hint = error instanceof Failure ? (error.hint ?? undefined) : undefined;
  return {status: "failed", error: error instanceof Error ? error.message : String(error), facts: {hint}};
}

function told({status, error, facts}: Told): Node | string {
  if (status === "pending") return "Waiting to start …";
  if (status === "running") return "Calculating …";
  if (status === "completed") return "Done.";
  if (status === "cancelled") return "The last calculation was cancelled.";
  return html`<span class="failure"
    ><b>The last calculation failed.</b>
    ${error}${facts.hint ? html.fragment`<br/>${facts.hint}` : null}</span
  >`;
}
