import type {Experiment, ExperimentEvent, Variant} from "../../lib/types.js";
import type {DeletedThing, EditedExperiment} from "../../lib/view-types.js";
import {
  deleteExperiment,
  fetchConsequences,
  moveExperiment,
  restoreDeleted,
  type LifecycleAction
} from "./api.js";
import {problem} from "./failure.js";
import {capital, count, date, minute, percent} from "../stats/format.js";
import {html} from "./notebook.js";
import {changing} from "./role.js";

const steps: Record<Experiment["status"], LifecycleAction[]> = {
  planned: ["start", "cancel"],
  running: ["pause", "complete", "cancel"],
  paused: ["resume", "complete", "cancel"],
  completed: ["reopen"],
  cancelled: ["reopen"]
};

const asked: Partial<Record<LifecycleAction, string>> = {
  pause: "Why it pauses",
  cancel: "Why it is cancelled",
  reopen: "Why it is opened again",
  complete: "Conclusion: what was decided, and why"
};

/** Returns where an experiment stands, the steps it can take from there, and what happened to it so far. */
export function lifecycle(experiment: EditedExperiment, {done}: {done: () => void}) {
  const status = experiment.fields.status as Experiment["status"];
  const place = html`<div class="asking"></div>`;
  const line = html`<p class="progress" role="status"></p>`;
  const take = async (action: LifecycleAction, words: string | null) => {
    const {id, updatedAt} = experiment;
    await moveExperiment(id, {action, words, updatedAt}).then(done, (error) =>
      line.replaceChildren(problem(error))
    );
  };
  const buttons = steps[status].map((action) => {
    const button = html`<button type="button" class="action">
      ${capital(action)}
    </button>` as HTMLButtonElement;
    button.onclick = () => {
      const label = asked[action];
      if (!label) return void take(action, null);
      const known = action === "complete" ? String(experiment.fields.conclusion ?? "") : "";
      place.replaceChildren(wordsFor({action, label, known}, (words) => void take(action, words)));
      place.querySelector("textarea")!.focus();
    };
    return button;
  });
  return html`<section class="lifecycle" aria-label="Where it stands">
    <p>This experiment is <b>${status}</b>.</p>
    <div class="calculator">${changing("analyst", buttons)}${line}</div>
    ${place}${history(experiment.events)}
  </section>`;
}

function wordsFor(
  {action, label, known}: {action: LifecycleAction; label: string; known: string},
  take: (words: string) => void
) {
  const area = html`<textarea rows="3" name="words" required></textarea>` as HTMLTextAreaElement;
  area.value = known;
  const form = html`<form class="fields">
    <label class="prose"><span>${label}</span>${area}</label>
    <button class="action">${capital(action)} it</button>
  </form>` as HTMLFormElement;
  form.onsubmit = (event) => {
    event.preventDefault();
    take(area.value);
  };
  return form;
}

function history(events: ExperimentEvent[]) {
  if (!events.length) return null;
  return html`<details class="history">
    <summary>What happened so far</summary>
    <ol>
      ${events.map(
        ({at, words, ...event}) =>
          html`<li>${minute(at)}: ${happened(event)}${words ? html`<br />${words}` : null}</li>`
      )}
    </ol>
  </details>`;
}

/** Returns an event in words: what it was before, and after. */
export function happened({kind, before, after}: Pick<ExperimentEvent, "kind" | "before" | "after">): string {
  if (kind === "status") return `${before} → ${after}`;
  return `shares ${sharesOf(before)} → ${sharesOf(after)}`;
}

const sharesOf = (variants: unknown) =>
  (variants as Variant[]).map(({name, allocation}) => `${name} ${percent(allocation, 1)}`).join(", ");

/** Returns a button that deletes an experiment once it was said what goes with it, and confirmed. */
export function experimentDeleter({id, fields, updatedAt}: EditedExperiment, {done}: {done: () => void}) {
  return deleter({
    consequences: async () => {
      const {observations, jobs} = await fetchConsequences(id);
      const [seen, ran] = [
        `${count(observations)} ${observations === 1 ? "observation" : "observations"}`,
        `${count(jobs)} ${jobs === 1 ? "job" : "jobs"}`
      ];
      return `“${fields.name}” goes with ${seen}, ${ran} and all their numbers.`;
    },
    remove: () => deleteExperiment({id, updatedAt}),
    done
  });
}

type Deletion = {consequences: () => Promise<string>; remove: () => Promise<void>; done: () => void};

/** Returns a button that says what deleting takes along before it does it. */
export function deleter({consequences, remove, done}: Deletion) {
  const place = html`<span class="deleter"></span>`;
  const fail = (error: unknown) => place.replaceChildren(problem(error));
  const button = (label: string, act: () => void) => {
    const made = html`<button type="button" class="link">${label}</button>` as HTMLButtonElement;
    made.onclick = act;
    return made;
  };
  const offer = () =>
    place.replaceChildren(changing("admin", [button("Delete", () => void ask().catch(fail))]));
  const ask = async () => {
    const said = await consequences();
    const sure = button("Delete it", () => void remove().then(done, fail));
    place.replaceChildren(
      `${said} For 30 days it can be brought back on the Experiments page. `,
      sure,
      " · ",
      button("Keep it", offer)
    );
    sure.focus();
  };
  offer();
  return place;
}

/** Returns what was deleted in the last 30 days, each with a button that brings it back; nothing where there is none. */
export function deletedList(things: DeletedThing[], {done}: {done: () => void}): Node {
  if (!things.length) return document.createComment("nothing deleted");
  return html`<details class="history">
    <summary>Deleted in the last 30 days: ${count(things.length)}</summary>
    <ul>
      ${things.map((thing) => {
        const line = html`<span role="status"></span>`;
        const back = html`<button type="button" class="link">Bring it back</button>` as HTMLButtonElement;
        back.onclick = () =>
          void restoreDeleted(thing).then(done, (error) => line.replaceChildren(problem(error)));
        return html`<li>
          ${thing.name}, ${thing.kind}, deleted ${date(new Date(thing.deletedAt))}
          ${changing("admin", [back])} ${line}
        </li>`;
      })}
    </ul>
  </details>`;
}
