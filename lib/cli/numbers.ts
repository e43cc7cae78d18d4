/** Returns a count with its thousands apart. */
export const count = (n: number): string => n.toLocaleString("en-US");

/** Returns a p-value to four decimals, in powers of ten below 0.0001; a dash where there is none. */
export const pvalue = (p: number | null): string =>
  p === null ? "–" : p < 1e-4 ? p.toExponential(1) : p.toFixed(4);
