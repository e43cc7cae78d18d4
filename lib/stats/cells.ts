// Moments in cells, the crossings of variant and dimensions, from which those of any slice are had at once.

import type {Moments} from "./types.js";

/** What came home of a job in cells: columns, one entry a cell, as JSON carries them. */
export type Cells = {
  variants: string[];
  /** What cells are crossed by, the variant apart; a key "day" is the day of first exposure. */
  keys: {name: string; values: string[]}[];
  /** The number of each cell's variant, and for each key that of its value. */
  variant: number[];
  at: number[][];
  units: number[];
  metrics: CellMetric[];
};

/** One metric in all cells; n is null where every unit counts. */
export type CellMetric = {
  alias: string;
  n: number[] | null;
  means: number[][];
  /** Sums of squares and products around each cell's own means: (0,0), (1,0), (1,1), (2,0), … */
  products: number[][];
  /** Of a quantile, which does not add up: it is told of a variant that is one cell. */
  isQuantile?: boolean;
};

/** Which values of a key are kept; a key that is not named keeps all. */
export type Slice = Record<string, string[]>;

/** Returns the numbers of the cells a slice keeps; a value or a key that no cell has keeps none of it. */
export function cellsIn({keys, at, variant}: Cells, slice: Slice): number[] {
  if (!Object.keys(slice).every((key) => keys.some(({name}) => name === key))) return [];
  const asked = keys.flatMap(({name, values}, k) => {
    const own = slice[name];
    return own ? [{codes: at[k], kept: values.map((value) => own.includes(value))}] : [];
  });
  const found: number[] = [];
  for (let cell = 0; cell < variant.length; cell++)
    if (asked.every(({codes, kept}) => kept[codes[cell]])) found.push(cell);
  return found;
}

/** Returns the units of cells by variant, in the order of the variants. */
export function unitsIn(cells: Cells, chosen: number[]): number[] {
  const units = cells.variants.map(() => 0);
  for (const cell of chosen) units[cells.variant[cell]] += cells.units[cell];
  return units;
}

/**
 * Returns the moments of a metric over cells together, by variant: null where a variant has no unit in them, or, of a
 * quantile, more than one cell.
 */
export function momentsIn(cells: Cells, metric: CellMetric, chosen: number[]): (Moments | null)[] {
  const width = metric.means.length;
  const n = metric.n ?? cells.units;
  const count = new Float64Array(cells.variants.length);
  for (const cell of chosen) count[cells.variant[cell]] += n[cell];
  const means = metric.means.map((column) => pooledMeans(cells, {column, n, count}, chosen));
  const products = pairsOf(width).map(([i, j], k) => {
    const around = {x: metric.means[i], y: metric.means[j], mx: means[i], my: means[j]};
    return pooledProducts(cells, {own: metric.products[k], n, ...around}, chosen);
  });
  return cells.variants.map((_, v) =>
    count[v] === 0 || (metric.isQuantile && cellsOfVariant(cells, chosen, v) > 1)
      ? null
      : {n: count[v], means: means.map((own) => own[v]), covariance: matrixOf(products, v, count[v])}
  );
}

/** Cells that others are put together into: how they are crossed, and for each old cell the number of its new one. */
export type Merger = Pick<Cells, "keys" | "variant" | "at"> & {into: number[]};

/** Returns cells put together into fewer, exactly: the moments of any union of new cells are those of the old ones. */
export function mergedCells(cells: Cells, {keys, variant, at, into}: Merger): Cells {
  const all = into.map((_, cell) => cell);
  const groups = {variant: into};
  const sum = (column: number[]) => {
    const sums = variant.map(() => 0);
    for (const cell of all) sums[into[cell]] += column[cell];
    return sums;
  };
  const metrics = cells.metrics.map(({alias, n, means, products}): CellMetric => {
    const own = n ?? cells.units;
    const count = Float64Array.from(sum(own));
    const pooled = means.map((column) => pooledMeans(groups, {column, n: own, count}, all));
    const around = pairsOf(means.length).map(([i, j], k) =>
      pooledProducts(
        groups,
        {own: products[k], n: own, x: means[i], y: means[j], mx: pooled[i], my: pooled[j]},
        all
      )
    );
    const columns = [pooled, around].map((each) => each.map((column) => [...column]));
    return {alias, n: n && [...count], means: columns[0], products: columns[1]};
  });
  return {variants: cells.variants, keys, variant, at, units: sum(cells.units), metrics};
}

const cellsOfVariant = ({variant}: Cells, chosen: number[], v: number) =>
  chosen.filter((cell) => variant[cell] === v).length;

/** Returns where products stand, (i, j) with j ≤ i, for so many columns. */
export const pairsOf = (width: number): [number, number][] =>
  Array.from({length: width}, (_, i) =>
    Array.from({length: i + 1}, (_, j): [number, number] => [i, j])
  ).flat();

// Cells by the number of what they are pooled into: their variant, or a larger cell.
type Grouped = Pick<Cells, "variant">;
type Pooled = {column: number[]; n: number[]; count: Float64Array};

function pooledMeans({variant}: Grouped, {column, n, count}: Pooled, chosen: number[]): Float64Array {
  const sums = new Float64Array(count.length);
  for (const cell of chosen) sums[variant[cell]] += n[cell] * column[cell];
  return sums.map((sum, v) => (count[v] ? sum / count[v] : 0));
}

type Around = {own: number[]; n: number[]; x: number[]; y: number[]; mx: Float64Array; my: Float64Array};

// Chan, Golub and LeVeque (1979) for many groups at once: within each cell, and between cells around the whole's mean.
function pooledProducts({variant}: Grouped, {own, n, x, y, mx, my}: Around, chosen: number[]): Float64Array {
  const sums = new Float64Array(mx.length);
  for (const cell of chosen) {
    const v = variant[cell];
    sums[v] += own[cell] + n[cell] * (x[cell] - mx[v]) * (y[cell] - my[v]);
  }
  return sums;
}

function matrixOf(products: Float64Array[], variant: number, n: number): number[][] {
  const width = Math.round((Math.sqrt(8 * products.length + 1) - 1) / 2);
  const at = (i: number, j: number) => products[(i * (i + 1)) / 2 + j][variant] / Math.max(1, n - 1);
  return Array.from({length: width}, (_, i) =>
    Array.from({length: width}, (_, j) => (j <= i ? at(i, j) : at(j, i)))
  );
}
