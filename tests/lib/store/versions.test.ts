import {mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import Database from "better-sqlite3";
import {afterEach, beforeEach, expect, test} from "vitest";
import {
  cellsOf,
  closeStore,
  inputsOf,
  jobsOf,
  listExperiments,
  observationsOf,
  openStore,
  planKept,
  precomputesOf,
  seriesOf,
  trailOf
} from "../../../lib/store.js";
import {frozen, latestVersion, rowsOf, versions} from "../../fixtures/store/frozen.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "expanto-versions-"));
});
afterEach(() => rmSync(folder, {recursive: true}));

const original = new URL("../../fixtures/store/python-original.sql", import.meta.url);

// Version 0 is the reference system's own.
function plant(version: number): string {
  const file = join(folder, "expanto.db");
  if (version) writeFileSync(file, frozen(version));
  else {
    const db = new Database(file);
    db.pragma("foreign_keys = OFF");
    db.exec(readFileSync(original, "utf8"));
    db.close();
  }
  return file;
}

test.each([0, ...versions])(
  "a database of version %i opens with every row, after a copy was made",
  async (version) => {
    const file = plant(version);
    const before = rowsOf(file);
    closeStore(await openStore(file, {now: "2026-03-01T08:00:00.000Z"}));
    const after = rowsOf(file);
    for (const [table, rows] of Object.entries(before)) {
      const kept = after[table].map((row) => only(row, rows[0] ?? {}));
      expect([table, kept]).toEqual([table, rows]);
    }
    const copies = readdirSync(folder).filter((name) => name.endsWith(".backup"));
    expect(copies).toHaveLength(version === latestVersion ? 0 : 1);
    if (copies.length) expect(rowsOf(join(folder, copies[0]))).toEqual(before);
  }
);

const only = (row: Record<string, unknown>, like: Record<string, unknown>) =>
  Object.fromEntries(Object.keys(like).map((column) => [column, row[column]]));

test.each(versions)("what version %i kept is read as the nouns of today", async (version) => {
  const db = await openStore(plant(version));
  const experiments = listExperiments(db);
  const [observation] = observationsOf(db, 1);
  const read = {
    names: experiments.map(({name}) => name).sort(),
    preDays: observation.preDays,
    jobs: jobsOf(db, 7).map(({id, status}) => [id, status]),
    precomputes: precomputesOf(db, 21).length,
    series: seriesOf(db, 21).length,
    events: trailOf(db, 1).length
  };
  const since = (first: number, value: number) => (version >= first ? value : 0);
  expect(read).toEqual({
    names: ["Bänner 🎉", "Faster checkout", ...(version >= 9 ? [] : ["Gone"])],
    preDays: since(4, 14),
    jobs: [
      [22, "failed"],
      [21, "completed"]
    ],
    precomputes: 3 + since(2, 1),
    series: since(6, 1),
    events: since(9, 1) + since(11, 1) + since(12, 1)
  });
  expect([cellsOf(db, 21), inputsOf(db, 21), planKept(db, 1)].map((each) => each !== null)).toEqual([
    version >= 7,
    version >= 8,
    version >= 10
  ]);
  closeStore(db);
});
