import {mkdir, mkdtemp, readdir, rm, utimes, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {basename, join} from "node:path";
import {expect, test} from "vitest";
import {aside, sweepAside} from "../../lib/aside.js";

test("what ended processes left half-made is removed, files and folders; what is being made or was never ours stays", async () => {
  const folder = await mkdtemp(join(tmpdir(), "expanto-aside-"));
  const mine = aside(join(folder, "mine.parquet"));
  const reused = `site.${process.pid}-1.1.part`;
  const files = [
    "whole.parquet",
    "events.2024-01.part",
    "a.parquet.4194305-7.3.part",
    "a.parquet.9.1700000000000.part"
  ];
  for (const name of [basename(mine), ...files]) await writeFile(join(folder, name), "");
  await mkdir(join(folder, reused, "inside"), {recursive: true});
  expect((await sweepAside(folder)).sort()).toEqual([files[2], reused].sort());
  const old = new Date(Date.now() - 2 * 86_400_000);
  for (const name of files) await utimes(join(folder, name), old, old).catch(() => {});
  expect(await sweepAside(folder)).toEqual([files[3]]);
  expect((await readdir(folder)).sort()).toEqual(
    [basename(mine), "events.2024-01.part", "whole.parquet"].sort()
  );
  await rm(folder, {recursive: true});
});

test("no two half-made things share a name", () => {
  expect(aside("x")).not.toBe(aside("x"));
});
