import {expect, test} from "vitest";
import {compare} from "../../../lib/stats/compare.js";
import {mergeMoments, momentsOf} from "../../../lib/stats/moments.js";
import {compareStratified} from "../../../lib/stats/stratify.js";
import {gaussians} from "./random.js";

const next = gaussians(5);
const cellOf = (level: number, units: [number, number]) => {
  const rows = (n: number, shift: number) => Array.from({length: n}, () => [level + shift + next()]);
  return {control: momentsOf(rows(units[0], 0)), treatment: momentsOf(rows(units[1], 0.2))};
};

test("cells with different levels are weighted alike in both arms, which removes the luck of the mix", () => {
  const cells = [cellOf(1, [400, 300]), cellOf(9, [300, 400])];
  const merged = (role: "control" | "treatment") => cells.map((cell) => cell[role]).reduce(mergeMoments);
  const plain = compare("mean", merged("control"), merged("treatment")).difference;
  const stratified = compareStratified(cells).difference;
  expect(plain.value).toBeGreaterThan(1);
  expect(stratified.value).toBeCloseTo(0.2, 1);
  expect(stratified.high! - stratified.low!).toBeLessThan((plain.high! - plain.low!) / 3);
});

test("one cell is the plain comparison, but for t and z", () => {
  const cell = cellOf(3, [900, 1000]);
  const [stratified, plain] = [compareStratified([cell]), compare("mean", cell.control, cell.treatment)];
  expect(stratified.difference.value).toBeCloseTo(plain.difference.value!, 12);
  expect(stratified.difference.low).toBeCloseTo(plain.difference.low!, 3);
});

test("a cell with one unit in a variant gives no interval, and says so", () => {
  expect(compareStratified([cellOf(1, [50, 50]), cellOf(1, [1, 50])])).toMatchObject({
    difference: {low: null, pvalue: null},
    reason: "a cell has fewer than two units in a variant"
  });
});
