// A door is a place where text from outside comes in: what is pushed through it, and who judges whether it stayed in its place.

import fc from "fast-check";

/** refused: a person is told; kept: it came in and stayed in its place; anything else is how it escaped. */
export type Outcome = "refused" | "kept" | {escaped: string};

export type Door<T> = {
  name: string;
  inputs: fc.Arbitrary<T>;
  /** Returns what became of each input, in order. */
  judge: (inputs: T[]) => Promise<Outcome[]>;
  /** How many are judged at once. */
  batch?: number;
};

export type DoorFigures = {tried: number; refused: number; kept: number; escapes: string[]};

// One that has come before tries nothing.
function distinctInputs<T>(inputs: fc.Arbitrary<T>, {seed, count}: {seed: number; count: number}): T[] {
  const found = new Map<string, T>();
  for (let round = 0; found.size < count && round < 20; round++)
    for (const input of fc.sample(inputs, {seed: seed + round, numRuns: count}))
      found.set(JSON.stringify(input), input);
  return [...found.values()].slice(0, count);
}

/** Returns what became of so many inputs of a seed. */
export async function tryDoor<T>(
  {inputs, judge, batch = 500}: Door<T>,
  {seed, count}: {seed: number; count: number}
): Promise<DoorFigures> {
  const all = distinctInputs(inputs, {seed, count: count});
  const figures: DoorFigures = {tried: all.length, refused: 0, kept: 0, escapes: []};
  for (let start = 0; start < all.length; start += batch) {
    const some = all.slice(start, start + batch);
    const outcomes = await judge(some);
    outcomes.forEach((outcome, i) => {
      if (typeof outcome === "string") figures[outcome]++;
      else figures.escapes.push(`${JSON.stringify(some[i])}: ${outcome.escaped}`);
    });
  }
  return figures;
}
