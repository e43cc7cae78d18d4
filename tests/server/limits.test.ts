import {setTimeout as wait} from "node:timers/promises";
import {expect, test, vi} from "vitest";
import {limiter} from "../../server/access/limits.js";

test("so many are taken from the first on until its time is over, and who goes on trying waits no longer for it", async () => {
  const clock = vi.spyOn(performance, "now");
  const {take} = limiter({most: 2, seconds: 60});
  const at = async (seconds: number) => {
    // The cache looks at the clock once in a while.
    await wait(5);
    clock.mockReturnValue(1000 + seconds * 1000);
    return take("ana");
  };
  const waits: number[] = [];
  for (const seconds of [0, 30, 40, 59.5, 61]) waits.push(await at(seconds));
  expect(waits).toEqual([0, 0, 20, 1, 0]);
  expect(take("ben")).toBe(0);
  clock.mockRestore();
});

test("what was given back can be taken again", () => {
  const {take, giveBack} = limiter({most: 1, seconds: 60});
  expect([take("ana"), take("ana")]).toEqual([0, expect.any(Number)]);
  giveBack("ana");
  expect(take("ana")).toBe(0);
});
