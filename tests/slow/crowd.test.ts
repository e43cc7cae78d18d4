import {rm} from "node:fs/promises";
import {afterAll, beforeAll, expect, test} from "vitest";
import {crowd} from "../../scripts/torture/crowd.js";
import {torturedWorkspace, type Tortured} from "../../scripts/torture/workspace.js";

let tortured: Tortured;
beforeAll(async () => {
  tortured = await torturedWorkspace();
});
afterAll(() => rm(tortured.folder, {recursive: true}));

test("fifty who read and ten who write meet no locked database and lose no update, while jobs run in turn", async () => {
  const figures = await crowd(tortured, {reads: 4, writes: 3});
  const {problems, reads, writes, conflicts, joined, mostAtOnce} = figures;
  expect({problems, reads, writes}).toEqual({problems: [], reads: 200, writes: 30});
  expect([conflicts, joined].map((n) => n > 0)).toEqual([true, true]);
  // Two of the server, and the command beside it.
  expect(mostAtOnce).toBeLessThanOrEqual(3);
});
