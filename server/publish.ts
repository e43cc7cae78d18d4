// Reports as a folder any static host serves: pages stamped with their data, beside the modules they share.

import {copyFile, mkdir, readFile, writeFile} from "node:fs/promises";
import {existsSync} from "node:fs";
import {dirname, join} from "node:path";
import {placed, sweepAside} from "../lib/aside.js";
import {indexEntry} from "../lib/report/entry.js";
import {dataIn} from "../lib/report/page.js";
import type {IndexEntry, ReportBundle} from "../lib/report-types.js";
import {shellOf, singleFile, type Shell} from "./report-file.js";
import {stamped, templateIn, templates} from "./report-pages.js";
import {filesOf} from "./site-references.js";

/** root: the folder of the project; site: its built pages; out: where reports go. */
export type PublishOptions = {root: string; site: string; out: string; isSingle?: boolean};

/** Where a report went, and the hash it can be told by. */
export type Published = {file: string; name: string; hash: string};

/**
 * Returns where reports were written: each a page beside an index, or a file by itself. Every file is written aside and then put
 * in place; pages that are there already stay, and the index goes on listing them.
 */
export async function publish(
  bundles: AsyncIterable<ReportBundle>,
  {root, site, out, isSingle = false}: PublishOptions
): Promise<Published[]> {
  await mkdir(out, {recursive: true});
  await sweepAside(out, {isDeep: false});
  return isSingle
    ? await publishFiles(bundles, {out, shell: await shellOf({root, site})})
    : await publishFolder(bundles, {out, site});
}

async function publishFiles(
  bundles: AsyncIterable<ReportBundle>,
  {out, shell}: {out: string; shell: Shell}
): Promise<Published[]> {
  const published: Published[] = [];
  for await (const bundle of bundles) {
    const file = join(out, singleFileName(bundle.view.experiment));
    await put(file, singleFile(shell, bundle));
    published.push(publishedAs(file, bundle));
  }
  return published;
}

/** Returns the name of an experiment's report as a single file: letters, digits and dashes, whatever the experiment is called. */
export function singleFileName({id, name}: {id: number; name: string}): string {
  const letters = name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-");
  // Cut between whole characters: half of one is no file's name.
  const slug = [...letters].slice(0, 60).join("").replace(/^-|-$/g, "");
  return `${slug || "report"}-${id}.html`;
}

const publishedAs = (file: string, {view, hash}: ReportBundle): Published => ({
  file,
  name: view.experiment.name,
  hash
});

async function publishFolder(
  bundles: AsyncIterable<ReportBundle>,
  {out, site}: {out: string; site: string}
): Promise<Published[]> {
  const page = await templateIn(site, "report");
  await copyShared(site, out);
  const published: Published[] = [];
  const entries = new Map((await entriesIn(out)).map((entry) => [entry.experiment, entry]));
  for await (const bundle of bundles) {
    const name = `${bundle.view.experiment.id}.html`;
    const title = `${bundle.view.experiment.name} | Expanto`;
    await put(join(out, name), stamped(page, {kind: "report", data: bundle, title}));
    entries.set(bundle.view.experiment.id, indexEntry(bundle, name));
    published.push(publishedAs(join(out, name), bundle));
  }
  const listed = [...entries.values()].filter(({file}) => existsSync(join(out, file)));
  const index = await templateIn(site, "reports");
  const data = listed.sort((a, b) => a.experiment - b.experiment);
  await put(join(out, "index.html"), stamped(index, {kind: "reports", data, title: "Reports | Expanto"}));
  return published;
}

async function entriesIn(out: string): Promise<IndexEntry[]> {
  const file = join(out, "index.html");
  if (!existsSync(file)) return [];
  return (dataIn(await readFile(file, "utf8"), "reports") as IndexEntry[] | null) ?? [];
}

// Modules and styles carry a hash of their content in their names: what is there is the same.
async function copyShared(site: string, out: string): Promise<void> {
  const pages = Object.values(templates);
  const files = (await filesOf(site, pages)).filter((each) => !pages.includes(each));
  for (const folder of new Set(files.map(dirname))) {
    await mkdir(join(out, folder), {recursive: true});
    await sweepAside(join(out, folder), {isDeep: false});
  }
  for (const file of files) {
    const target = join(out, file);
    if (!existsSync(target)) await placed(target, (half) => copyFile(join(site, file), half));
  }
}

const put = (file: string, text: string) => placed(file, (half) => writeFile(half, text));
