// Pages with data in them: what the site's build made once is stamped with one report after the other.

import {readFile} from "node:fs/promises";
import {join} from "node:path";
import {carrier, type Carried} from "../lib/report/page.js";

/** The page every report is made from, and the page of the index, both relative to a built site. */
export const templates: Record<Carried, string> = {
  report: "reports/report.html",
  reports: "reports/index.html"
};

/** Returns a page of a built site as it stands one folder higher, beside the folders of its modules. */
export async function templateIn(site: string, kind: Carried): Promise<string> {
  return (await readFile(join(site, templates[kind]), "utf8")).replaceAll('"../_', '"./_');
}

/** Returns a page that carries data for the script in it, under a title. */
export function stamped(
  page: string,
  {kind, data, title}: {kind: Carried; data: unknown; title: string}
): string {
  return page
    .replace(/<title>[^<]*<\/title>/, () => `<title>${escaped(title)}</title>`)
    .replace("</body>", () => `${carrier(kind, data)}\n</body>`);
}

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
