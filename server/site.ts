import {spawn} from "node:child_process";
import {createHash} from "node:crypto";
import {existsSync} from "node:fs";
import {mkdir, readFile, readdir, rename, rm, stat, writeFile} from "node:fs/promises";
import {dirname, join, relative, resolve} from "node:path";
import {aside} from "../lib/aside.js";
import {answerVersions} from "./site-offline.js";
import {missingReferences} from "./site-references.js";

/** root: the folder of the project; out: where the site goes, replaced as a whole. */
export type BuildOptions = {root: string; out: string};

const stamp = ".sources";
const observable = "node_modules/@observablehq/framework/dist/bin/observable.js";
const builders = ["server/site.ts", "server/site-offline.ts", "server/site-references.ts"];
const sources = ["src", "lib/stats", "observablehq.config.ts", "package-lock.json", ...builders];

/** Returns once the site stands in out; does nothing where its sources are those it was built from. */
export async function buildSite({root, out}: BuildOptions): Promise<void> {
  const hash = await hashOf(root);
  if ((await builtFrom(out)) === hash) return;
  const part = aside(resolve(out));
  try {
    await runBuild(root, part);
    await finishPages(part);
    await requireReferences(part);
    await writeFile(join(part, stamp), hash);
    await rm(out, {recursive: true, force: true});
    await rename(part, out);
  } finally {
    await rm(part, {recursive: true, force: true});
  }
}

async function builtFrom(out: string): Promise<string | null> {
  const file = join(out, stamp);
  return existsSync(file) ? await readFile(file, "utf8") : null;
}

async function hashOf(root: string): Promise<string> {
  const hash = createHash("sha256");
  for (const source of sources) {
    for (const file of await filesUnder(join(root, source))) {
      hash.update(relative(root, file) + "\0").update(await readFile(file));
    }
  }
  return hash.digest("hex");
}

// Symbolic links are left out: what src/stats points at is hashed in its own place.
async function filesUnder(path: string): Promise<string[]> {
  if (!existsSync(path)) return [];
  if ((await stat(path)).isFile()) return [path];
  const entries = await readdir(path, {withFileTypes: true});
  const kept = entries.filter((entry) => !entry.isSymbolicLink() && entry.name !== ".observablehq");
  const nested = await Promise.all(kept.map((entry) => filesUnder(join(path, entry.name))));
  return nested.flat().sort();
}

// In a process of its own: the build reads its configuration relative to the working directory.
async function runBuild(root: string, out: string): Promise<void> {
  await rm(out, {recursive: true, force: true});
  await mkdir(dirname(out), {recursive: true});
  await answerVersions(root);
  const env = {...process.env, EXPANTO_SITE: out, OBSERVABLE_TELEMETRY_DISABLE: "true"};
  const build = spawn(process.execPath, [join(root, observable), "build"], {cwd: root, env});
  const output: string[] = [];
  for (const stream of [build.stdout, build.stderr]) stream.on("data", (text) => output.push(String(text)));
  const code = await new Promise<number | null>((done, fail) => build.on("error", fail).on("close", done));
  if (code !== 0) throw new Error(`the pages could not be built:\n${output.join("").slice(-2000)}`);
}

async function finishPages(site: string): Promise<void> {
  const files = (await filesUnder(site)).filter((file) => file.endsWith(".html"));
  for (const file of files) {
    const html = await readFile(file, "utf8");
    if (html.includes("observablehq--error"))
      throw new Error(`a cell of ${relative(site, file)} has an error`);
    await writeFile(file, accessible(html));
  }
}

/** Throws where a built site refers to a module or file that is not in it, and names each. */
export async function requireReferences(site: string): Promise<void> {
  const missing = await missingReferences(site);
  if (missing.length) throw new Error(`the pages refer to what is not there:\n${missing.join("\n")}`);
}

/** Returns a built page that names its language, may be enlarged, and whose list holds list items alone. */
export function accessible(html: string): string {
  const close = /\n\s*<label id="observablehq-sidebar-close"[^>]*><\/label>/.exec(html)?.[0] ?? "";
  return html
    .replace("<html>", '<html lang="en">')
    .replace(", maximum-scale=1", "")
    .replace(close, "")
    .replace('type="checkbox" title="Toggle sidebar"', 'type="checkbox" aria-label="Sidebar"')
    .replace('<nav id="observablehq-sidebar">', '<nav id="observablehq-sidebar" aria-label="Pages">')
    .replace("</ol>", close ? `</ol>${close}` : "</ol>");
}
