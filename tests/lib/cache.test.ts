import {mkdtemp, readdir, readFile, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {setTimeout as wait} from "node:timers/promises";
import {expect, test} from "vitest";
import {cached} from "../../lib/cache.js";

test("who asks for what is being made waits for it, and it is made once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "expanto-joined-"));
  let made = 0;
  const make = async (aside: string) => {
    made++;
    await wait(50);
    await writeFile(aside, "whole");
  };
  const found = await Promise.all([1, 2, 3].map(() => cached(folder, "key", make)));
  expect([made, found.map(({hit}) => hit)]).toEqual([1, [false, true, true]]);
  expect(await readFile(found[2].file, "utf8")).toBe("whole");
});

test("where the first to make it fails, the next makes it; nothing half-written stays", async () => {
  const folder = await mkdtemp(join(tmpdir(), "expanto-joined-"));
  const failing = cached(folder, "key", async (aside) => {
    await writeFile(aside, "ha");
    await wait(30);
    throw new Error("cancelled");
  });
  const second = cached(folder, "key", (aside) => writeFile(aside, "whole"));
  await expect(failing).rejects.toThrow("cancelled");
  expect(await second).toMatchObject({hit: false});
  expect(await readdir(folder)).toEqual(["key.parquet", "key.parquet.sha256"]);
});

test("where another process is faster its file stays: who reads twice reads the same", async () => {
  const folder = await mkdtemp(join(tmpdir(), "expanto-joined-"));
  const found = await cached(folder, "key", async (aside) => {
    await writeFile(aside, "ours");
    await writeFile(join(folder, "key.parquet"), "theirs");
  });
  expect([found.hit, await readFile(found.file, "utf8")]).toEqual([false, "theirs"]);
  expect(await readdir(folder)).toEqual(["key.parquet", "key.parquet.sha256"]);
});
