// Freezes a database file of every schema version that has none yet: npx tsx scripts/freeze-schema.ts. What is frozen stays as it is.
import {existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {gzipSync} from "node:zlib";
import Database from "better-sqlite3";

const migrations = new URL("../lib/store/migrations/", import.meta.url);
const versions = new URL("../tests/fixtures/store/versions/", import.meta.url);
const names = readdirSync(migrations).sort();

for (const [n, name] of names.entries()) {
  const frozen = new URL(`${name.slice(0, 3)}.db.gz`, versions);
  if (existsSync(frozen)) continue;
  writeFileSync(frozen, gzipSync(databaseOf(names.slice(0, n + 1)), {level: 9}));
  console.log(`froze ${frozen.pathname}`);
}

// Each step as it was taken, with the rows that somebody had by then.
function databaseOf(steps: string[]): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "expanto-freeze-"));
  const file = join(folder, "frozen.db");
  const db = new Database(file);
  db.pragma("foreign_keys = OFF");
  for (const name of steps) {
    db.exec(readFileSync(new URL(name, migrations), "utf8"));
    const rows = new URL(`${name.slice(0, 3)}.sql`, versions);
    if (existsSync(rows)) db.exec(readFileSync(rows, "utf8"));
    db.pragma(`user_version = ${Number.parseInt(name, 10)}`);
  }
  db.close();
  const bytes = readFileSync(file);
  rmSync(folder, {recursive: true});
  return bytes;
}
