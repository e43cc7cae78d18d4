import {expect, test} from "vitest";
import {turns, type Release} from "../../server/turns.js";

const settled = () => new Promise((resolve) => setImmediate(resolve));

function asking(most: number) {
  const inTurn = turns(most);
  const order: string[] = [];
  const releases: Release[] = [];
  const ask = (name: string, key: number, signal = new AbortController().signal) =>
    inTurn(key, signal).then((release) => {
      order.push(name);
      releases.push(release);
    });
  return {ask, order, releases};
}

test("so many run at once, and who asked for little does not wait behind all of one who asked for much", async () => {
  const {ask, order, releases} = asking(2);
  for (const name of ["a1", "a2", "a3", "a4"]) void ask(name, 1);
  void ask("b1", 2);
  void ask("c1", 3);
  await settled();
  expect(order).toEqual(["a1", "a2"]);
  while (releases.length) {
    releases.shift()!();
    await settled();
  }
  expect(order).toEqual(["a1", "a2", "b1", "c1", "a3", "a4"]);
});

test("a turn given back twice is one turn, and who leaves the queue is passed over", async () => {
  const {ask, order, releases} = asking(1);
  const gone = new AbortController();
  void ask("first", 1);
  const left = ask("gone", 1, gone.signal);
  void ask("second", 1);
  void ask("third", 1);
  gone.abort(new Error("given up"));
  await expect(left).rejects.toThrow("given up");
  const [release] = releases;
  release();
  release();
  await settled();
  expect(order).toEqual(["first", "second"]);
  await expect(ask("late", 1, gone.signal)).rejects.toThrow("given up");
});
