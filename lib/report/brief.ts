import type {Cells} from "../stats/cells.js";

// Beyond this, digits of a cell's moments are far below its noise, and weigh as much as all before them.
const digits = 9;

/** Returns cells with their moments to nine significant digits; counts stay whole. */
export function brief(cells: Cells): Cells {
  const short = (column: number[]) => column.map((x) => Number(x.toPrecision(digits)));
  return {
    ...cells,
    metrics: cells.metrics.map(({alias, n, means, products}) => ({
      alias,
      n,
      means: means.map(short),
      products: products.map(short)
    }))
  };
}
