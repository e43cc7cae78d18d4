import {setImmediate as tick} from "node:timers/promises";
import {expect, test} from "vitest";
import {turnsOf} from "../../../lib/warehouse/turns.js";

function gate() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => () => {
    begun.push(name);
    return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
  };
  const end = async (name: string) => {
    ends.get(name)!();
    await tick();
  };
  return {begun, work, end};
}

test("no more than so many work at once, and who came first goes first", async () => {
  const [inTurn, {begun, work, end}] = [turnsOf(2), gate()];
  const all = ["a", "b", "c", "d"].map((name) => inTurn(work(name)));
  await tick();
  expect(begun).toEqual(["a", "b"]);
  await end("b");
  expect(begun).toEqual(["a", "b", "c"]);
  await end("a");
  expect(begun).toEqual(["a", "b", "c", "d"]);
  await end("c");
  await end("d");
  expect(await Promise.all(all)).toEqual(["a", "b", "c", "d"]);
});

test("a job of many queries lets others in between", async () => {
  const [inTurn, {begun, work, end}] = [turnsOf(1), gate()];
  const long = (async () => {
    await inTurn(work("first"));
    await inTurn(work("second"));
  })();
  await tick();
  const other = inTurn(work("other"));
  await end("first");
  expect(begun).toEqual(["first", "other"]);
  await end("other");
  await end("second");
  await Promise.all([long, other]);
});

test("who waits is told, and may leave the line without holding up those behind", async () => {
  const [inTurn, {begun, work, end}] = [turnsOf(1), gate()];
  const first = inTurn(work("first"));
  const [controller, told] = [new AbortController(), [] as string[]];
  const leaving = inTurn(work("leaving"), {signal: controller.signal, onWait: () => told.push("waiting")});
  const last = inTurn(work("last"));
  controller.abort(new Error("given up"));
  await expect(leaving).rejects.toThrow("given up");
  expect(told).toEqual(["waiting"]);
  await end("first");
  expect(begun).toEqual(["first", "last"]);
  await end("last");
  expect(await Promise.all([first, last])).toEqual(["first", "last"]);
});

test("what fails leaves its place to the next", async () => {
  const inTurn = turnsOf(1);
  const failing = inTurn(() => Promise.reject(new Error("broken")));
  const next = inTurn(() => Promise.resolve("done"));
  await expect(failing).rejects.toThrow("broken");
  expect(await next).toBe("done");
});
