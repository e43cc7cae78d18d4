// SQL that puts pieces of rows per unit and kind together.

import {extremesOf, type EventKind} from "../templates/variables.js";
import type {Chains, Link} from "./measures.js";

/** What is wanted of pieces: kinds in the order of their numbers. */
export type Wanted = {kinds: EventKind[]; hasTwins: boolean; byDay: boolean};

/** Which pieces hold kinds, and under which numbers. */
export type Held = {chains: Chains; numberOf: (link: Link, kind: EventKind) => number};

/** Returns the columns of which kinds need sums, in the order of their numbers. */
export const columnsOf = (kinds: EventKind[]) => [...new Set(kinds.flatMap(({columns}) => columns))];

/** Returns whether two kinds are of the same events. */
export const isSameKind = (a: EventKind, b: EventKind) => a.event === b.event && a.where === b.where;

/**
 * Returns relations that number kinds and columns as they are wanted, in lists of stretches of time that follow each
 * other; no two lists hold the same kind.
 */
export function renumbered({chains, numberOf}: Held, wanted: Wanted): string[][] {
  const {kinds} = wanted;
  const groups = new Map<string, EventKind[]>();
  for (const [kind, links] of chains) {
    if (!kinds.some((each) => isSameKind(each, kind))) continue;
    const by = links.map(({relation}) => relation).join();
    groups.set(by, [...(groups.get(by) ?? []), kind]);
  }
  return [...groups.values()].map((group) =>
    chains.get(group[0])!.map((link) => {
      const numbers = group.map((kind) => [
        numberOf(link, kind),
        kinds.findIndex((each) => isSameKind(each, kind))
      ]);
      return renumberedLink(link, wanted, numbers);
    })
  );
}

function renumberedLink(link: Link, {kinds, hasTwins, byDay}: Wanted, numbers: number[][]): string {
  const columns = columnsOf(kinds);
  const extremes = byDay ? extremesOf(kinds) : [];
  const isAsWanted =
    numbers.length === kinds.length &&
    link.kinds.length === kinds.length &&
    numbers.every(([held, number]) => held === number) &&
    link.columns.join() === columns.join() &&
    JSON.stringify(link.extremes) === JSON.stringify(extremes);
  if (isAsWanted) return link.relation;
  const at = (held: number, name: (i: number) => string) => (held < 0 ? "null::double" : name(held));
  const heldExtreme = (agg: string, column: string) =>
    link.extremes.findIndex((each) => each.agg === agg && each.column === column);
  const values = [
    ...periodsOf(hasTwins).flatMap((period) => [
      `n_${period}`,
      ...columns.map((name, i) => {
        const sum = at(link.columns.indexOf(name), (held) => `sum_${held}_${period}`);
        return `coalesce(${sum}, 0) as sum_${i}_${period}`;
      })
    ]),
    ...extremes.map(
      ({agg, column}, i) => `${at(heldExtreme(agg, column), (held) => `extreme_${held}`)} as extreme_${i}`
    )
  ];
  const cases = numbers.map(([held, number]) => `when ${held} then ${number}`);
  return `(select uid, case kind ${cases.join(" ")} end as kind, variant_number, ${byDay ? "day, " : ""}${values.join(", ")}
    from ${link.relation} where kind in (${numbers.map(([held]) => held).join(", ")}))`;
}

/** Returns one relation of several: stretches of time are added up, unless rows are by day. */
export function addedSql(lists: string[][], wanted: Wanted): string {
  const lone = lists.map((list) => {
    if (list.length === 1) return list[0];
    if (wanted.byDay) return together(list);
    const [first, ...rest] = list;
    const later = rest.length === 1 ? rest[0] : summed(rest, wanted);
    // Most units have nothing new: a join with the few that have is a third of a new sum over all.
    return `(select coalesce(a.uid, b.uid) as uid, coalesce(a.kind, b.kind) as kind,
        coalesce(a.variant_number, b.variant_number) as variant_number,
        ${sumsOf(wanted)
          .map((name) => `coalesce(a.${name}, 0) + coalesce(b.${name}, 0) as ${name}`)
          .join(", ")}
      from ${first} as a full join ${later} as b on a.uid = b.uid and a.kind = b.kind)`;
  });
  return lone.length === 1 ? lone[0] : together(lone);
}

/** Returns a relation with one row a unit and kind of several that may have more. */
export function summed(relations: string[], wanted: Wanted): string {
  const sums = sumsOf(wanted).map(
    (name) => `sum(${name})${name.startsWith("n_") ? "::integer" : ""} as ${name}`
  );
  return `(select uid, kind, any_value(variant_number) as variant_number, ${sums.join(", ")}
    from ${together(relations)} group by uid, kind)`;
}

const together = (relations: string[]) =>
  `(${relations.map((relation) => `select * from ${relation}`).join("\nunion all by name\n")})`;

const periodsOf = (hasTwins: boolean) => (hasTwins ? ["now", "before"] : ["now"]);

const sumsOf = ({kinds, hasTwins}: Wanted) =>
  periodsOf(hasTwins).flatMap((period) => [
    `n_${period}`,
    ...columnsOf(kinds).map((_, i) => `sum_${i}_${period}`)
  ]);
