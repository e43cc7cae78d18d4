// Moments of all units from those that have rows: the others are zeros, added as a block of their own (Chan, Golub and
// LeVeque 1979).

/** The units of a variant that have a row of some kind: how many, and the moments of their values. */
export type Block = {
  n: number;
  means: number[];
  covariance: number[][];
  low: number;
  high: number;
  infinite: number;
};
/** Of a variant in which no unit has a row. */
export const nothing: Block = {n: 0, means: [0, 0], covariance: zeros(2), low: 0, high: 0, infinite: 0};

function zeros(width: number): number[][] {
  return Array.from({length: width}, () => Array<number>(width).fill(0));
}

/** The units that have rows of both kinds of a ratio: the means of both, and their covariances, numerator by denominator. */
export type Joint = {n: number; numerator: number[]; denominator: number[]; covariance: number[][]};

export type Whole = {n: number; means: number[]; covariance: (number | null)[][]};

/** Returns the moments of all units of a variant, from the blocks of those that have rows; columns now, then before. */
export function wholeOf(
  units: number,
  blocks: Block[],
  {joint, hasTwins}: {joint: Joint | null; hasTwins: boolean}
): Whole {
  const parts = blocks.map((block) => withZeros(units, block));
  const own = parts.length;
  const [a, b] = parts;
  const cross = own === 2 ? crossOf(units, blocks, parts, joint) : null;
  const periods = hasTwins ? 2 : 1;
  const at = Array.from({length: periods * own}, (_, i) => ({part: i % own, period: Math.floor(i / own)}));
  const covariance = at.map((x) =>
    at.map((y) => {
      if (units < 2) return null;
      if (x.part === y.part) return (x.part ? b : a).covariance[x.period][y.period];
      return x.part === 0 ? cross![x.period][y.period] : cross![y.period][x.period];
    })
  );
  return {n: units, means: at.map(({part, period}) => parts[part].means[period]), covariance};
}

function withZeros(units: number, {n, means, covariance}: Block): {means: number[]; covariance: number[][]} {
  const weight = (n / units) * (units - n);
  return {
    means: means.map((mean) => (mean * n) / units),
    covariance: covariance.map((row, i) =>
      row.map((value, j) => (value * Math.max(0, n - 1) + means[i] * means[j] * weight) / (units - 1))
    )
  };
}

// The covariance of two kinds over four blocks: units with both, with one alone, with neither.
function crossOf(
  units: number,
  [x, y]: Block[],
  [a, b]: {means: number[]}[],
  joint: Joint | null
): number[][] {
  const both = joint?.n ?? 0;
  const aloneOf = (block: Block, shared: number[] | undefined, k: number) =>
    block.n > both ? (block.means[k] * block.n - (shared?.[k] ?? 0) * both) / (block.n - both) : 0;
  return [0, 1].map((k) =>
    [0, 1].map((l) => {
      const [meanX, meanY] = [a.means[k], b.means[l]];
      const onlyX = (x.n - both) * (aloneOf(x, joint?.numerator, k) - meanX) * (0 - meanY);
      const onlyY = (y.n - both) * (0 - meanX) * (aloneOf(y, joint?.denominator, l) - meanY);
      const neither = (units - x.n - y.n + both) * meanX * meanY;
      const shared = joint
        ? joint.covariance[k][l] * Math.max(0, both - 1) +
          both * (joint.numerator[k] - meanX) * (joint.denominator[l] - meanY)
        : 0;
      return (shared + onlyX + onlyY + neither) / (units - 1);
    })
  );
}
