import {mkdir, rm, truncate, writeFile} from "node:fs/promises";
import {afterAll, beforeAll, describe, expect, test} from "vitest";
import {join} from "node:path";
import {randomBelow} from "../../lib/audit/random.js";
import {cacheEntries} from "../../lib/cache-report.js";
import {inspect, killCalculations, killServers, killStarts, revive} from "../../scripts/torture/crash.js";
import {inspectReports, killReports} from "../../scripts/torture/reports.js";
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

  test("what publishes leaves each report from before or the new one whole, and the next time sweeps what was half-made", async () => {
    const {kills, problems} = await killReports(tortured, 4, random);
    expect({kills, problems}).toEqual({kills: 4, problems: []});
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

  test("half a report, one that is gone, and a module that a page asks for in vain", async () => {
    const out = join(tortured.folder, "half");
    await mkdir(out);
    await writeFile(join(out, "1.html"), '<script type="module" src="./gone.js"></script>');
    const whole = new Map(["1.html", "2.html"].map((name) => [name, [Buffer.from("all of it")]]));
    expect(await inspectReports(out, whole, {mayMiss: false})).toEqual([
      "2.html is gone",
      "1.html is neither the report from before nor the new one",
      "refers to what is not there: 1.html: ./gone.js"
    ]);
  });
});
