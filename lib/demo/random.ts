/**
 * Returns SQL that defines uniform(stream, a, b), strictly between 0 and 1, and normal(stream, a, b), standard
 * normal: functions of their arguments and the seed alone, so neither threads nor row order can change a draw.
 */
export function randomMacros(seed: number): string {
  // DuckDB joins the hashes of several arguments by exclusive or, which ties two streams of one user
  // together; hashing the result once more breaks that tie.
  return `
create temp macro uniform(stream, a, b) as
  ((hash(hash(stream, a, b, ${seed}::bigint)) >> 11)::double + 0.5) / 9007199254740992e0;
-- Box and Muller (1958): a normal variate from two uniform ones.
create temp macro normal(stream, a, b) as
  sqrt(-2 * ln(uniform(stream || ' radius', a, b))) * cos(2 * pi() * uniform(stream || ' angle', a, b));`;
}
