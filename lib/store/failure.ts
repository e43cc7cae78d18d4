import {command} from "../command.js";
import {UserError} from "../errors.js";

/** Returns the code of an error of SQLite or the file system, or nothing. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

const restoreIt = `put a copy in its place: ${command} restore FILE; copies are in backups/ and *.backup beside it`;

// What SQLite or the file system says when a file cannot be used, and what a person can do about it.
const reasons: [RegExp, string, string][] = [
  [/^SQLITE_NOTADB/, "is not a SQLite database", restoreIt],
  [/^SQLITE_CORRUPT/, "is damaged", restoreIt],
  [
    /^SQLITE_READONLY_DBMOVED/,
    "is no longer in its place",
    `stop the server, ${restoreIt}, and start it again`
  ],
  [/^SQLITE_(BUSY|LOCKED)/, "is in use by another program", "close the other program and try again"],
  [/^SQLITE_FULL|^ENOSPC/, "cannot grow: the disk is full", "free some space and try again"],
  [/^SQLITE_READONLY|^EACCES|^EPERM|^EROFS/, "cannot be written", "give yourself the right to write there"],
  [/^SQLITE_(CANTOPEN|IOERR)/, "cannot be opened", "check that its folder exists and can be written"],
  [/^ENOTDIR|^EEXIST|^ENOENT/, "lies in a folder that cannot be made", "check the path: a part is a file"]
];

/** Returns what SQLite or the file system says of a file as what is wrong and what to do; anything else as it is. */
export function explained(error: unknown, file: string): unknown {
  const reason = reasons.find(([code]) => code.test(codeOf(error)));
  return reason ? new UserError(`${file} ${reason[1]}`, reason[2]) : error;
}
