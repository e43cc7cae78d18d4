import {html} from "./notebook.js";

export type Picked = {
  name: string;
  entries: {label: string; note?: string}[];
  chosen: boolean[];
  none: string;
};

/** Returns a choice of any number of entries, in a list that opens over the page; its value says of each whether it is chosen. */
export function pick({name, entries, chosen, none}: Picked): HTMLDetailsElement & {value: boolean[]} {
  const summary = html`<b></b>`;
  const details = html`<details class="pick">
    <summary><span>${name}</span> ${summary}</summary>
    <fieldset>
      <legend class="hidden">${name}</legend>
      ${entries.map(
        ({label, note}, i) =>
          html`<label
            ><input type="checkbox" checked=${chosen[i] || null} /> ${label}
            ${note ? html`<small>${note}</small>` : null}</label
          >`
      )}
    </fieldset>
  </details>` as HTMLDetailsElement;
  const boxes = [...details.querySelectorAll("input")];
  const say = () => {
    const words = entries.filter((_, i) => boxes[i].checked).map(({label}) => label);
    summary.textContent = words.length ? words.join(", ") : none;
  };
  details.addEventListener("input", say);
  details.onkeydown = (event) => {
    if (event.key !== "Escape" || !details.open) return;
    details.open = false;
    details.querySelector("summary")!.focus();
  };
  details.addEventListener("focusout", ({relatedTarget}) => {
    if (relatedTarget && !details.contains(relatedTarget as Node)) details.open = false;
  });
  say();
  return Object.defineProperty(details, "value", {
    get: () => boxes.map(({checked}) => checked)
  }) as HTMLDetailsElement & {
    value: boolean[];
  };
}
