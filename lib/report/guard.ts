// No cell of a report is smaller than the minimum: smaller ones are put together until none is.

import {mergedCells, type Cells} from "../stats/cells.js";

export type Guarded = {cells: Cells | null; merged: number; of: number};

/** A crossing of values over all variants; a code of -1 stands for other values together. */
type Crossing = {codes: number[]; units: number[]; members: number[]};

const other = -1;

/**
 * Returns cells without the day of exposure in which every crossing has at least a minimum of units in each variant:
 * smaller ones lose their last value to "other", then the one before, and where all of "other" is still too small it takes
 * in the smallest that are left. Nothing is left out, so all cells together are what they were; null where only one is left.
 */
export function guardedCells(cells: Cells, minimum: number): Guarded {
  const whole = withoutKey(cells, "day");
  const {crossings, crossingOf} = crossingsOf(whole);
  const kept = enlarged(crossings, {minimum, width: whole.keys.length});
  const merged = crossings.length - kept.filter(({members}) => members.length === 1).length;
  const found = {merged, of: crossings.length};
  return {cells: kept.length < 2 ? null : joined(whole, kept, crossingOf), ...found};
}

function withoutKey(cells: Cells, name: string): Cells {
  const k = cells.keys.findIndex((key) => key.name === name);
  if (k < 0) return cells;
  const at = cells.at.filter((_, i) => i !== k);
  const {into, first} = numbered(
    cells.variant.map((variant, cell) => [variant, ...codesOf(at, cell)].join())
  );
  const pick = (column: number[]) => first.map((cell) => column[cell]);
  const keys = cells.keys.filter((_, i) => i !== k);
  return mergedCells(cells, {keys, variant: pick(cells.variant), at: at.map(pick), into});
}

const codesOf = (at: number[][], cell: number) => at.map((column) => column[cell]);

// Numbers names from 0 as they come; `first` tells where each stood first.
function numbered(names: string[]): {into: number[]; first: number[]} {
  const numbers = new Map<string, number>();
  const first: number[] = [];
  const into = names.map((name, i) => {
    if (!numbers.has(name)) numbers.set(name, first.push(i) - 1);
    return numbers.get(name)!;
  });
  return {into, first};
}

function crossingsOf({variants, variant, at, units}: Cells): {crossings: Crossing[]; crossingOf: number[]} {
  const {into, first} = numbered(variant.map((_, cell) => codesOf(at, cell).join()));
  const crossings = first.map((cell, i): Crossing => ({
    codes: codesOf(at, cell),
    units: variants.map(() => 0),
    members: [i]
  }));
  for (let cell = 0; cell < variant.length; cell++) crossings[into[cell]].units[variant[cell]] += units[cell];
  return {crossings, crossingOf: into};
}

function enlarged(crossings: Crossing[], {minimum, width}: {minimum: number; width: number}): Crossing[] {
  const total = sums(crossings);
  const isSmall = ({units}: Crossing) => units.some((n, v) => total[v] > 0 && n < minimum);
  let kept = crossings;
  for (let k = width - 1; k >= 0; k--) {
    const small = kept.filter(isSmall);
    const {into, first} = numbered(small.map(({codes}) => codes.slice(0, k).join()));
    const merged = first.map((_, i) => together(small.filter((_, j) => into[j] === i), k)); // prettier-ignore
    kept = [...kept.filter((each) => !isSmall(each)), ...merged];
  }
  const rest = kept.find(({codes}) => codes.every((code) => code === other));
  if (!rest) return kept;
  let all = rest;
  const left = kept.filter((each) => each !== rest).sort((a, b) => smallest(a) - smallest(b));
  while (isSmall(all) && left.length) all = together([all, left.shift()!], 0);
  return [...left, all].sort((a, b) => a.members[0] - b.members[0]);
}

const smallest = ({units}: Crossing) => Math.min(...units);

const sums = (crossings: Crossing[]) =>
  (crossings[0]?.units ?? []).map((_, v) => crossings.reduce((sum, {units}) => sum + units[v], 0));

const together = (group: Crossing[], k: number): Crossing => ({
  codes: group[0].codes.map((code, i) => (i < k ? code : other)),
  units: sums(group),
  members: group.flatMap(({members}) => members).sort((a, b) => a - b)
});

function joined(cells: Cells, kept: Crossing[], crossingOf: number[]): Cells {
  const keptOf = new Map(kept.flatMap(({members}, i) => members.map((member) => [member, i])));
  const now = crossingOf.map((crossing) => keptOf.get(crossing)!);
  const {into, first} = numbered(cells.variant.map((variant, cell) => `${variant},${now[cell]}`));
  const codings = cells.keys.map(({values}, k) => coding(values, kept.map(({codes}) => codes[k]))); // prettier-ignore
  return mergedCells(cells, {
    keys: cells.keys.map(({name}, k) => ({name, values: codings[k].values})),
    variant: first.map((cell) => cells.variant[cell]),
    at: codings.map(({code}, k) => first.map((cell) => code(kept[now[cell]].codes[k]))),
    into
  });
}

// Values that no crossing has any more are not named.
function coding(values: string[], codes: number[]) {
  const own = values.filter((_, code) => codes.includes(code));
  const rest = own.includes("other") ? "other (put together)" : "other";
  const named = codes.includes(other) ? [...own, rest] : own;
  return {values: named, code: (code: number) => named.indexOf(code === other ? rest : values[code])};
}
