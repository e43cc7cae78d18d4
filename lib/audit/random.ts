/**
 * Returns a generator of whole numbers from 0 to below its argument, the same for the same seed: sfc32 of
 * Doty-Humphrey's PractRand. No number is preferred by more than one part in 2^32 / bound.
 */
export function randomBelow(seed: number): (bound: number) => number {
  const state = Int32Array.of(0, seed, Math.floor(seed / 2 ** 32), 1);
  // Seeds that differ in one bit are told apart only after some rounds.
  for (let i = 0; i < 20; i++) next(state);
  return (bound) => Math.floor((next(state) / 2 ** 32) * bound);
}

function next(state: Int32Array): number {
  const drawn = (state[0] + state[1] + state[3]) | 0;
  state[3]++;
  state[0] = state[1] ^ (state[1] >>> 9);
  state[1] = state[2] + (state[2] << 3);
  state[2] = ((state[2] << 21) | (state[2] >>> 11)) + drawn;
  return drawn >>> 0;
}
