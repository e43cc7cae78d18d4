/** Returns the ids of several rankings as one: each counts by its places (reciprocal rank fusion, Cormack et al. 2009). */
export function fuse(rankings: string[][], most: number): string[] {
  const scores = new Map<string, number>();
  for (const ranking of rankings)
    for (const [place, id] of ranking.entries()) scores.set(id, (scores.get(id) ?? 0) + 1 / (10 + place));
  return [...scores]
    .sort((a, b) => b[1] - a[1])
    .slice(0, most)
    .map(([id]) => id);
}
