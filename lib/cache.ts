import {mkdir, stat} from "node:fs/promises";
import {join} from "node:path";
import {placedFirst} from "./aside.js";
import {keepSum} from "./cache-sums.js";
import type {Config} from "./config/types.js";
import type {DuckDBOptions} from "./warehouse/duckdb.js";

/** Returns the folder of cached user aggregates: immutable Parquet files named by what made them. */
export const cacheFolder = ({folders}: Config): string => join(folders.data, "cache");

/** Returns how much the engine that reads the cache may use, as much as an embedded warehouse, and where it spills. */
export const engineOptions = (config: Config): DuckDBOptions => {
  const {warehouse} = config;
  const limits = warehouse.type === "duckdb" ? warehouse : {};
  return {...limits, tempFolder: cacheFolder(config)};
};

/**
 * Returns the file of a key and whether it was already there. Else it is written aside, flushed to disk and put there
 * whole, unless another process was faster: nobody ever reads half a file, or another one the second time. What write
 * throws is thrown, and leaves nothing behind.
 */
export async function cached(
  folder: string,
  key: string,
  write: (aside: string) => Promise<unknown>
): Promise<{file: string; hit: boolean}> {
  const file = join(folder, `${key}.parquet`);
  // Whoever is making it may be cancelled: then it is made here.
  while (inFlight.has(file)) await inFlight.get(file)!.catch(() => {});
  const attempt = findOrMake(folder, file, write);
  inFlight.set(file, attempt);
  try {
    return {file, hit: await attempt};
  } finally {
    inFlight.delete(file);
  }
}

const inFlight = new Map<string, Promise<boolean>>();

async function findOrMake(
  folder: string,
  file: string,
  write: (aside: string) => Promise<unknown>
): Promise<boolean> {
  if (await stat(file).catch(() => null)) return true;
  await mkdir(folder, {recursive: true});
  await placedFirst(file, async (half) => {
    await write(half);
    await keepSum(half, file);
  });
  return false;
}
