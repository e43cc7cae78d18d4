import {readFile, readdir, stat} from "node:fs/promises";
import {join} from "node:path";
import {beforeAll, expect, test} from "vitest";
import {buildSite} from "../../server/site.js";
import {root, site} from "./browser.js";

beforeAll(() => buildSite({root, out: site}));

async function built(ending: string): Promise<[file: string, text: string][]> {
  const files = (await readdir(site, {recursive: true})).filter((file) => file.endsWith(ending)).sort();
  return await Promise.all(
    files.map(async (file) => [file, await readFile(join(site, file), "utf8")] as [string, string])
  );
}

test("every page is built, without an error cell", async () => {
  const pages = await built(".html");
  expect(pages.map(([file]) => file)).toEqual([
    "404.html",
    "compare.html",
    "file.html",
    "index.html",
    "metrics.html",
    "observations.html",
    "planner.html",
    join("reports", "index.html"),
    join("reports", "report.html"),
    join("results", "latest.html")
  ]);
  expect(pages.filter(([, html]) => html.includes("observablehq--error"))).toEqual([]);
});

test("no page or style sheet fetches from another host", async () => {
  const fetched = /(?:src|href|action)="(?:https?:)?\/\/|@import[^;]*\/\/|url\(["']?(?:https?:)?\/\//g;
  const found = [...(await built(".html")), ...(await built(".css"))].flatMap(([file, text]) =>
    [...text.matchAll(fetched)].map(([match]) => `${file}: ${match}`)
  );
  expect(found).toEqual([]);
});

test("no script is imported from another host", async () => {
  const imported = /(?:from|import)\s*\(?["'`]https?:\/\//g;
  const found = (await built(".js")).flatMap(([file, text]) =>
    [...text.matchAll(imported)].map(([match]) => `${file}: ${match}`)
  );
  expect(found).toEqual([]);
});

test("a second build with the same sources does nothing", async () => {
  const before = await stat(join(site, "index.html"));
  await buildSite({root, out: site});
  expect((await stat(join(site, "index.html"))).mtimeMs).toBe(before.mtimeMs);
});
