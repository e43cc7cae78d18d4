// Where the text of a metric stands, and in which commit it came to say what it says.

import {execFile} from "node:child_process";
import {basename, resolve} from "node:path";
import {promisify} from "node:util";
import type {Metric, Revision} from "../types.js";

const run = promisify(execFile);

/** Returns file, line and newest commit by alias; no commit where there is no Git, or the file differs from it. */
export async function revisionsOf(folder: string, metrics: Metric[]): Promise<Record<string, Revision>> {
  const commits = await commitsIn(folder);
  return Object.fromEntries(
    metrics.map(({alias, source: {file, line}}) => [
      alias,
      {source: `${basename(file)}:${line}`, commit: commits.get(resolve(file)) ?? null}
    ])
  );
}

// Asked once for a whole folder: the newest commit of each file, without the files that differ from it.
async function commitsIn(folder: string): Promise<Map<string, string>> {
  const git = async (...args: string[]) =>
    (await run("git", ["-C", folder, ...args], {maxBuffer: 2 ** 26})).stdout.split("\n");
  // No Git, or no repository: then no text has a commit.
  const top = await git("rev-parse", "--show-toplevel").catch(() => null);
  if (!top) return new Map();
  const [log, status] = await Promise.all([
    git("log", "--format=commit %H", "--name-only", "--", ".").catch(() => []),
    git("status", "--porcelain", "--no-renames", "--", ".")
  ]);
  const commits = new Map<string, string>();
  let commit = "";
  for (const line of log) {
    const file = resolve(top[0], line);
    if (line.startsWith("commit ")) commit = line.slice(7);
    else if (line && !commits.has(file)) commits.set(file, commit);
  }
  for (const line of status) commits.delete(resolve(top[0], line.slice(3)));
  return commits;
}
