import {rm, truncate} from "node:fs/promises";
import {afterAll, beforeAll, describe, expect, test} from "vitest";
import {join} from "node:path";
import {randomBelow} from "../../lib/audit/random.js";
import {cacheEntries} from "../../lib/cache-report.js";
import {inspect, killCalculations, killServers, killStarts, revive} from "../../scripts/torture/crash.js";
import {torturedWorkspace, type Tortured} from "../../scripts/torture/workspace.js";

let tortured: Tortured;
beforeAll(async () => {
  tortured = await torturedWorkspace();
});
afterAll(() => rm(tortured.folder, {recursive: true}));
const random = randomBelow(7);

describe("kill -9 of the real program", () => {
  test("a server with jobs and edits loses nothing it acknowledged, and leaves database and cache whole", async () => {
    const {kills, acknowledged, problems} = await killServers(tortured, 4, random);
    expect({kills, problems}).toEqual({kills: 4, problems: []});
    expect(acknowledged).toBeGreaterThan(20);
  });

  test("a calculation on the command line and a start leave database and cache whole", async () => {
    const figures = [await killCalculations(tortured, 3, random), await killStarts(tortured, 2, random)];
    expect(figures.flatMap(({problems}) => problems)).toEqual([]);
  });

  test("the next start marks what was running as failed with the reason, and sweeps what was half-made", async () => {
    const {failedJobs, problems} = await revive(tortured);
    expect(problems).toEqual([]);
    expect(failedJobs).toBeGreaterThan(0);
  });
});

describe("what the inspection would find", () => {
  const found = async (texts: [number, string][] = [], jobs: number[] = []) => {
    const promised = {texts: new Map(texts), sent: new Map(texts), jobs, count: 0};
    return inspect(tortured, promised).then(({problems}) => problems.join("\n"));
  };

  test("a lost edit and a lost job", async () => {
    const [id] = tortured.experiments;
    expect(await found([[id, "never written"]], [987654])).toMatch(
      /lost “never written”.*\n.*987654 .* gone/
    );
  });

  test("other numbers, and a file cut short", async () => {
    const results = new Map([...tortured.results].map(([id]) => [id, "[]"]));
    expect(await inspect({...tortured, results}).then(({problems}) => problems.join())).toContain(
      "other numbers"
    );
    const [{files}] = await cacheEntries(join(tortured.data, "cache"));
    await truncate(files[0], 100);
    expect(await found()).toContain(`${files[0]} cannot be read`);
  });
});
