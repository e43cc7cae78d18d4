// What is half-made stands aside, under a name that tells who makes it, and is renamed once it is whole.

import {link, open, readdir, rename, rm, stat} from "node:fs/promises";
import {join} from "node:path";
import {isAlive, thisProcess} from "./process.js";

let made = 0;

/** Returns where to make a file or folder that is renamed to a path when it is whole; never the same twice. */
export const aside = (path: string): string => `${path}.${thisProcess()}.${++made}.part`;

type Write = (half: string) => Promise<unknown>;

/**
 * Returns once a file stands whole at a path: written aside, flushed to disk and renamed, so that nobody ever reads
 * half of it; what write throws is thrown, and leaves nothing behind.
 */
export const placed = (path: string, write: Write): Promise<void> =>
  madeAside(path, write, (half) => rename(half, path));

/** As placed, but what stands there already stays as it is; returns whether it was free. */
export const placedFirst = (path: string, write: Write): Promise<boolean> =>
  madeAside(path, write, async (half) => {
    const code = await link(half, path).catch(({code}: NodeJS.ErrnoException) => String(code));
    if (code === "EEXIST") return false;
    // A file system may know no links.
    if (code) await rename(half, path);
    return true;
  });

async function madeAside<T>(path: string, write: Write, put: (half: string) => Promise<T>): Promise<T> {
  const half = aside(path);
  try {
    await write(half);
    await flush(half);
    return await put(half);
  } finally {
    await rm(half, {force: true});
  }
}

async function flush(file: string) {
  const handle = await open(file, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const dayMs = 86_400_000;

/**
 * Removes what processes that have ended left half-made in a folder, and below it unless it is somebody else's; returns
 * what that was. What is being made stays.
 */
export async function sweepAside(
  folder: string,
  {now = Date.now(), isDeep = true}: {now?: number; isDeep?: boolean} = {}
): Promise<string[]> {
  const names = await readdir(folder, {recursive: isDeep}).catch(() => []);
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
