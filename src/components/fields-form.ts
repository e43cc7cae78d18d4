import {Failure} from "./api.js";
import {html} from "./notebook.js";

/** One field of a form, by the name it has in an experiment's file. */
export type Field = {
  name: string;
  label: string;
  /** lines: a list, one entry a line. */
  kind: "text" | "prose" | "lines" | "time" | "count" | "choice" | "variants";
  hint?: string;
  options?: string[];
  /** Offered while typing; anything else may be typed too. */
  suggestions?: string[];
  required?: boolean;
};
export type Fields = Record<string, unknown>;

/** Returns the fields as a form; its value is what is written in them, empty ones as null. */
export function fieldsForm(fields: Field[], values: Fields, label: string) {
  const form = html`<form class="fields" aria-label=${label}>
    ${fields.map((field) => row(field, textOf(field, values[field.name])))}
  </form>` as HTMLFormElement;
  form.onsubmit = (event) => event.preventDefault();
  const read = () => {
    const answers = new FormData(form);
    return Object.fromEntries(
      fields.map((field) => [field.name, valueOf(field, String(answers.get(field.name) ?? ""))])
    );
  };
  return Object.defineProperty(form, "value", {get: read}) as HTMLFormElement & {value: Fields};
}

function row(field: Field, text: string) {
  const {name, label, hint, suggestions} = field;
  const list = suggestions ? `${name}-suggestions` : null;
  return html`<label class=${field.kind}>
    <span>${label}</span>
    ${input(field, text, list)}
    ${suggestions ? html`<datalist id=${list}>${suggestions.map((each) => html`<option value=${each}></option>`)}</datalist>` : null}
    ${hint ? html`<small>${hint}</small>` : null}
  </label>`;
}

function input({name, kind, options = [], required}: Field, text: string, list: string | null) {
  if (kind === "choice")
    return html`<select name=${name}>
      ${options.map((option) => html`<option selected=${option === text || null}>${option}</option>`)}
    </select>`;
  if (kind === "prose" || kind === "lines" || kind === "variants") {
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

type Variant = {name: string; allocation?: number; control?: boolean};

function textOf({kind}: Field, value: unknown): string {
  if (value === null || value === undefined) return "";
  if (kind === "lines") return (value as string[]).join("\n");
  if (kind !== "variants") return String(value);
  return (value as Variant[])
    .map(
      ({name, allocation, control}) =>
        `${control ? "*" : ""}${name}${allocation === undefined ? "" : `: ${allocation}`}`
    )
    .join("\n");
}

function valueOf({kind}: Field, text: string): unknown {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  if (kind === "lines") return lines.length ? lines : null;
  if (kind === "variants") return lines.length ? lines.map(variantOf) : null;
  if (!text.trim()) return null;
  return kind === "count" ? Number(text) : text.trim();
}

function variantOf(line: string): Variant {
  const [, star, name, share] = /^(\*?)\s*(.*?)(?::\s*([\d.]+))?$/.exec(line)!;
  return {name, ...(share ? {allocation: Number(share)} : {}), ...(star ? {control: true} : {})};
}

/** Returns a button that saves and says how that went; what is wrong is told line by line, and nothing is lost. */
export function saver(label: string, save: () => Promise<void>) {
  const line = html`<div class="progress" role="status"></div>`;
  const button = html`<button type="button" class="action">${label}</button>` as HTMLButtonElement;
  button.onclick = async () => {
    button.disabled = true;
    await save().then(
      () => line.replaceChildren("Saved."),
      (error: unknown) => line.replaceChildren(problemOf(error))
    );
    button.disabled = false;
  };
  return html`<div class="calculator">${button}${line}</div>`;
}

/** Returns a failure in the server's words, its lines kept. */
export function problemOf(error: unknown): Node {
  const hint = error instanceof Failure ? error.hint : null;
  return html`<pre class="failure">
${error instanceof Error ? error.message : String(error)}${hint ? `\n${hint}` : ""}</pre>`;
}
