import {rm} from "node:fs/promises";
import {afterAll, beforeAll, describe, expect, test} from "vitest";
import {verdictOf, type Minute} from "../../scripts/soak/measure.js";
import {soak} from "../../scripts/soak/run.js";
import {torturedWorkspace, type Tortured} from "../../scripts/torture/workspace.js";

describe("half a minute of mixed load", () => {
  let tortured: Tortured;
  beforeAll(async () => {
    tortured = await torturedWorkspace({more: "retention: {jobs: 5}\n"});
  });
  afterAll(() => rm(tortured.folder, {recursive: true}));

  test("every page and answer is read without an error, beside jobs that complete, and no handle is left open", async () => {
    const {minutes, jobs, problems} = await soak(tortured, {
      rounds: 4,
      roundMs: 5000,
      idleMs: 2000,
      restMs: 200
    });
    expect(problems).toEqual([]);
    expect(jobs).toBeGreaterThan(2);
    const handles = minutes.map((each) => each.handles);
    expect(Math.max(...handles) - Math.min(...handles)).toBeLessThan(8);
  });
});

describe("what is not flat", () => {
  const minutes = (of: (minute: number) => Partial<Minute>): Minute[] =>
    Array.from({length: 60}, (_, i) => ({
      minute: i + 1,
      memoryMB: 300,
      peakMB: 500,
      handles: 50,
      diskMB: 20,
      reads: 1200,
      p50: 2,
      p99: 20,
      ...of(i + 1)
    }));

  test("is nothing where all stays as it was, whatever the warm-up took and a collection of garbage frees", () => {
    const saw = minutes((n) => ({
      memoryMB: n < 20 ? 100 + 10 * n : 300 + 40 * (n % 3),
      p99: n === 30 ? 500 : 20
    }));
    expect(verdictOf(saw, 10)).toEqual([]);
  });

  test.each([
    ["memory", (n: number) => ({memoryMB: 300 + 2 * n}), "memory grows by 120.0 MB an hour, 30 are allowed"],
    ["handles", (n: number) => ({handles: 50 + n}), "handles differ by 39, 4 are allowed"],
    [
      "disk",
      (n: number) => ({diskMB: 20 + 5 * n}),
      "the data folder grows by 300.0 MB an hour, 200 are allowed"
    ],
    ["reads", () => ({p99: 31}), "the slowest of a hundred reads takes 31.0 ms, 3.1 times the idle 10.0 ms"]
  ])("is told of %s", (_, of, words) => {
    expect(verdictOf(minutes(of), 10)).toEqual([words]);
  });
});
