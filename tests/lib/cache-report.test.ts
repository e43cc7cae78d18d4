import {mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, utimes, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterEach, beforeEach, expect, test} from "vitest";
import {cached} from "../../lib/cache.js";
import {cacheEntries, pruneCache, verifyCache} from "../../lib/cache-report.js";
import {openDuckDB} from "../../lib/warehouse/duckdb.js";

let folder: string;
const now = Date.parse("2026-01-10T00:00:00Z");
const key = (n: number) => String(n).repeat(32);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "expanto-cache-"));
});
afterEach(() => rm(folder, {recursive: true}));

async function parquet(file: string, rows: number) {
  const duckdb = await openDuckDB();
  await duckdb.writeParquet(`select range, random() as r from range(${rows})`, file);
  duckdb.close();
}

async function entry(n: number, hoursAgo: number, rows = 10_000) {
  await mkdir(join(folder, key(n)));
  await parquet(join(folder, key(n), "population.parquet"), rows);
  const at = new Date(now - hoursAgo * 3_600_000);
  await utimes(join(folder, key(n)), at, at);
}

test("entries are listed with their files and bytes, the least recently used first", async () => {
  await entry(1, 2);
  await entry(2, 5);
  const entries = await cacheEntries(folder);
  expect(entries.map(({key: own, kind, files}) => [own, kind, files.length])).toEqual([
    [key(2), "population", 1],
    [key(1), "population", 1]
  ]);
  expect(entries[0].bytes).toBeGreaterThan(50_000);
});

test("a file that goes while the cache is listed weighs nothing, and stops no listing", async () => {
  await entry(1, 2);
  const [{bytes}] = await cacheEntries(folder);
  // Listed, and not there: as a half-made file is that is renamed between the two.
  await symlink(join(folder, "nowhere"), join(folder, key(1), "days.parquet.1-2.3.part"));
  expect(await cacheEntries(folder)).toMatchObject([
    {bytes, files: [join(folder, key(1), "population.parquet")]}
  ]);
});

test("a file that was cut short is found, and the others are not blamed", async () => {
  await entry(1, 2);
  await entry(2, 5);
  expect(await verifyCache(folder)).toEqual({files: 2, broken: {}});
  const file = join(folder, key(2), "population.parquet");
  await truncate(file, 1000);
  const {broken} = await verifyCache(folder);
  expect(Object.keys(broken)).toEqual([file]);
});

test("a byte that the disk changed is found, though the file can still be read; a file made twice is either of them", async () => {
  const make = (rows: number) => (half: string) => parquet(half, rows);
  const {file} = await cached(join(folder, key(1)), "days", make(10_000));
  await rm(file);
  await cached(join(folder, key(1)), "days", make(20_000));
  expect(await verifyCache(folder)).toEqual({files: 1, broken: {}});
  const bytes = await readFile(file);
  bytes[50_000] ^= 1;
  await writeFile(file, bytes);
  expect((await verifyCache(folder)).broken).toEqual({
    [file]: expect.stringMatching(/not as it was written/)
  });
});

test("unit rows are pruned with what they were when they were made", async () => {
  const {file} = await cached(folder, key(1), (half) => parquet(half, 10));
  await utimes(file, new Date(0), new Date(0));
  await pruneCache(folder, {bytes: 0, now});
  expect(await readdir(folder)).toEqual([]);
});

test("pruning removes the least recently used until the rest fits, and nothing of the last hour", async () => {
  for (const [n, hours] of [
    [1, 0.5],
    [2, 9],
    [3, 5]
  ])
    await entry(n, hours);
  const [{bytes}] = await cacheEntries(folder);
  const removed = await pruneCache(folder, {bytes: 2.5 * bytes, now});
  expect(removed.entries.map((each) => each.key)).toEqual([key(2)]);
  expect((await pruneCache(folder, {bytes: 0, now})).entries.map((each) => each.key)).toEqual([key(3)]);
  expect(await readdir(folder)).toEqual([key(1)]);
});

test("what a process left half-written a day ago is removed, what is being written is not", async () => {
  await entry(1, 0);
  for (const [name, hours] of [
    ["old.parquet.1.2.part", 30],
    ["new.parquet.1.2.part", 1]
  ] as const) {
    const file = join(folder, key(1), name);
    await writeFile(file, "half");
    await utimes(file, new Date(now - hours * 3_600_000), new Date(now - hours * 3_600_000));
  }
  const {leftovers} = await pruneCache(folder, {bytes: 1e12, now});
  expect(leftovers).toEqual([join(key(1), "old.parquet.1.2.part")]);
});
