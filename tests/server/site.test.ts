import {mkdir, mkdtemp, rm, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {dirname, join} from "node:path";
import {afterEach, expect, test} from "vitest";
import {accessible, requireReferences} from "../../server/site.js";
import {missingReferences} from "../../server/site-references.js";

let site: string | null = null;
afterEach(async () => {
  if (site) await rm(site, {recursive: true});
  site = null;
});

async function plant(files: Record<string, string>): Promise<string> {
  site = await mkdtemp(join(tmpdir(), "planted-"));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(site, name)), {recursive: true});
    await writeFile(join(site, name), text);
  }
  return site;
}

const whole = {
  "index.html": `<link href="./style.css?v=1"><a href="./results/latest#top">x</a><a href="#top">y</a>
<a href="https://elsewhere.example/">z</a><script type="module">
import {define} from "./client.js";
const [{a}] = await Promise.all([import("./_import/a.js")]);
registerFile("./d.json", {"name": "./d.json", "path": "./_file/d.json"});
</script>`,
  "results/latest.html": `<a href="../">home</a><script src="../client.js"></script>`,
  "style.css": `@import "./more.css"; body {background: url(./_file/dot.svg)} a {fill: url(#gradient)}`,
  "more.css": "",
  "client.js": "",
  "_import/a.js": `import{b}from"./b.js";import "../client.js";export * from './b.js';import "bare";`,
  "_import/b.js": "",
  "_file/d.json": "{}",
  "_file/dot.svg": "",
  "_observablehq/client.js": `import"../client.js";import("./stdlib/offered-to-others.js")`
};

test("a site whose references are all there passes", async () => {
  await requireReferences(await plant(whole));
  expect(await missingReferences(site!)).toEqual([]);
});

test.each([
  ["_import/b.js", ["_import/a.js: ./b.js"]],
  ["_import/a.js", ["index.html: ./_import/a.js"]],
  [
    "client.js",
    [
      "_import/a.js: ../client.js",
      "_observablehq/client.js: ../client.js",
      "index.html: ./client.js",
      "results/latest.html: ../client.js"
    ]
  ],
  ["_file/d.json", ["index.html: ./_file/d.json"]],
  ["_file/dot.svg", ["style.css: ./_file/dot.svg"]],
  ["more.css", ["style.css: ./more.css"]],
  ["style.css", ["index.html: ./style.css?v=1"]],
  ["results/latest.html", ["index.html: ./results/latest#top"]]
])("without %s the build fails and says who asks for it", async (name, asked) => {
  const folder = await plant(whole);
  await rm(join(folder, name));
  expect(await missingReferences(folder)).toEqual(asked);
  await expect(requireReferences(folder)).rejects.toThrow(asked[0]);
});

test("a built page names its language, may be enlarged, and its list holds list items alone", () => {
  const html = `<html>
<meta name="viewport" content="width=device-width, initial-scale=1, maximum-scale=1">
<input id="observablehq-sidebar-toggle" type="checkbox" title="Toggle sidebar">
<nav id="observablehq-sidebar">
  <ol>
    <label id="observablehq-sidebar-close" for="observablehq-sidebar-toggle"></label>
    <li>Home</li>
  </ol>
</nav>`;
  expect(accessible(html)).toBe(`<html lang="en">
<meta name="viewport" content="width=device-width, initial-scale=1">
<input id="observablehq-sidebar-toggle" type="checkbox" aria-label="Sidebar">
<nav id="observablehq-sidebar" aria-label="Pages">
  <ol>
    <li>Home</li>
  </ol>
    <label id="observablehq-sidebar-close" for="observablehq-sidebar-toggle"></label>
</nav>`);
});
