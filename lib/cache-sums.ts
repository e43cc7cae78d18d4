// What a cached file was when it was made: who reads Parquet does not notice that a disk has changed a byte of it.

import {createHash} from "node:crypto";
import {createReadStream} from "node:fs";
import {appendFile, readFile, rm} from "node:fs/promises";
import {pipeline} from "node:stream/promises";

/** Keeps the hash of what is about to stand at a path. */
// Two processes may make the same file at once: each adds its own, and whichever file stays is one of theirs.
export async function keepSum(half: string, file: string): Promise<void> {
  await appendFile(sumsFile(file), `${await sumOf(half)}\n`);
}

/** Returns whether a file is, byte by byte, what was made; null where that was not kept. */
export async function isAsMade(file: string): Promise<boolean | null> {
  const kept = await readFile(sumsFile(file), "utf8").catch(() => "");
  const sums = kept.split("\n").filter((line) => /^[0-9a-f]{64}$/.test(line));
  return sums.length ? sums.includes(await sumOf(file)) : null;
}

/** Forgets what a file was. */
export const forgetSum = (file: string): Promise<void> => rm(sumsFile(file), {force: true});

const sumsFile = (file: string) => `${file}.sha256`;

async function sumOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
