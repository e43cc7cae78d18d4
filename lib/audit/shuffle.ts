import {randomBelow} from "./random.js";

/** One arm's units: index[from] up to, not including, index[to]. */
export type Span = {variant: string; from: number; to: number};

/** Units dealt to arms; at first as they really were, after next() at random in arms of the same sizes. */
export type Shuffle = {index: Uint32Array; arms: Span[]; next: () => void};

/** Returns the units dealt to their arms, the largest last: it takes what the others leave and need not be drawn. */
export function shuffleOf(variants: string[], seed: number): Shuffle {
  const below = randomBelow(seed);
  const arms = spansOf(variants);
  const index = dealt(variants, arms);
  const drawn = arms.at(-1)?.from ?? 0;
  return {index, arms, next: () => draw(index, drawn, below)};
}

function spansOf(variants: string[]): Span[] {
  const sizes = new Map<string, number>();
  for (const variant of variants) sizes.set(variant, (sizes.get(variant) ?? 0) + 1);
  let from = 0;
  return [...sizes]
    .sort(([a, m], [b, n]) => m - n || (a < b ? -1 : 1))
    .map(([variant, size]) => ({variant, from, to: (from += size)}));
}

function dealt(variants: string[], arms: Span[]): Uint32Array {
  const index = new Uint32Array(variants.length);
  const places = new Map(arms.map(({variant, from}) => [variant, from]));
  variants.forEach((variant, unit) => {
    const place = places.get(variant)!;
    index[place] = unit;
    places.set(variant, place + 1);
  });
  return index;
}

// Fisher and Yates, stopped when the first places are drawn; it may start from any order.
function draw(index: Uint32Array, drawn: number, below: (bound: number) => number) {
  for (let i = 0; i < drawn; i++) {
    const j = i + below(index.length - i);
    const unit = index[j];
    index[j] = index[i];
    index[i] = unit;
  }
}
