// Opens the SQLite file and brings its schema up to date, one numbered migration after the other.

import Database from "better-sqlite3";
import {existsSync, readdirSync, readFileSync, statSync} from "node:fs";
import {dirname} from "node:path";
import {UserError} from "../errors.js";
import {copyDatabase} from "./backup.js";
import {codeOf, explained} from "./failure.js";
import {holderOf} from "./lock.js";
import {makePrivateFile, makePrivateFolder} from "./private.js";
import type {Instant} from "../types.js";

export type Store = Database.Database;

type Migration = {version: number; sql: string};

const migrationsFolder = new URL("./migrations/", import.meta.url);
const tables = ["experiments", "observations", "calculation_jobs", "precomputes"];

/**
 * Returns the store of a file (":memory:" for none), made or migrated where needed; a file with content is
 * copied aside first. Throws a UserError for a file that is not ours, is newer, or cannot be written.
 */
export async function openStore(
  file: string,
  {now = new Date().toISOString()}: {now?: Instant} = {}
): Promise<Store> {
  const db = connect(file);
  try {
    const copy = await prepare(db, file, now);
    migrate(db, file, copy);
    db.pragma("journal_mode = WAL");
    // What was acknowledged outlives a power cut; WAL alone outlives a killed process only.
    db.pragma("synchronous = FULL");
    db.pragma("foreign_keys = ON");
    // The first read holds the file for as long as the store is open, so that nobody replaces it meanwhile.
    versionOf(db);
    places.set(db, placeOf(file));
    return remembering(db);
  } catch (error) {
    db.close();
    throw explained(error, file);
  }
}

// A query is prepared once: a page of ten thousand experiments asks the same few of each. None is left half read, and
// each is always read in one way, so that one statement can serve all who ask.
function remembering(db: Store): Store {
  const known = new Map<string, Database.Statement>();
  const prepare = db.prepare.bind(db);
  const once = (sql: string) => {
    const statement = known.get(sql) ?? prepare(sql);
    known.set(sql, statement);
    return statement;
  };
  return Object.assign(db, {prepare: once as Store["prepare"]});
}

const places = new WeakMap<Store, string | null>();

/** Throws what SQLite calls a moved database where a store's file was deleted or replaced: what is written would be lost. */
export function requireInPlace(db: Store): void {
  if (placeOf(db.name) !== places.get(db))
    throw new Database.SqliteError("the file is another, or none", "SQLITE_READONLY_DBMOVED");
}

function placeOf(file: string): string | null {
  const found = statSync(file, {throwIfNoEntry: false});
  return found ? `${found.dev} ${found.ino}` : null;
}

/** Returns a text that stays the same as long as nobody, this process or another, has changed the database. */
export function stateOf(db: Store): string {
  const own = db.prepare<[], {n: number}>("select total_changes() as n").get()!.n;
  return `${own} ${stateByOthers(db)}`;
}

/** Returns a number that stays the same as long as no other connection has changed the database. */
export const stateByOthers = (db: Store) => db.pragma("data_version", {simple: true}) as number;

/** Closes the store; what was written is on disk. */
export function closeStore(db: Store): void {
  db.close();
}

function connect(file: string): Store {
  try {
    if (file !== ":memory:") {
      makePrivateFolder(dirname(file));
      if (!existsSync(file)) makePrivateFile(file);
    }
    return new Database(file, {timeout: 5000});
  } catch (error) {
    throw explained(error, file);
  }
}

// Returns where the copy made before a migration lies, or null where none was needed.
async function prepare(db: Store, file: string, now: Instant): Promise<string | null> {
  // Rows whose parent is gone are kept as they are: the original never enforced its references.
  db.pragma("foreign_keys = OFF");
  const version = versionOf(db);
  refuseStrangers(db, file, version);
  if (version === latestVersion() || isEmpty(db)) return null;
  refuseServed(file);
  const copy = `${file}.v${version}-${now.replaceAll(":", "-")}.backup`;
  await copyDatabase(db, copy);
  return copy;
}

// A server of an older version would not know its own database again.
function refuseServed(file: string): void {
  const holder = holderOf(dirname(file));
  if (!holder || holder.pid === process.pid) return;
  throw new UserError(
    `${file} has an older schema, and process ${holder.pid} serves it`,
    "stop that server, then try again: the database is brought up to date, after a copy"
  );
}

/** Throws a UserError for a database that is not ours or is newer than this program. */
export function refuseStrangers(db: Store, file: string, version = versionOf(db)): void {
  if (version > latestVersion()) {
    const found = `${file} has schema version ${version}, this Expanto knows up to ${latestVersion()}`;
    throw new UserError(found, "update Expanto, or open another database");
  }
  const missing = tables.filter((table) => !tableNames(db).includes(table));
  if (isEmpty(db) || missing.length === 0) return;
  throw new UserError(
    `${file} is a SQLite database, but not Expanto's: no table ${missing.join(", ")}`,
    "name another file for the store; a new one is made where none exists"
  );
}

function migrate(db: Store, file: string, copy: string | null): void {
  for (const migration of migrations()) {
    try {
      db.transaction(step).immediate(db, migration);
    } catch (error) {
      if (isTransient(error)) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new UserError(
        `${file} could not be brought to schema version ${migration.version}: ${reason}`,
        copy ? `it was copied to ${copy} before anything was changed` : "start from a new file"
      );
    }
  }
}

// The version is read again inside the transaction: another process may have migrated meanwhile.
function step(db: Store, {version, sql}: Migration): void {
  if (versionOf(db) >= version) return;
  db.exec(sql);
  db.pragma(`user_version = ${version}`);
}

function migrations(): Migration[] {
  const names = readdirSync(migrationsFolder).filter((name) => name.endsWith(".sql"));
  return names.sort().map((name) => ({
    version: Number.parseInt(name, 10),
    sql: readFileSync(new URL(name, migrationsFolder), "utf8")
  }));
}

function latestVersion(): number {
  return Math.max(...migrations().map(({version}) => version));
}

function versionOf(db: Store): number {
  return Number(db.pragma("user_version", {simple: true}));
}

/** Returns whether a database has no table yet, as one whose first start was cut short. */
export function isEmpty(db: Store): boolean {
  return tableNames(db).length === 0;
}

function tableNames(db: Store): string[] {
  const query = "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'";
  return db.prepare<[], string>(query).pluck().all();
}

function isTransient(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED|READONLY|FULL|IOERR|CANTOPEN)/.test(codeOf(error));
}
