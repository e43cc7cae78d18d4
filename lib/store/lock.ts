// One server works on a data folder. The lock is SQLite's: the system gives it back when a process ends, however it ends.

import Database from "better-sqlite3";
import {readFileSync, renameSync, rmSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {aside} from "../aside.js";
import {UserError} from "../errors.js";
import {explained} from "./failure.js";
import {makePrivateFolder} from "./private.js";

/** Who holds a folder; url is null until it serves. */
export type Holder = {pid: number; url: string | null};

/** A folder that is ours until it is released; publish says where we serve. */
export type FolderLock = {publish: (url: string) => void; release: () => void};

/** What one process at a time does on a data folder. */
export type Duty = "server" | "schedule";

/** Returns the lock of a data folder for a duty; throws a UserError that names the process which has it. */
export function lockFolder(folder: string, duty: Duty = "server"): FolderLock {
  const db = locked(folder, duty);
  if (!db) throw refusals[duty](folder, readHolder(folder, duty));
  const publish = (url: string | null) => writeHolder(folder, duty, {pid: process.pid, url});
  publish(null);
  return {
    publish,
    release() {
      rmSync(holderFile(folder, duty), {force: true});
      db.close();
    }
  };
}

/** Returns who serves a data folder at this moment, or null. */
export function holderOf(folder: string): Holder | null {
  const db = locked(folder, "server", looking);
  if (!db) return readHolder(folder, "server") ?? {pid: 0, url: null};
  db.close();
  return null;
}

// Who looks whether somebody holds a folder keeps no other from looking, and who wants it waits until they have looked.
const holding = {sql: "begin exclusive", timeout: 1000};
const looking = {sql: "begin; select 1 from sqlite_schema", timeout: 0};

function locked(folder: string, duty: Duty, {sql, timeout} = holding): Database.Database | null {
  const file = join(folder, `${duty}.lock`);
  let db: Database.Database | null = null;
  try {
    makePrivateFolder(folder);
    db = new Database(file, {timeout});
    db.exec(sql);
    return db;
  } catch (error) {
    db?.close();
    if ((error as {code?: string}).code === "SQLITE_BUSY") return null;
    throw explained(error, file);
  }
}

const named = (holder: Holder | null) => (holder?.pid ? `process ${holder.pid}` : "another process");

const refusals: Record<Duty, (folder: string, holder: Holder | null) => UserError> = {
  server: (folder, holder) =>
    new UserError(
      `${named(holder)} already serves ${folder}${holder?.url ? ` at ${holder.url}` : ""}`,
      "open its address, or stop it first; calculate, apply and export work beside it"
    ),
  schedule: (folder, holder) =>
    new UserError(`${named(holder)} already keeps the schedule of ${folder}`, "one is enough; stop it first")
};

const holderFile = (folder: string, duty: Duty) => join(folder, `${duty}.json`);

// Renamed into place, so that nobody reads half of it.
function writeHolder(folder: string, duty: Duty, holder: Holder) {
  const file = holderFile(folder, duty);
  const part = aside(file);
  try {
    writeFileSync(part, JSON.stringify(holder));
    renameSync(part, file);
  } catch (error) {
    throw explained(error, file);
  }
}

function readHolder(folder: string, duty: Duty): Holder | null {
  try {
    return JSON.parse(readFileSync(holderFile(folder, duty), "utf8")) as Holder;
  } catch {
    return null;
  }
}
