// Pages with data in them: what the site's build made once is stamped with one report after the other.

import {readFile} from "node:fs/promises";
import {join} from "node:path";

/** The page every report is made from, and the page of the index, both relative to a built site. */
export const templates = {report: "reports/report.html", reports: "reports/index.html"};
export type Template = keyof typeof templates;

/** Returns a page of a built site as it stands one folder higher, beside the folders of its modules. */
export async function templateIn(site: string, name: Template): Promise<string> {
  return (await readFile(join(site, templates[name]), "utf8")).replaceAll('"../_', '"./_');
}

/** Returns a page with data a script in it reads by its id, under a title. */
export function stamped(
  page: string,
  {id, data, title}: {id: Template; data: unknown; title: string}
): string {
  const script = `<script type="application/json" id="${id}-data">${embedded(data)}</script>`;
  return page
    .replace(/<title>[^<]*<\/title>/, () => `<title>${escaped(title)}</title>`)
    .replace("</body>", () => `${script}\n</body>`);
}

/** Returns the data a page was stamped with, or null where it was not. */
export function dataIn(page: string, id: Template): unknown {
  const start = `<script type="application/json" id="${id}-data">`;
  const from = page.lastIndexOf(start);
  if (from < 0) return null;
  const text = page.slice(from + start.length, page.indexOf("</script>", from));
  return JSON.parse(text);
}

// JSON that no HTML parser takes for markup: all of it stands inside strings, where an escape means the same.
const embedded = (data: unknown) => JSON.stringify(data).replaceAll("<", "\\u003c");

/** Returns text as HTML that means it. */
export const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
