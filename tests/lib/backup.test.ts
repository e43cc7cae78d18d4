import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync
} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import Database from "better-sqlite3";
import {afterEach, beforeEach, expect, test} from "vitest";
import {backupStore, restoreStore} from "../../lib/backup.js";
import {main} from "../../lib/cli/main.js";
import {loadConfig} from "../../lib/config.js";
import {applyExperimentFile, parseExperiment} from "../../lib/experiment-file.js";
import {closeStore, openStore, type Store} from "../../lib/store.js";
import {lockFolder} from "../../lib/store/lock.js";
import type {Config} from "../../lib/config/types.js";
import {storeFile} from "../../lib/workspace.js";
import {frozen, latestVersion, rowsOf} from "../fixtures/store/frozen.js";

const now = "2026-03-01T08:00:00.000Z";
let folder: string;
let config: Config;
const opened: Store[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "expanto-backup-"));
  writeFileSync(
    join(folder, "expanto.config.yaml"),
    `folders: {metrics: ${resolve("metrics")}, queries: ${resolve("queries")}, data: data}\n`
  );
  config = await loadConfig(folder);
  await openStore(storeFile(config)).then(closeStore);
  writeFileSync(storeFile(config), frozen(latestVersion));
});
afterEach(() => {
  for (const db of opened.splice(0)) closeStore(db);
  rmSync(folder, {recursive: true});
});

async function open(): Promise<Store> {
  const db = await openStore(storeFile(config));
  opened.push(db);
  return db;
}

const add = (db: Store, name: string) =>
  applyExperimentFile(db, parseExperiment({experiment: {name}, observations: []}), {now});

const file = () => join(folder, "copy.db");

test("a backup while somebody writes is the database at one moment, row by row, and is restored so", async () => {
  const db = await open();
  const moments = [rowsOf(storeFile(config))];
  let isDone = false;
  const made = backupStore(config, {file: file(), now}).finally(() => (isDone = true));
  while (!isDone) {
    add(db, `experiment ${moments.length}`);
    moments.push(rowsOf(storeFile(config)));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const {counts} = await made;
  expect(counts).toMatchObject({observations: 1, jobs: 2});
  const copied = rowsOf(file());
  expect([moments.length > 2, counts.experiments]).toEqual([true, copied.experiments.length]);
  expect(moments).toContainEqual(copied);
  closeStore(opened.pop()!);
  const {kept} = await restoreStore(config, {file: file(), now});
  expect(rowsOf(storeFile(config))).toEqual(copied);
  expect(rowsOf(kept!)).toEqual(moments.at(-1));
});

test("a backup overwrites nothing, and has a name of its own without one", async () => {
  await backupStore(config, {file: file(), now});
  await expect(backupStore(config, {file: file(), now})).rejects.toThrow(`${file()} is there already`);
  const {file: named} = await backupStore(config, {now});
  expect(named).toBe(join(folder, "data", "backups", "expanto-2026-03-01T08-00-00.db"));
});

test("nothing is restored while a server or another command uses the database, and nothing is changed", async () => {
  await backupStore(config, {file: file(), now});
  const rows = rowsOf(storeFile(config));
  const lock = lockFolder(config.folders.data);
  await expect(restoreStore(config, {file: file(), now})).rejects.toThrow("already serves");
  lock.release();
  await open();
  await expect(restoreStore(config, {file: file(), now})).rejects.toThrow("is in use by another program");
  expect(rowsOf(storeFile(config))).toEqual(rows);
  expect(readdirSync(join(folder, "data")).filter((name) => /part|replaced/.test(name))).toEqual([]);
});

test("what is damaged, is not ours or is not there is never restored", async () => {
  await backupStore(config, {file: file(), now});
  const rows = rowsOf(storeFile(config));
  truncateSync(file(), 8192);
  await expect(restoreStore(config, {file: file(), now})).rejects.toMatchObject({name: "UserError"});
  const other = new Database(join(folder, "other.db"));
  other.exec("create table songs (title text)");
  other.close();
  await expect(restoreStore(config, {file: join(folder, "other.db"), now})).rejects.toThrow("not Expanto's");
  await expect(restoreStore(config, {file: join(folder, "none.db"), now})).rejects.toThrow(
    "there is no file"
  );
  expect(rowsOf(storeFile(config))).toEqual(rows);
});

test("of a damaged database, and of an empty one, no backup is made, and it is named as what it is", async () => {
  const bytes = frozen(latestVersion);
  writeFileSync(storeFile(config), bytes.fill(7, 8192, 12_288));
  await expect(backupStore(config, {file: file(), now})).rejects.toThrow(`${storeFile(config)} is damaged`);
  writeFileSync(storeFile(config), "");
  await expect(backupStore(config, {file: file(), now})).rejects.toThrow("there is nothing to back up");
  await expect(restoreStore(config, {file: storeFile(config), now})).rejects.toThrow("holds nothing");
  expect(existsSync(file())).toBe(false);
});

test("a command that meets damage after the database is open says so with what to do, and ends with 2", async () => {
  const db = new Database(storeFile(config));
  const page = db
    .prepare<[], number>("select rootpage from sqlite_schema where name = 'experiments'")
    .pluck();
  const from = (page.get()! - 1) * 4096;
  db.close();
  writeFileSync(storeFile(config), frozen(latestVersion).fill(7, from, from + 4096));
  const said: string[] = [];
  const err = (text: string) => void said.push(text);
  const io = {out: err, err, input: async () => "", now: () => now, folder};
  const code = await main(["calculate"], {start: async () => {}, publish: async () => [], io});
  expect([code, said.join()]).toEqual([
    2,
    expect.stringMatching(/^error: .* is damaged\n {2}put a copy in its place/)
  ]);
});

test("a damaged database is replaced, and kept aside", async () => {
  await backupStore(config, {file: file(), now});
  const rows = rowsOf(storeFile(config));
  const damaged = "no database at all".repeat(1000);
  writeFileSync(storeFile(config), damaged);
  writeFileSync(`${storeFile(config)}-wal`, "log");
  const {kept} = await restoreStore(config, {file: file(), now});
  expect(rowsOf(storeFile(config))).toEqual(rows);
  expect(readFileSync(kept!, "utf8")).toBe(damaged);
});
