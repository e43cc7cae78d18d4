import {expect, test} from "vitest";
import {cellsIn, momentsIn, pairsOf, unitsIn, type Cells} from "../../../lib/stats/cells.js";
import {momentsOf} from "../../../lib/stats/moments.js";

// Six units of A and two of B, in two countries; each row is a value and its covariate.
const rows: Record<string, number[][]> = {
  "A DE": [
    [1, 0],
    [3, 2]
  ],
  "A FR": [
    [10, 4],
    [11, 4],
    [15, 9],
    [1e6, 1]
  ],
  "B DE": [[2, 2]],
  "B FR": [[7, 1]]
};
const groups = Object.values(rows);
const moments = groups.map((group) => momentsOf(group));

const cells: Cells = {
  variants: ["A", "B"],
  keys: [{name: "country", values: ["DE", "FR"]}],
  variant: [0, 0, 1, 1],
  at: [[0, 1, 0, 1]],
  units: groups.map(({length}) => length),
  metrics: [
    {
      alias: "revenue",
      n: null,
      means: [0, 1].map((i) => moments.map(({means}) => means[i])),
      products: pairsOf(2).map(([i, j]) =>
        moments.map(({n, covariance}) => (n > 1 ? covariance[i][j] * (n - 1) : 0))
      )
    }
  ]
};

test("the moments of cells together are those of their units together", () => {
  const [a, b] = momentsIn(cells, cells.metrics[0], cellsIn(cells, {}));
  const expected = momentsOf([...rows["A DE"], ...rows["A FR"]]);
  expect(a!.n).toBe(6);
  a!.means.forEach((mean, i) => expect(mean).toBeCloseTo(expected.means[i], 9));
  a!.covariance
    .flat()
    .forEach((value, i) => expect(value / expected.covariance.flat()[i]).toBeCloseTo(1, 12));
  expect(b).toEqual({
    n: 2,
    means: [4.5, 1.5],
    covariance: [
      [12.5, -2.5],
      [-2.5, 0.5]
    ]
  });
});

test("a slice keeps the cells of its values; of a variant without units in it nothing is known", () => {
  const german = cellsIn(cells, {country: ["DE"]});
  expect(german).toEqual([0, 2]);
  expect(unitsIn(cells, german)).toEqual([2, 1]);
  const [a, b] = momentsIn(cells, cells.metrics[0], german);
  expect(a).toEqual({
    n: 2,
    means: [2, 1],
    covariance: [
      [2, 2],
      [2, 2]
    ]
  });
  expect(b).toEqual({
    n: 1,
    means: [2, 2],
    covariance: [
      [0, 0],
      [0, 0]
    ]
  });
  expect(momentsIn(cells, cells.metrics[0], cellsIn(cells, {country: ["IT"]}))).toEqual([null, null]);
  expect(cellsIn(cells, {city: ["DE"]})).toEqual([]);
});
