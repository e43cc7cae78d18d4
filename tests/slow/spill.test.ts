import {mkdtemp, readdir, rm} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {expect, test} from "vitest";
import {openDuckDB} from "../../lib/warehouse/duckdb.js";

const n = 8_000_000;
const sorted = (seed: number) =>
  `select sum(x)::varchar as total from (select x, row_number() over (order by hash(x + ${seed})) as rank from range(${n}) t(x)) where rank > 0`;

test("two engines that run out of memory at once spill beside each other, and leave nothing", async () => {
  const tempFolder = await mkdtemp(join(tmpdir(), "expanto-spill-test-"));
  const engines = await Promise.all(
    [1, 2].map(() => openDuckDB({memoryLimit: "100MB", threads: 2, tempFolder}))
  );
  const asked = engines.map((duckdb, seed) => duckdb.rows(sorted(seed)));
  await expect.poll(async () => (await readdir(tempFolder)).length, {timeout: 30_000}).toBe(2);
  const total = String((n * (n - 1)) / 2);
  expect(await Promise.all(asked)).toEqual([[{total}], [{total}]]);
  for (const duckdb of engines) duckdb.close();
  expect(await readdir(tempFolder)).toEqual([]);
  await rm(tempFolder, {recursive: true});
});
