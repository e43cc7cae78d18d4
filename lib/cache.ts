import {mkdir, open, rename, rm, stat} from "node:fs/promises";
import {join} from "node:path";
import type {Config} from "./types.js";

/** Returns the folder of cached user aggregates: immutable Parquet files named by what made them. */
export const cacheFolder = ({folders}: Config): string => join(folders.data, "cache");

/** Returns how much the engine that reads the cache may use: what an embedded warehouse may, or its defaults. */
export const engineOptions = ({warehouse}: Config): {memoryLimit?: string; threads?: number | null} =>
  warehouse.type === "duckdb" ? {memoryLimit: warehouse.memoryLimit, threads: warehouse.threads} : {};

/**
 * Returns the file of a key and whether it was already there. Else it is written aside, flushed to disk and
 * renamed, so that nobody ever reads half a file; what write throws is thrown, and leaves nothing behind.
 */
export async function cached(
  folder: string,
  key: string,
  write: (aside: string) => Promise<unknown>
): Promise<{file: string; hit: boolean}> {
  const file = join(folder, `${key}.parquet`);
  const other = inFlight.get(file);
  // Whoever makes it may be cancelled: then it is made here.
  if (other) await other.catch(() => {});
  if (await stat(file).catch(() => null)) return {file, hit: true};
  const making = make(folder, file, write);
  inFlight.set(file, making);
  try {
    await making;
    return {file, hit: false};
  } finally {
    if (inFlight.get(file) === making) inFlight.delete(file);
  }
}

const inFlight = new Map<string, Promise<void>>();

async function make(folder: string, file: string, write: (aside: string) => Promise<unknown>) {
  await mkdir(folder, {recursive: true});
  const aside = `${file}.${process.pid}.${Date.now()}.part`;
  try {
    await write(aside);
    await flush(aside);
    await rename(aside, file);
  } finally {
    await rm(aside, {force: true});
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
