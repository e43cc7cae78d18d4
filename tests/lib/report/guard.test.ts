import {expect, test} from "vitest";
import {guardedCells} from "../../../lib/report/guard.js";
import {momentsOf} from "../../../lib/stats/moments.js";
import {cellsIn, momentsIn, type Cells} from "../../../lib/stats/cells.js";

// One entry a crossing: its values, and units in A and in B, each unit with a value of its own.
type Given = [values: string[], a: number, b: number];

function cellsOf(names: string[], given: Given[]): Cells {
  const rows = given.flatMap(([values, ...units]) =>
    units.flatMap((n, variant) => (n ? [{values, variant, n}] : []))
  );
  const keys = names.map((name, k) => ({name, values: [...new Set(given.map(([values]) => values[k]))].sort()})); // prettier-ignore
  let next = 0;
  const moments = rows.map(({n}) => momentsOf(Array.from({length: n}, () => [(next += 7) % 100])));
  return {
    variants: ["A", "B"],
    keys,
    variant: rows.map(({variant}) => variant),
    at: keys.map(({values}, k) => rows.map((row) => values.indexOf(row.values[k]))),
    units: rows.map(({n}) => n),
    metrics: [
      {
        alias: "m",
        n: null,
        means: [moments.map(({means}) => means[0])],
        products: [moments.map(({n, covariance}) => (n > 1 ? covariance[0][0] * (n - 1) : 0))]
      }
    ]
  };
}

function crossings({keys, at, variant, units}: Cells): Record<string, number[]> {
  const found: Record<string, number[]> = {};
  variant.forEach((v, cell) => {
    const name = keys.map(({values}, k) => values[at[k][cell]]).join(" ");
    (found[name] ??= [0, 0])[v] = units[cell];
  });
  return found;
}

test("values with too few units in any variant become other, also where the other variant has enough", () => {
  const cells = cellsOf(["country"], [[["DE"], 50, 50], [["FR"], 30, 19], [["LU"], 1, 2]]); // prettier-ignore
  const found = guardedCells(cells, 20);
  expect(found).toMatchObject({merged: 2, of: 3});
  expect(crossings(found.cells!)).toEqual({DE: [50, 50], other: [31, 21]});
});

test("other takes in the smallest that is left until it is large enough itself: a lone small value cannot be told by subtraction", () => {
  const cells = cellsOf(["country"], [[["DE"], 50, 50], [["FR"], 30, 30], [["LU"], 1, 2]]); // prettier-ignore
  const found = guardedCells(cells, 20);
  expect(crossings(found.cells!)).toEqual({DE: [50, 50], other: [31, 32]});
  expect(found.merged).toBe(2);
});

test("a crossing loses its last dimension first, so that the first one keeps its totals", () => {
  const cells = cellsOf(
    ["country", "os"],
    [
      [["DE", "android"], 40, 40],
      [["DE", "ios"], 12, 12],
      [["DE", "web"], 10, 10],
      [["FR", "android"], 30, 30],
      [["FR", "ios"], 5, 40],
      [["FR", "web"], 20, 20]
    ]
  );
  const {cells: kept} = guardedCells(cells, 20);
  expect(crossings(kept!)).toEqual({
    "DE android": [40, 40],
    "DE other": [22, 22],
    "FR android": [30, 30],
    "other other": [25, 60]
  });
});

test("a value that is called other already is told from those put together", () => {
  const cells = cellsOf(["country"], [[["other"], 50, 50], [["FR"], 30, 30], [["LU"], 9, 12], [["MT"], 12, 9]]); // prettier-ignore
  expect(crossings(guardedCells(cells, 20).cells!)).toEqual({
    other: [50, 50],
    FR: [30, 30],
    "other (put together)": [21, 21]
  });
});

test("one cell alone is no segment", () => {
  expect(guardedCells(cellsOf(["country"], [[["DE"], 50, 50], [["FR"], 3, 3]]), 20)).toEqual({cells: null, merged: 2, of: 2}); // prettier-ignore
});

test("days of exposure are put together, and all moments stay what they were", () => {
  const cells = cellsOf(["country", "day"], [[["DE", "1"], 15, 15], [["DE", "2"], 20, 20], [["FR", "1"], 25, 25], [["FR", "2"], 3, 30]]); // prettier-ignore
  const {cells: kept} = guardedCells(cells, 20);
  expect(crossings(kept!)).toEqual({DE: [35, 35], FR: [28, 55]});
  const [whole, again] = [cells, kept!].map((each) => momentsIn(each, each.metrics[0], cellsIn(each, {})));
  again.forEach((moments, v) => {
    expect(moments!.n).toBe(whole[v]!.n);
    expect(moments!.means[0]).toBeCloseTo(whole[v]!.means[0], 12);
    expect(moments!.covariance[0][0]).toBeCloseTo(whole[v]!.covariance[0][0], 10);
  });
});
