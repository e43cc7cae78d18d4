import {readFile, readdir} from "node:fs/promises";
import {dirname, extname, join, relative, resolve, sep} from "node:path";
import {existsSync, statSync} from "node:fs";
import {fileOf} from "./site-files.js";

/**
 * Returns what pages, modules and style sheets of a built site refer to by a relative path although it is not there,
 * one line each: "_import/a.js: ./b.js". The builder gives a missing module a name and goes on.
 */
export async function missingReferences(site: string): Promise<string[]> {
  const folder = resolve(site);
  const entries = await readdir(folder, {recursive: true, withFileTypes: true});
  const files = entries.filter((entry) => entry.isFile()).map(({parentPath, name}) => join(parentPath, name));
  const missing = await Promise.all(files.map((file) => missingIn(folder, file)));
  return missing.flat().sort();
}

async function missingIn(folder: string, file: string): Promise<string[]> {
  const name = nameIn(folder, file);
  const found = await referencesIn(folder, name);
  return found.filter((path) => !isThere(folder, file, path)).map((path) => `${name}: ${path}`);
}

const nameIn = (folder: string, file: string) => relative(folder, file).split(sep).join("/");

// The relative paths a file of the site refers to, as it writes them.
async function referencesIn(folder: string, name: string): Promise<string[]> {
  const read = patterns[extname(name)];
  if (!read) return [];
  const text = await readFile(join(folder, name), "utf8");
  const found = (name.startsWith("_observablehq/") ? [staticImport] : read).flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => match[1])
  );
  return [...new Set(found)];
}

/** Returns all files of a built site that some of its pages need, those pages first; links to other pages are not followed. */
export async function filesOf(site: string, pages: string[]): Promise<string[]> {
  const folder = resolve(site);
  const files = [...pages];
  for (const file of files) {
    for (const path of await referencesIn(folder, file)) {
      const target = nameIn(folder, join(folder, dirname(file), path));
      const isShared = target.startsWith("_") && existsSync(join(folder, target));
      if (isShared && !files.includes(target)) files.push(target);
    }
  }
  return files;
}

// A path is relative where it starts with a dot. The host's own client also imports, by import(), what it offers to
// other pages; that is only there where a page uses it.
const staticImport = /(?:\bfrom|\bimport)\s*["'](\.[^"'\s]+)["']/g;
const dynamicImport = /\bimport\(\s*["'`](\.[^"'`\s]+)["'`]/g;
const attribute = /\b(?:src|href)="(\.[^"\s]+)"/g;
const registered = /"path":\s*"(\.[^"\s]+)"/g;
const styled = /(?:url\(\s*["']?|@import\s+["'])(\.[^"')\s]+)/g;

const patterns: Record<string, RegExp[]> = {
  ".html": [staticImport, dynamicImport, attribute, registered],
  ".js": [staticImport, dynamicImport],
  ".css": [styled]
};

// As the server finds it: a page without its .html, a folder by its index.
function isThere(folder: string, file: string, path: string): boolean {
  const target = join(folder, sep, relative(folder, join(dirname(file), path.replace(/[?#].*$/, ""))));
  if (existsSync(target) && statSync(target).isFile()) return true;
  const address = `/${relative(folder, target).split(sep).join("/")}`;
  const served = fileOf(path.endsWith("/") && address !== "/" ? `${address}/` : address);
  return served !== null && existsSync(join(folder, served));
}
