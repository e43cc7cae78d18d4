import type {FileResults} from "../../lib/view-types.js";
import {count} from "../stats/format.js";
import {html} from "./notebook.js";

/** Returns what no number of a file counts; nothing where all of it does. */
export function leftOfFile({
  rowsWithoutVariant,
  rowsWithoutUnit,
  crossovers,
  missing
}: FileResults["left"]): Node {
  const some = (n: number, what: string) => (n ? [`${count(n)} ${what}${n === 1 ? "" : "s"}`] : []);
  const lines = [
    ...some(rowsWithoutVariant, "row").map((words) => `${words} without a variant`),
    ...some(rowsWithoutUnit, "row").map((words) => `${words} without a unit`),
    ...some(crossovers, "unit").map((words) => `${words} seen in more than one variant`),
    ...Object.entries(missing).flatMap(([column, n]) =>
      some(n, "unit").map((words) => `${words} without a value of ${column}, in that metric`)
    )
  ];
  if (!lines.length) return document.createComment("nothing left out");
  return html`<section class="checks warn" aria-label="Left out">
    <h2>Left out</h2>
    <ul>
      ${lines.map((line) => html`<li>${line}</li>`)}
    </ul>
  </section>`;
}
