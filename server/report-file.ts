// A report as one file: the same components, styles and data, inlined, so that it opens from anywhere without a network.

import {readFile, readdir} from "node:fs/promises";
import {join} from "node:path";
import {build} from "esbuild";
import type {ReportBundle} from "../lib/report-types.js";
import {stamped} from "./report-pages.js";

/** What every single file shares: made once, however many reports follow. */
export type Shell = {script: string; style: string};

/** Returns the script and the styles of single files; root is the folder of the project, site that of its built pages. */
export async function shellOf({root, site}: {root: string; site: string}): Promise<Shell> {
  const {outputFiles} = await build({
    entryPoints: [join(root, "src/components/report-file.ts")],
    bundle: true,
    write: false,
    minify: true,
    format: "iife",
    target: "es2022",
    legalComments: "none"
  });
  return {script: outputFiles[0].text, style: await styleOf(site)};
}

async function styleOf(site: string): Promise<string> {
  const folder = join(site, "_import");
  const name = (await readdir(folder)).find((file) => /^style\.[0-9a-f]+\.css$/.test(file));
  if (!name) throw new Error(`${folder} holds no style sheet`);
  return await readFile(join(folder, name), "utf8");
}

// Scripts and styles are the file's own; the policy keeps it from asking anybody for anything.
const policy =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:";

/** Returns one HTML file with a whole report in it. */
export function singleFile({script, style}: Shell, bundle: ReportBundle): string {
  const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title></title>
<style>${style.replaceAll("</style", "<\\/style")}</style>
</head>
<body>
<div id="observablehq-center">
<main id="observablehq-main" class="observablehq"></main>
</div>
</body>
</html>
`;
  const title = `${bundle.view.experiment.name} | Expanto`;
  return stamped(page, {kind: "report", data: bundle, title}).replace(
    "</body>",
    () => `<script>${script}</script>\n</body>`
  );
}
