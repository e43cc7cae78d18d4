import {readdir, rm} from "node:fs/promises";
import {join} from "node:path";
import {expect, test} from "vitest";
import {calculate} from "../../lib/calculate.js";
import {saidBy} from "../../lib/pieces/contents.js";
import {closeStore} from "../../lib/store.js";
import {literal, openDuckDB} from "../../lib/warehouse/duckdb.js";
import {openWorkspace} from "../../lib/workspace.js";
import {isSame, numbersOf, torturedWorkspace} from "../../scripts/torture/workspace.js";

// As it is where the file of a population was deleted, or two processes made it at once.
test("what was measured on units with other numbers is never joined with those that a population has now", async () => {
  const {folder, data, results} = await torturedWorkspace();
  const cache = join(data, "cache");
  const names = await readdir(cache, {recursive: true});
  const duckdb = await openDuckDB();
  for (const file of names
    .filter((name) => /population-.*\.parquet$/.test(name))
    .map((n) => join(cache, n))) {
    const [{said}] = await saidBy<{numbering: string}>(duckdb, [file]);
    await duckdb.run(
      `create or replace temp table reversed as
       select (max(uid) over () - uid)::integer as uid, * exclude (uid) from read_parquet(${literal(file)})`
    );
    const contents = JSON.stringify({...said, numbering: "another"});
    await duckdb.writeParquet("select * from reversed", file, {contents});
  }
  duckdb.close();
  const workspace = await openWorkspace(folder);
  for (const [id, numbers] of results) {
    expect((await calculate(workspace, id)).status).toBe("completed");
    expect([id, isSame(numbersOf(workspace.store, id), numbers)]).toEqual([id, true]);
  }
  closeStore(workspace.store);
  await rm(folder, {recursive: true});
});
