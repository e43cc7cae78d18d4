import {mkdtemp, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {expect, test} from "vitest";
import {saveEditedExperiment} from "../../lib/editing.js";
import {closeStore} from "../../lib/store.js";
import {experimentCards} from "../../lib/views.js";
import {openWorkspace} from "../../lib/workspace.js";

test("cards are kept while nothing changes, and read again after a change of one's own, of another process, or of metrics", async () => {
  const folder = await mkdtemp(join(tmpdir(), "expanto-cards-"));
  await writeFile(
    join(folder, "expanto.config.yaml"),
    `folders: {metrics: ${resolve("metrics")}, queries: ${resolve("queries")}, data: data}\nwarehouse: {type: duckdb, path: tables}\n`
  );
  const [here, there] = [await openWorkspace(folder), await openWorkspace(folder)];
  const names = () => experimentCards(here).map(({experiment}) => experiment.name);
  const save = (by: typeof here, name: string) => saveEditedExperiment(by, {fields: {name}});
  expect(names()).toEqual([]);
  await save(here, "mine");
  expect(names()).toEqual(["mine"]);
  await save(there, "theirs");
  expect(names().sort()).toEqual(["mine", "theirs"]);
  const kept = experimentCards(here);
  expect(experimentCards(here)).toBe(kept);
  here.registry = {...here.registry};
  expect(experimentCards(here)).not.toBe(kept);
  for (const {store} of [here, there]) closeStore(store);
});
