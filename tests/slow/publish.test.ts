import {readFile, readdir} from "node:fs/promises";
import {join} from "node:path";
import {afterAll, beforeAll, expect, test} from "vitest";
import {dataIn} from "../../lib/report/page.js";
import type {IndexEntry, ReportBundle} from "../../lib/report-types.js";
import {closeStore} from "../../lib/store.js";
import type {Workspace} from "../../lib/workspace.js";
import {publisher} from "../../server/publisher.js";
import {reportedWorkspace} from "../fixtures/reported.js";

const ana = {who: "ana"};
let folder: string;
let workspace: Workspace;

beforeAll(async () => {
  ({folder, workspace} = await reportedWorkspace());
});
afterAll(() => closeStore(workspace.store));

test("the real program publishes beside the one that serves, leaves nothing half-made, and the same again gives the same bytes", async () => {
  const publish = publisher(workspace);
  const reports = join(folder, ".expanto", "reports");
  const read = async () => readFile(join(reports, "1.html"), "utf8");
  expect(await publish(1, ana)).toEqual({address: "/reports/1.html"});
  const first = await read();
  await Promise.all([publish(1, ana), publish(1, ana)]);
  expect(await read()).toBe(first);
  const files = await readdir(reports, {recursive: true});
  expect(files.filter((file) => /\.part$/.test(file))).toEqual([]);
  const entries = dataIn(await readFile(join(reports, "index.html"), "utf8"), "reports") as IndexEntry[];
  const {hash} = dataIn(first, "report") as ReportBundle;
  expect(entries.map((entry) => [entry.file, entry.hash])).toEqual([["1.html", hash]]);
});

test("what stands in the way is told in the program's own words", async () => {
  workspace.store.exec("update experiments set variants = null");
  await expect(publisher(workspace)(1, ana)).rejects.toThrow("Checkout <b>fast</b> declares no control");
  await expect(publisher(workspace)(99, ana)).rejects.toThrow("there is no observation 99");
});
