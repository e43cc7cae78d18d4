// Days whose units a reader leaves out, each with the reason, which stands beside every number that follows from it.

import {changeAddress} from "./address.js";
import {dayOf, list} from "../stats/format.js";
import type {LeftOutDay} from "../stats/results-address.js";
import {html} from "./notebook.js";

/** Writes the days that are left out into the address. */
export function keepLeftOut(leftOut: LeftOutDay[]): void {
  changeAddress((params) => {
    params.delete("without");
    for (const {day, reason} of leftOut) params.append("without", `${day}:${reason}`);
  });
}

/** Returns the form of days to leave out; its value is those that are, and one is added only with a reason. */
export function leftOutForm(days: string[], initial: LeftOutDay[]) {
  let value = initial;
  const chosen = html`<ul class="left-out"></ul>`;
  const day = html`<select name="day">
    ${days.map((each) => html`<option value=${each}>${dayOf(each)}</option>`)}
  </select>` as HTMLSelectElement;
  const reason = html`<input
    name="reason"
    type="text"
    required
    maxlength="200"
    autocomplete="off"
  />` as HTMLInputElement;
  const form = html`<form aria-label="Leave out a day">
    <label>Day <span>${day}</span></label>
    <label>Reason <span>${reason}</span></label>
    <button class="action">Leave out</button>
  </form>` as HTMLFormElement;
  const place = html`<details class="more left-out-days" open=${initial.length ? true : null}>
    <summary>Leave out a day</summary>
    <div class="controls">${form}</div>
    ${chosen}
  </details>` as HTMLDetailsElement;
  const change = (next: LeftOutDay[]) => {
    value = next;
    draw();
    place.dispatchEvent(new Event("input", {bubbles: true}));
  };
  const draw = () =>
    chosen.replaceChildren(
      ...value.map((each) => {
        const back = html`<button type="button" class="link">count it again</button>` as HTMLButtonElement;
        back.onclick = () => change(value.filter((d) => d.day !== each.day));
        return html`<li>${dayOf(each.day)}: ${each.reason} ${back}</li>`;
      })
    );
  form.oninput = (event) => event.stopPropagation();
  form.onsubmit = (event) => {
    event.preventDefault();
    const asked = {day: day.value, reason: reason.value.trim()};
    if (!asked.reason) return;
    change(
      [...value.filter((each) => each.day !== asked.day), asked].sort((a, b) => a.day.localeCompare(b.day))
    );
    reason.value = "";
  };
  draw();
  return Object.defineProperty(place, "value", {get: () => value}) as HTMLDetailsElement & {
    value: LeftOutDay[];
  };
}

/** Returns what says which days are left out, and why; nothing where none are. */
export function leftOutNote(leftOut: LeftOutDay[]): Node {
  if (!leftOut.length) return document.createComment("no day left out");
  const days = leftOut.map(({day, reason}) => `${dayOf(day)} (${reason})`);
  return html`<p class="slice-note" role="status">
    Without the units first exposed on <b>${list(days)}</b>.
  </p>`;
}
