// What a published page carries: JSON in a script element that no browser runs.

/** report: a page with one report; reports: the index of them. */
export type Carried = "report" | "reports";

const opening = (kind: Carried) => `<script type="application/json" id="${kind}-data">`;

/** Returns the element that carries data; no HTML parser takes what is in it for markup. */
export const carrier = (kind: Carried, data: unknown): string =>
  `${opening(kind)}${JSON.stringify(data).replaceAll("<", "\\u003c")}</script>`;

/** Returns the data a page carries, or null where it carries none of that kind. */
export function dataIn(page: string, kind: Carried): unknown {
  const start = page.lastIndexOf(opening(kind));
  if (start < 0) return null;
  const from = start + opening(kind).length;
  return JSON.parse(page.slice(from, page.indexOf("</script>", from)));
}
