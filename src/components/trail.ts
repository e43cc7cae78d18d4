import type {TrailEntry, Variant} from "../../lib/types.js";
import {count, minute, percent} from "../stats/format.js";
import {html} from "./notebook.js";

/** Returns every change of an experiment and its observations, newest first, folded; nothing where there is none. */
export function trail(entries: TrailEntry[]): Node {
  if (!entries.length) return document.createComment("no change yet");
  return html`<details class="history trail">
    <summary>Every change: ${count(entries.length)}</summary>
    <ol>
      ${entries.map(
        (entry) =>
          html`<li>
            ${minute(entry.at)}${entry.who ? ` by ${entry.who}` : null}:
            ${subject(entry)}${changes(entry)}${entry.words ? html`<br />${entry.words}` : null}
          </li>`
      )}
    </ol>
  </details>`;
}

const subject = ({observation}: TrailEntry) => (observation ? `observation “${observation.name}” ` : "");

const words = {
  create: "made",
  delete: "deleted",
  restore: "brought back",
  plan: "plan kept",
  publish: "published"
};

function changes({kind, before, after}: TrailEntry) {
  if (kind === "status") return changed("status", before, after);
  if (kind === "allocation") return changed("variants", before, after);
  if (kind !== "edit") return words[kind];
  const [from, to] = [before, after] as Record<string, unknown>[];
  return Object.keys(to).map(
    (name, i) => html.fragment`${i ? "; " : null}${changed(name, from[name], to[name])}`
  );
}

const changed = (name: string, before: unknown, after: unknown) =>
  html.fragment`<code>${name}</code> <del>${worded(before)}</del> → <ins>${worded(after)}</ins>`;

function worded(value: unknown): string {
  if (Array.isArray(value)) return value.map(worded).join(", ") || "none";
  if (isVariant(value))
    return `${value.name} ${percent(value.allocation, 1)}${value.isControl ? " (control)" : ""}`;
  return value === null || value === "" ? "none" : String(value);
}

const isVariant = (value: unknown): value is Variant =>
  typeof value === "object" && value !== null && "allocation" in value;
