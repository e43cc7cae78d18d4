/** Returns labels with the heights they stand at: each at its own, or a step above the one below where they are close. */
export function apart<Label extends {value: number}>(
  labels: Label[],
  step: number
): (Label & {at: number})[] {
  let last = -Infinity;
  return labels
    .toSorted((a, b) => a.value - b.value)
    .map((label) => ({...label, at: (last = Math.max(label.value, last + step))}));
}
