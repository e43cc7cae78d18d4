// One server works on a data folder. The lock is SQLite's: the system gives it back when a process ends, however it ends.

import Database from "better-sqlite3";
import {mkdirSync, readFileSync, renameSync, rmSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {aside} from "../aside.js";
import {UserError} from "../errors.js";
import {explained} from "./failure.js";

/** Who holds a folder; url is null until it serves. */
export type Holder = {pid: number; url: string | null};

/** A folder that is ours until it is released; publish says where we serve. */
export type FolderLock = {publish: (url: string) => void; release: () => void};

/** Returns the lock of a data folder; throws a UserError that names the process which has it. */
export function lockFolder(folder: string): FolderLock {
  const db = locked(folder);
  if (!db) throw refusal(folder);
  const publish = (url: string | null) => writeHolder(folder, {pid: process.pid, url});
  publish(null);
  return {
    publish,
    release() {
      rmSync(holderFile(folder), {force: true});
      db.close();
    }
  };
}

/** Returns who serves a data folder at this moment, or null. */
export function holderOf(folder: string): Holder | null {
  const db = locked(folder);
  if (!db) return readHolder(folder) ?? {pid: 0, url: null};
  db.close();
  return null;
}

function locked(folder: string): Database.Database | null {
  const file = join(folder, "server.lock");
  let db: Database.Database | null = null;
  try {
    mkdirSync(folder, {recursive: true});
    db = new Database(file, {timeout: 0});
    db.exec("begin exclusive");
    return db;
  } catch (error) {
    db?.close();
    if ((error as {code?: string}).code === "SQLITE_BUSY") return null;
    throw explained(error, file);
  }
}

function refusal(folder: string): UserError {
  const {pid, url} = readHolder(folder) ?? {pid: null, url: null};
  const who = pid ? `process ${pid}` : "another process";
  return new UserError(
    `${who} already serves ${folder}${url ? ` at ${url}` : ""}`,
    "open its address, or stop it first; calculate, apply and export work beside it"
  );
}

const holderFile = (folder: string) => join(folder, "server.json");

// Renamed into place, so that nobody reads half of it.
function writeHolder(folder: string, holder: Holder) {
  const part = aside(holderFile(folder));
  writeFileSync(part, JSON.stringify(holder));
  renameSync(part, holderFile(folder));
}

function readHolder(folder: string): Holder | null {
  try {
    return JSON.parse(readFileSync(holderFile(folder), "utf8")) as Holder;
  } catch {
    return null;
  }
}
