// A backup is the database as one file; what stands in text files belongs to version control, and the cache is made again.

import {existsSync} from "node:fs";
import {link, rename, rm} from "node:fs/promises";
import {dirname, join} from "node:path";
import Database from "better-sqlite3";
import {aside} from "./aside.js";
import {startCommand} from "./command.js";
import {UserError} from "./errors.js";
import {copyDatabase, requireIntegrity} from "./store/backup.js";
import {codeOf, explained} from "./store/failure.js";
import {lockFolder} from "./store/lock.js";
import {isEmpty, refuseStrangers} from "./store/open.js";
import {makePrivateFolder} from "./store/private.js";
import {storeFile} from "./workspace.js";
import type {Config} from "./config/types.js";
import type {Instant} from "./types.js";

export type Counts = {experiments: number; observations: number; jobs: number};

/** Copies the database into a file, also while a server uses it, and returns the file and what it holds; throws a UserError where the file is there already. */
export async function backupStore(
  config: Config,
  {file, now}: {file?: string; now: Instant}
): Promise<{file: string; counts: Counts}> {
  const source = storeFile(config);
  const target = file ?? join(config.folders.data, "backups", `expanto-${stamp(now)}.db`);
  if (!existsSync(source)) throw nothingIn(source);
  if (existsSync(target))
    throw new UserError(`${target} is there already`, "name another file: a backup overwrites nothing");
  const db = opened(source);
  try {
    if (isEmpty(db)) throw nothingIn(source);
    makePrivateFolder(dirname(target));
    await copyDatabase(db, target);
  } catch (error) {
    throw explained(error, target);
  } finally {
    db.close();
  }
  return {file: target, counts: countsOf(target)};
}

const nothingIn = (source: string) =>
  new UserError(`there is nothing to back up in ${source}`, `${startCommand} makes it`);

/**
 * Puts a backup in the place of the database, and returns what it holds and where the one it replaced is kept, if there
 * was one. Throws a UserError, and changes nothing, where a server or another command uses the database or the backup
 * is not one.
 */
export async function restoreStore(
  config: Config,
  {file, now}: {file: string; now: Instant}
): Promise<{kept: string | null; counts: Counts}> {
  if (!existsSync(file)) throw new UserError(`there is no file ${file}`, "name a file that a backup made");
  const lock = lockFolder(config.folders.data);
  try {
    const target = storeFile(config);
    const counts = countsOf(file);
    const ready = aside(target);
    try {
      const source = opened(file);
      await copyDatabase(source, ready).finally(() => source.close());
      const kept = existsSync(target) ? await keepAside(target, now) : null;
      await rename(ready, target);
      return {kept, counts};
    } finally {
      await rm(ready, {force: true});
    }
  } finally {
    lock.release();
  }
}

// At every moment there is a database under its own name: else the next start would make an empty one.
async function keepAside(target: string, now: Instant): Promise<string> {
  const kept = `${target}.replaced-${stamp(now)}`;
  foldLog(target);
  await link(target, kept).catch((error) => {
    throw codeOf(error) === "EEXIST" ? new UserError(`${kept} is there already`, "try again") : error;
  });
  for (const log of ["-wal", "-shm"]) if (existsSync(target + log)) await rename(target + log, kept + log);
  return kept;
}

// Once its log is folded into it, it is one file, and nobody else has it open. What is damaged cannot be folded.
function foldLog(target: string) {
  let db: Database.Database | null = null;
  try {
    db = new Database(target, {timeout: 0});
    if (db.pragma("journal_mode = DELETE", {simple: true}) !== "delete")
      throw new UserError(`${target} is in use by another program`, "close the other program and try again");
  } catch (error) {
    if (!/^SQLITE_(NOTADB|CORRUPT)/.test(codeOf(error))) throw explained(error, target);
  } finally {
    db?.close();
  }
}

function countsOf(file: string): Counts {
  const db = opened(file);
  try {
    refuseStrangers(db, file);
    requireIntegrity(db, file);
    if (isEmpty(db)) throw new UserError(`${file} holds nothing`, "name a file that a backup made");
    const count = (table: string) => db.prepare<[], number>(`select count(*) from ${table}`).pluck().get()!;
    return {
      experiments: count("experiments"),
      observations: count("observations"),
      jobs: count("calculation_jobs")
    };
  } catch (error) {
    throw explained(error, file);
  } finally {
    db.close();
  }
}

function opened(file: string): Database.Database {
  try {
    return new Database(file, {fileMustExist: true, readonly: true, timeout: 5000});
  } catch (error) {
    throw explained(error, file);
  }
}

const stamp = (now: Instant) => now.replace(/\.\d+Z$/, "").replaceAll(":", "-");
