import type {Written} from "../../lib/types.js";
import {html} from "./notebook.js";
import {variantsField, type VariantsField, type WrittenVariant} from "./variants-field.js";

/** One field of a form, by the name it has in an experiment's file. */
export type Field = {
  name: string;
  label: string;
  /**
   * lines: a list, one entry a line, an indented line going on with the one above; choices: any of the options;
   * variants: a table of them.
   */
  kind: "text" | "prose" | "lines" | "time" | "count" | "choice" | "choices" | "variants";
  hint?: string;
  options?: string[];
  /** What is said beside an option, such as how many there are of it. */
  notes?: Record<string, string>;
  /** Offered while typing; anything else may be typed too. */
  suggestions?: string[];
  required?: boolean;
  /** Entries of a list that a choice beside it adds, and what that choice is called. */
  adds?: {label: string; options: {value: string; title: string}[]};
};

/** Returns the fields as a form; its value is what is written in them, empty ones as null. */
export function fieldsForm(fields: Field[], values: Written, label: string) {
  const form = html`<form class="fields" aria-label=${label}>
    ${fields.map((field) => drawn(field, values[field.name]))}
  </form>` as HTMLFormElement;
  form.onsubmit = (event) => event.preventDefault();
  const read = () => Object.fromEntries(fields.map((field) => [field.name, written(field, form)]));
  return Object.defineProperty(form, "value", {get: read}) as HTMLFormElement & {value: Written};
}

function drawn(field: Field, value: unknown): HTMLElement {
  if (field.kind === "choices") return boxes(field, value);
  if (field.kind === "variants") return variantsField(field.label, (value ?? []) as WrittenVariant[]);
  return row(field, textOf(field, value));
}

function written({name, kind}: Field, form: HTMLFormElement): unknown {
  if (kind === "variants") return form.querySelector<VariantsField>("fieldset.variants")!.value;
  const answers = new FormData(form);
  if (kind === "choices") return orNull(answers.getAll(name));
  const text = String(answers.get(name) ?? "");
  if (kind === "lines") return orNull(entriesOf(text));
  if (!text.trim()) return null;
  return kind === "count" ? Number(text) : text.trim();
}

function row(field: Field, text: string) {
  const {name, label, hint, suggestions, adds} = field;
  const list = suggestions ? `${name}-suggestions` : null;
  const control = input(field, text, list);
  const entry = html`<label class=${field.kind}>
    <span>${label}</span>
    ${control}
    ${suggestions ? html`<datalist id=${list}>${suggestions.map((each) => html`<option value=${each}></option>`)}</datalist>` : null}
    ${hint ? html`<small>${hint}</small>` : null}
  </label>`;
  return adds
    ? html`<div class=${field.kind}>${entry}${adder(control as HTMLTextAreaElement, adds)}</div>`
    : entry;
}

function adder(area: HTMLTextAreaElement, {label, options}: NonNullable<Field["adds"]>) {
  const select = html`<select aria-label=${label}>
    <option value="">${label} …</option>
    ${options.map(({value, title}) => html`<option value=${value}>${title}</option>`)}
  </select>` as HTMLSelectElement;
  select.oninput = (event) => event.stopPropagation();
  select.onchange = () => {
    const entries = entriesOf(area.value);
    if (!entries.includes(select.value)) area.value = [...entries, select.value].join("\n");
    select.value = "";
    area.dispatchEvent(new Event("input", {bubbles: true}));
  };
  return select;
}

// What nobody offers any more is offered here as long as it is chosen.
function boxes({name, label, hint, options = [], notes = {}}: Field, value: unknown) {
  const chosen = (value as string[] | null | undefined) ?? [];
  return html`<fieldset>
    <legend>${label}</legend>
    ${[...new Set([...options, ...chosen])].map(
      (option) =>
        html`<label
          ><input type="checkbox" name=${name} value=${option} checked=${chosen.includes(option) || null} />
          ${option} ${notes[option] ? html`<small>${notes[option]}</small>` : null}</label
        >`
    )}
    ${hint ? html`<small>${hint}</small>` : null}
  </fieldset>`;
}

function input({name, kind, options = [], required}: Field, text: string, list: string | null) {
  // What nobody offers any more stays what it is until somebody changes it.
  const offered = text && !options.includes(text) ? [text, ...options] : options;
  if (kind === "choice")
    return html`<select name=${name}>
      ${offered.map((option) => html`<option selected=${option === text || null}>${option}</option>`)}
    </select>`;
  if (kind === "prose" || kind === "lines") {
    const area = html`<textarea
      name=${name}
      rows=${kind === "prose" ? 3 : 2}
      spellcheck="false"
    ></textarea>` as HTMLTextAreaElement;
    area.value = text;
    return area;
  }
  const type = kind === "count" ? "number" : "text";
  return html`<input
    name=${name}
    type=${type}
    min="0"
    list=${list}
    required=${required || null}
    autocomplete="off"
    value=${text}
  />`;
}

function textOf({kind}: Field, value: unknown): string {
  if (value === null || value === undefined) return "";
  if (kind === "lines") return (value as string[]).map((entry) => entry.replaceAll("\n", "\n  ")).join("\n");
  return String(value);
}

const orNull = <T>(entries: T[]) => (entries.length ? entries : null);

// An indented line goes on with the entry above it.
const entriesOf = (text: string) =>
  text
    .split(/\n(?! )/)
    .map((entry) => entry.replaceAll("\n  ", "\n").trim())
    .filter(Boolean);
