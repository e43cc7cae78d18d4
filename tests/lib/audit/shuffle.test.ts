import {expect, test} from "vitest";
import {shuffleOf} from "../../../lib/audit/shuffle.js";

const armsOf = (sizes: Record<string, number>) =>
  Object.entries(sizes).flatMap(([variant, n]) => Array.from({length: n}, () => variant));

test("a shuffle keeps every unit and the arms' sizes", () => {
  const shuffle = shuffleOf(armsOf({A: 5, B: 3, C: 9}), 1);
  const before = [...shuffle.index];
  shuffle.next();
  expect(shuffle.arms.map(({variant, from, to}) => [variant, to - from])).toEqual([
    ["B", 3],
    ["A", 5],
    ["C", 9]
  ]);
  expect([...shuffle.index]).not.toEqual(before);
  expect([...shuffle.index].sort((a, b) => a - b)).toEqual(Array.from({length: 17}, (_, i) => i));
});

test("every unit is dealt to an arm as often as that arm is large", () => {
  const shuffle = shuffleOf(armsOf({A: 2, B: 6}), 9);
  const times = Array.from({length: 8}, () => 0);
  for (let i = 0; i < 8000; i++) {
    shuffle.next();
    for (const unit of shuffle.index.subarray(0, 2)) times[unit]++;
  }
  // Each is binomial(8000, 1/4): 2000 with a standard deviation of 39; five of them are left as room.
  for (const count of times) expect(Math.abs(count - 2000)).toBeLessThan(195);
});
