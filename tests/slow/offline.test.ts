import {spawnSync} from "node:child_process";
import {cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, beforeAll, expect, test} from "vitest";
import {makeDemo} from "../../lib/demo/make.js";

let folder: string;
// What a fresh clone has, without anything that an earlier build has kept; linked, not copied, where that can be done.
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "expanto-offline-"));
  const root = join(folder, "root");
  mkdirSync(root);
  const tracked = readdirSync(".").filter((name) => !/^(\.git|\.expanto|dist)$/.test(name));
  const copied = spawnSync("cp", ["-al", ...tracked, root]);
  if (copied.status !== 0)
    for (const name of tracked) cpSync(name, join(root, name), {recursive: true, verbatimSymlinks: true});
  rmSync(join(root, "src/.observablehq"), {recursive: true, force: true});
  mkdirSync(join(folder, "project"));
  await makeDemo(join(folder, "project", ".expanto", "demo"), {scale: 0.02});
  writeFileSync(
    join(folder, "project", "expanto.config.yaml"),
    `folders: {metrics: ${join(root, "metrics")}, queries: ${join(root, "queries")}}\n`
  );
});
afterAll(() => rmSync(folder, {recursive: true}));

// A network of its own, which has the loopback alone.
const alone = (command: string[]) =>
  spawnSync("unshare", ["-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", ...command], {
    encoding: "utf8",
    env: {...process.env, ...recorded()},
    timeout: 170_000
  });

const recorded = () => ({
  RECORD: join(folder, "record"),
  NODE_OPTIONS: `--import ${resolve("tests/slow/offline/record.mjs")}`
});
const record = () => readFileSync(join(folder, "record"), "utf8").trim().split("\n").filter(Boolean);

test("start, pages, a calculation, reports and the schedule work without any network, and ask for nobody", (context) => {
  if (alone(["true"]).status !== 0) return context.skip("no network of its own can be made here");
  writeFileSync(join(folder, "record"), "");
  const inside = [
    "--import",
    "tsx",
    resolve("tests/slow/offline/inside.ts"),
    join(folder, "root"),
    join(folder, "project")
  ];
  const {stdout, stderr} = alone([process.execPath, ...inside]);
  const pages = ["/", "/results/latest", "/planner", "/reports/", "/api/experiments", "/ready"];
  const steps = ["calculated", "reports", "files", "schedule", "stopped"];
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual({
    ...Object.fromEntries(pages.map((path) => [path, 200])),
    ...Object.fromEntries(steps.map((step) => [step, 0]))
  });
  expect(record()).toEqual([]);
});

test("the record would hold whoever is asked for", () => {
  writeFileSync(join(folder, "record"), "");
  const asks =
    'await fetch("http://192.0.2.1/").catch(() => {}); await fetch("http://expanto.invalid/").catch(() => {})';
  spawnSync(process.execPath, ["--input-type=module", "-e", asks], {
    env: {...process.env, ...recorded()},
    timeout: 20_000
  });
  expect(record().join("\n")).toMatch(/192\.0\.2\.1[^]*expanto\.invalid/);
});

test("the page builder's telemetry is off, whoever starts it", () => {
  expect(readFileSync("server/site.ts", "utf8")).toMatch(/OBSERVABLE_TELEMETRY_DISABLE: "true"/);
  expect(readFileSync("deploy/expanto.service", "utf8")).toMatch(/OBSERVABLE_TELEMETRY_DISABLE=true/);
});
