// What the cache holds, whether it can be read, and what may go.

import {readdir, rm, stat, utimes} from "node:fs/promises";
import {join} from "node:path";
import {sweepAside} from "./aside.js";
import {forgetSum, isAsMade} from "./cache-sums.js";
import {openDuckDB, literal, type DuckDB} from "./warehouse/duckdb.js";

/** One entry: a file of unit rows, or the folder of a population with everything measured on it. */
export type CacheEntry = {
  key: string;
  kind: "population" | "unit rows";
  path: string;
  files: string[];
  bytes: number;
  /** Milliseconds since 1970 when a job last read or wrote it. */
  usedAt: number;
};

// A job that is running has read or written its entry lately.
const graceMs = 3_600_000;

/** Returns the entries of a cache folder, the least recently used first; leftovers of ended processes are no entries. */
export async function cacheEntries(folder: string): Promise<CacheEntry[]> {
  const names = await readdir(folder, {withFileTypes: true}).catch(() => []);
  const entries = await Promise.all(
    names
      .filter((entry) => /^[0-9a-f]{32}(\.parquet)?$/.test(entry.name))
      .map(async (entry): Promise<CacheEntry> => {
        const path = join(folder, entry.name);
        const inside = entry.isDirectory()
          ? (await readdir(path).catch(() => [])).map((name) => join(path, name))
          : [path];
        const files = inside.filter((file) => file.endsWith(".parquet"));
        // What is renamed or removed meanwhile weighs nothing.
        const sizes = await Promise.all(inside.map((file) => stat(file).then(({size}) => size, gone)));
        return {
          key: entry.name.replace(".parquet", ""),
          kind: entry.isDirectory() ? "population" : "unit rows",
          path,
          files,
          bytes: sizes.reduce((a, b) => a + b, 0),
          usedAt: await stat(path).then(({mtimeMs}) => mtimeMs, gone)
        };
      })
  );
  return entries.sort((a, b) => a.usedAt - b.usedAt);
}

const gone = () => 0;

/** Marks an entry as used now, so that it is pruned last. */
export async function touchEntry(path: string, now = new Date()): Promise<void> {
  await utimes(path, now, now).catch(() => {});
}

/** Marks an entry as used from now on, and goes on doing so until what it returns is called: nobody prunes it meanwhile. */
export function keepInUse(path: string): () => void {
  void touchEntry(path);
  const beat = setInterval(() => void touchEntry(path), graceMs / 6).unref();
  return () => clearInterval(beat);
}

/** Returns what is wrong with each file of the cache, by path: those that are not as they were made, or cannot be read to their end where that was not kept. */
export async function verifyCache(folder: string): Promise<{files: number; broken: Record<string, string>}> {
  const files = (await cacheEntries(folder)).flatMap((entry) => entry.files);
  const broken: Record<string, string> = {};
  const duckdb = await openDuckDB();
  try {
    for (const file of files) {
      const problem = await problemOf(file, duckdb).catch((error: Error) => error.message.split("\n")[0]);
      if (problem) broken[file] = problem;
    }
  } finally {
    duckdb.close();
  }
  return {files: files.length, broken};
}

async function problemOf(file: string, duckdb: DuckDB): Promise<string | null> {
  const isSame = await isAsMade(file);
  if (isSame === null)
    await duckdb.rows(`select count(*) from (select hash(columns(*)) from read_parquet(${literal(file)}))`);
  return isSame === false ? "it is not as it was written: the disk has changed it" : null;
}

/**
 * Removes entries until those that are left fit into so many bytes, the least recently used first, but none used
 * within the last hour; removes what ended processes left half-written. Returns what was removed.
 */
export async function pruneCache(
  folder: string,
  {bytes, now = Date.now()}: {bytes: number; now?: number}
): Promise<{entries: CacheEntry[]; leftovers: string[]}> {
  const entries = await cacheEntries(folder);
  let total = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  const removed: CacheEntry[] = [];
  for (const entry of entries) {
    if (total <= bytes) break;
    if (now - entry.usedAt < graceMs) continue;
    await rm(entry.path, {recursive: true, force: true});
    await forgetSum(entry.path);
    total -= entry.bytes;
    removed.push(entry);
  }
  return {entries: removed, leftovers: await sweepAside(folder, {now})};
}
