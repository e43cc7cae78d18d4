import {mkdtemp, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {beforeAll, expect, test} from "vitest";
import {main} from "../../../lib/cli/main.js";
import {forkReport, readReport} from "../../../lib/report/fork.js";
import {carrier} from "../../../lib/report/page.js";
import type {ReportBundle} from "../../../lib/report-types.js";
import {reportOf} from "../../../lib/report.js";
import {closeStore, experimentById, saveExperiment} from "../../../lib/store.js";
import {openWorkspace} from "../../../lib/workspace.js";
import {reportedWorkspace} from "../../fixtures/reported.js";

let bundle: ReportBundle;
let file: string;
let place: string;

beforeAll(async () => {
  const {workspace} = await reportedWorkspace();
  bundle = await reportOf(workspace, 1);
  closeStore(workspace.store);
  place = await mkdtemp(join(tmpdir(), "expanto-fork-"));
  file = join(place, "7.html");
  await writeFile(file, `<html><body>${carrier("report", bundle)}</body></html>`);
});

test("a forked report has the same table, moments and settings, and says where it came from", async () => {
  const read = await readReport(file);
  const folder = await forkReport(read, {folder: join(place, "fork")});
  const workspace = await openWorkspace(folder);
  const again = await reportOf(workspace, 1);
  closeStore(workspace.store);
  expect(read.isWhole).toBe(true);
  expect(again.published).toEqual(bundle.published);
  expect([again.view.metrics, again.view.exposures, again.reading]).toEqual([bundle.view.metrics, bundle.view.exposures, bundle.reading]); // prettier-ignore
  expect([again.cells, again.definitions, again.settings]).toEqual([bundle.cells, bundle.definitions, bundle.settings]); // prettier-ignore
  expect(again.origin).toEqual({name: bundle.view.experiment.name, hash: bundle.hash, link: "./7.html"});
  const numbers = ({days}: ReportBundle) => days!.metrics.flatMap(({means, products}) => [...means, ...products].flat()); // prettier-ignore
  numbers(again).forEach((x, i) => expect(x).toBeCloseTo(numbers(bundle)[i], 8));
});

test("what is edited in a fork is published anew, under another hash", async () => {
  const folder = await forkReport(await readReport(file), {
    folder: join(place, "edited"),
    link: "https://example.com/7"
  });
  const workspace = await openWorkspace(folder);
  const first = await reportOf(workspace, 1);
  saveExperiment(workspace.store, {...experimentById(workspace.store, 1)!, conclusion: "Not yet."}, {id: 1});
  const edited = await reportOf(workspace, 1);
  closeStore(workspace.store);
  expect(edited.view.experiment.conclusion).toBe("Not yet.");
  expect(edited.origin!.link).toBe("https://example.com/7");
  expect(edited.hash).not.toBe(first.hash);
});

test("the command serves the fork, and says that a report was changed after it was published", async () => {
  const changed = join(place, "changed.html");
  await writeFile(changed, carrier("report", {...bundle, hash: "0".repeat(64)}));
  const [out, err, started]: [string[], string[], unknown[]] = [[], [], []];
  const io = {
    input: async () => "",
    out: (text: string) => void out.push(text),
    err: (text: string) => void err.push(text),
    now: () => "2026-01-01T00:00:00.000Z",
    folder: place
  };
  const parts = {start: async (options: unknown) => void started.push(options), publish: async () => [], io};
  expect(await main(["open", "changed.html", "--folder", "served", "--port", "3999"], parts)).toBe(0);
  expect(err[0]).toContain("was changed after it was published");
  expect(started).toEqual([{folder: join(place, "served"), port: 3999}]);
  expect(await main(["open", "."], parts)).toBe(2);
  expect(err.at(-1)).toContain("holds 2 reports");
});

test("a file that carries no report is refused with what to do", async () => {
  const other = join(place, "other", "page.html");
  await expect(readReport(other)).rejects.toThrow("cannot be read");
  await expect(readReport(join(place, "fork"))).rejects.toThrow("holds no report");
});
