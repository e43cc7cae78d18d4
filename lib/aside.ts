// What is half-made stands aside, under a name that tells who makes it, and is renamed once it is whole.

import {readdir, rm, stat} from "node:fs/promises";
import {join} from "node:path";
import {isAlive, thisProcess} from "./process.js";

let made = 0;

/** Returns where to make a file or folder that is renamed to a path when it is whole; never the same twice. */
export const aside = (path: string): string => `${path}.${thisProcess()}.${++made}.part`;

const dayMs = 86_400_000;

/** Removes what processes that have ended left half-made below a folder, and returns it; what is being made stays. */
export async function sweepAside(folder: string, now = Date.now()): Promise<string[]> {
  const names = await readdir(folder, {recursive: true}).catch(() => []);
  const left: string[] = [];
  for (const name of names.filter((each) => each.endsWith(".part"))) {
    if (!(await isLeft(join(folder, name), now))) continue;
    await rm(join(folder, name), {recursive: true, force: true});
    left.push(name);
  }
  return left;
}

// Earlier versions did not say which process; a day is longer than any query.
async function isLeft(path: string, now: number): Promise<boolean> {
  const mark = /\.(\d+-\d+)\.\d+\.part$/.exec(path);
  if (mark) return !isAlive(mark[1]);
  const found = await stat(path).catch(() => null);
  return found !== null && /\.\d+\.\d+\.part$/.test(path) && now - found.mtimeMs > dayMs;
}
