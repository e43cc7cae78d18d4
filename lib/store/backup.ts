// Copies of the database: made while it is used, whole or not at all.

import Database from "better-sqlite3";
import {placedFirst} from "../aside.js";
import {command} from "../command.js";
import {UserError} from "../errors.js";
import {makePrivateFile} from "./private.js";

/** Copies a database that may be in use, as it is at one moment, into a file that is flushed to disk before it has its name; throws a UserError where that is there already. */
export async function copyDatabase(db: Database.Database, file: string): Promise<void> {
  const isFirst = await placedFirst(file, async (part) => {
    makePrivateFile(part);
    // All pages in one step: who writes meanwhile does not make it begin again.
    await db.backup(part, {progress: () => 2 ** 31 - 1});
    requireWhole(part, db.name);
  });
  if (!isFirst) throw new UserError(`${file} is there already`, "name another file: nothing is overwritten");
}

// As one file, without a log beside it. What is damaged in the copy is so in what it was made from.
function requireWhole(part: string, source: string) {
  const copy = new Database(part);
  try {
    copy.pragma("journal_mode = DELETE");
    requireIntegrity(copy, source);
  } finally {
    copy.close();
  }
}

/** Throws a UserError where SQLite finds a database damaged. */
export function requireIntegrity(db: Database.Database, file: string): void {
  const found = db.pragma("integrity_check", {simple: true});
  if (found !== "ok")
    throw new UserError(`${file} is damaged: ${String(found)}`, `use another copy: ${command} restore FILE`);
}
