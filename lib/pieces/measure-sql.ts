// SQL that puts pieces of rows per unit and kind together.

import type {EventKind} from "../templates/variables.js";
import type {Chains, Link} from "./measures.js";

/** What is wanted of pieces: kinds in the order of their numbers. */
export type Wanted = {kinds: EventKind[]; hasTwins: boolean; byDay: boolean};

type Held = {chains: Chains; numberOf: (link: Link, kind: EventKind) => number};

/** Returns the columns of which kinds need sums, in the order of their numbers. */
export const columnsOf = (kinds: EventKind[]) => [...new Set(kinds.flatMap(({columns}) => columns))];

/**
 * Returns relations that number kinds and columns as they are wanted, in lists of stretches of time that follow each
 * other; no two lists hold the same kind.
 */
export function renumbered({chains, numberOf}: Held, {kinds, ...wanted}: Wanted): string[][] {
  const columns = columnsOf(kinds);
  const groups = new Map<string, EventKind[]>();
  for (const kind of kinds) {
    const by = chains.get(kind)!.map(({relation}) => relation);
    groups.set(by.join(), [...(groups.get(by.join()) ?? []), kind]);
  }
  return [...groups.values()].map((group) =>
    chains.get(group[0])!.map((link) => {
      const numbers = group.map((kind) => [numberOf(link, kind), kinds.indexOf(kind)]);
      const isAsWanted =
        group.length === kinds.length &&
        link.kinds.length === kinds.length &&
        numbers.every(([held, number]) => held === number) &&
        link.columns.join() === columns.join();
      return isAsWanted ? link.relation : renumberedLink(link, {...wanted, columns, numbers});
    })
  );
}

type Numbered = Omit<Wanted, "kinds"> & {columns: string[]; numbers: number[][]};

function renumberedLink(link: Link, {hasTwins, byDay, columns, numbers}: Numbered): string {
  const sums = periodsOf(hasTwins).flatMap((period) => [
    `n_${period}`,
    ...columns.map((name, i) => {
      const held = link.columns.indexOf(name);
      return `${held < 0 ? "0::double" : `sum_${held}_${period}`} as sum_${i}_${period}`;
    })
  ]);
  const cases = numbers.map(([held, number]) => `when ${held} then ${number}`);
  return `(select uid, case kind ${cases.join(" ")} end as kind, variant_number, ${byDay ? "day, " : ""}${sums.join(", ")}
    from ${link.relation} where kind in (${numbers.map(([held]) => held).join(", ")}))`;
}

/** Returns one relation of several: stretches of time are added up, unless rows are by day. */
export function addedSql(lists: string[][], {kinds, hasTwins, byDay}: Wanted): string {
  const together = (relations: string[]) =>
    `(${relations.map((relation) => `select * from ${relation}`).join("\nunion all by name\n")})`;
  const lone = lists.map((list) => {
    if (byDay || list.length === 1) return list.length === 1 ? list[0] : together(list);
    const sums = sumsOf(kinds, hasTwins);
    const [first, ...rest] = list;
    const later =
      rest.length === 1
        ? rest[0]
        : `(select uid, kind, any_value(variant_number) as variant_number, ${sums.map((name) => `sum(${name}) as ${name}`).join(", ")}
           from ${together(rest)} group by uid, kind)`;
    // Most units have nothing new: a join with the few that have is a third of a new sum over all.
    return `(select coalesce(a.uid, b.uid) as uid, coalesce(a.kind, b.kind) as kind,
        coalesce(a.variant_number, b.variant_number) as variant_number,
        ${sums.map((name) => `coalesce(a.${name}, 0) + coalesce(b.${name}, 0) as ${name}`).join(", ")}
      from ${first} as a full join ${later} as b on a.uid = b.uid and a.kind = b.kind)`;
  });
  return lone.length === 1 ? lone[0] : together(lone);
}

const periodsOf = (hasTwins: boolean) => (hasTwins ? ["now", "before"] : ["now"]);

const sumsOf = (kinds: EventKind[], hasTwins: boolean) =>
  periodsOf(hasTwins).flatMap((period) => [
    `n_${period}`,
    ...columnsOf(kinds).map((_, i) => `sum_${i}_${period}`)
  ]);
