// Rows per unit and kind of event, in pieces of time: rows of one stretch and of the next add up. What is there of a
// kind is followed by the days that are not; what an earlier population has is taken over for units that did not change.

import {cached} from "../cache.js";
import type {MeasurePlan, PiecePlan} from "../pieces.js";
import {extremesOf, type EventKind, type Extreme} from "../templates/variables.js";
import type {Instant} from "../types.js";
import {contentsOf, type Contents, type Piece} from "./contents.js";
import {firstChange, startOf, type EventDay} from "./event-days.js";
import {hash, parquet, type Count, type Engine} from "./engine.js";
import {addedSql, columnsOf, renumbered} from "./measure-sql.js";
import {populationIn, unchangedSince, type Population} from "./population.js";

/** A piece that is there: in a file, or in a table that was just written to one. */
export type Link = Pick<Piece, "kinds" | "columns" | "extremes" | "since" | "until"> & {relation: string};

/** What each kind is held by, in order of time. */
export type Chains = Map<EventKind, Link[]>;

export type Making = {
  plan: PiecePlan;
  folder: string;
  known: Piece[];
  count: Count;
  population: Population;
  /** Makes the view `population`. */
  number: () => Promise<void>;
  /** The days of events, where the window is still open; null where it is not. */
  days: () => Promise<EventDay[] | null>;
  /** What is told of how pieces were made. */
  told: Told;
};

/** Since when events were read, where those before were there; what was counted from the beginning all the same, and why. */
export type Told = {since?: Instant; whole?: Record<string, string>};

/** What can be had of kinds without reading their events again. */
type Start = {kinds: EventKind[]; since: Instant | null; earlier: {file: string; chains: Chains} | null};

const keyOf = ({text}: MeasurePlan, {event, where}: EventKind) => hash(text, JSON.stringify([event, where]));

/** Returns the pieces that hold all wanted kinds until the end of the window; makes those that are missing. */
export async function measurePieces(
  engine: Engine,
  measure: MeasurePlan,
  making: Making
): Promise<{chains: Chains; numberOf: (link: Link, kind: EventKind) => number}> {
  const {plan, known, count} = making;
  const chains = chainsOf(known.map(linkOf), measure, plan.until);
  const held = heldKinds(measure, making);
  const missing = measure.wanted.filter((kind) => !held.includes(kind));
  count.found += measure.wanted.length - missing.length;
  count.made += missing.length;
  for (const start of await startsOf(engine, {...measure, wanted: missing}, {...making, chains})) {
    const made = await make(engine, measure, {...making, start});
    for (const kind of start.kinds)
      chains.set(kind, [...(start.since && !start.earlier ? chains.get(kind)! : []), ...made]);
    if (start.since) making.told.since = start.since;
  }
  return {chains, numberOf: (link, kind) => numberIn(link, measure, kind)!};
}

/** Returns those of the wanted kinds that are there until the end of the window. */
export function heldKinds(measure: MeasurePlan, {known, plan}: Pick<Making, "known" | "plan">): EventKind[] {
  const chains = chainsOf(known.map(linkOf), measure, plan.until);
  const isWhole = (chain: Link[]) => chain.length > 0 && chain.at(-1)!.until === plan.until;
  return measure.wanted.filter((kind) => isWhole(chains.get(kind)!));
}

const linkOf = ({file, kinds, columns, extremes, since, until}: Piece): Link => ({
  kinds,
  columns,
  extremes,
  since,
  until,
  relation: parquet(file)
});

const numberIn = ({kinds}: Link, measure: MeasurePlan, kind: EventKind) =>
  kinds.find(({key}) => key === keyOf(measure, kind))?.number;

function isIn(link: Link, measure: MeasurePlan, kind: EventKind): boolean {
  const {columns, extremes = []} = kind;
  const hasExtreme = ({agg, column}: Extreme) =>
    link.extremes.some((each) => each.agg === agg && each.column === column);
  const hasAll = columns.every((name) => link.columns.includes(name)) && extremes.every(hasExtreme);
  return hasAll && numberIn(link, measure, kind) !== undefined;
}

// Of each kind what follows without a gap from the beginning, and does not go beyond the end that is wanted.
function chainsOf(links: Link[], measure: MeasurePlan, until: Instant | null): Chains {
  return new Map(
    measure.wanted.map((kind) => {
      const held = links.filter((link) => isIn(link, measure, kind));
      const chain: Link[] = [];
      for (let at: Instant | null = null; ; at = chain.at(-1)!.until) {
        const next = held
          .filter((link) => link.since === at && isWithin(link.until, until))
          .toSorted((a, b) => (a.until ?? "~").localeCompare(b.until ?? "~"))
          .at(-1);
        if (next) chain.push(next);
        if (!next || next.until === until) return [kind, chain];
      }
    })
  );
}

const isWithin = (end: Instant | null, until: Instant | null) =>
  end === until || (end !== null && (until === null || end < until));

type Found = Making & {chains: Chains};

async function startsOf(engine: Engine, measure: MeasurePlan, making: Found): Promise<Start[]> {
  const {plan, chains} = making;
  const starts = new Map<string, Start>();
  const earlier = measure.wanted.length ? await earlierChains(engine, measure, making) : null;
  for (const kind of measure.wanted) {
    const own = plan.kinds.isExtended ? (chains.get(kind)!.at(-1)?.until ?? null) : null;
    const theirs = own ? null : (earlier?.chains.get(kind)?.at(-1)?.until ?? null);
    const key = `${own} ${theirs}`;
    const start = starts.get(key) ?? {kinds: [], since: own ?? theirs, earlier: theirs ? earlier : null};
    starts.set(key, {...start, kinds: [...start.kinds, kind]});
  }
  return [...starts.values()];
}

// What an earlier population holds may be used as far as it was counted in the same events.
async function earlierChains(engine: Engine, measure: MeasurePlan, {plan, population, days, told}: Making) {
  if (!population.earlier || !plan.kinds.isExtended) return null;
  const earlier = await populationIn(engine, population.earlier, plan);
  if (!earlier) return null;
  const pieces = await contentsOf(engine.duckdb, population.earlier, earlier.numbering);
  const whole = chainsOf(pieces.map(linkOf), measure, plan.until);
  const isClosed = ({until}: Link) => until !== null && (!plan.until || until <= plan.until);
  const closed = new Map([...whole].map(([kind, chain]) => [kind, chain.filter(isClosed)]));
  if (earlier.source === population.source) return {file: earlier.file, chains: closed};
  const [was, is] = [pieces.filter((piece) => piece.days), await days()];
  const last = was.toSorted((a, b) => a.until!.localeCompare(b.until!)).at(-1);
  if (!last || !is) {
    told.whole = {everything: "the data has changed, and nobody looked which days of it"};
    return null;
  }
  const changed = firstChange(last.days!, is, last.until!);
  if (changed) {
    told.whole = {everything: `events of ${changed} have changed`};
    return null;
  }
  const isSeen = ({until}: Link) => until !== null && until <= last.until!;
  return {
    file: earlier.file,
    chains: new Map([...closed].map(([kind, chain]) => [kind, chain.filter(isSeen)]))
  };
}

// The day that is not over yet is a piece of its own: the next calculation makes it again, and nothing before it.
async function make(engine: Engine, measure: MeasurePlan, making: Making & {start: Start}): Promise<Link[]> {
  const {plan, start, folder, number} = making;
  await number();
  const days = await making.days();
  const last = days?.at(-1);
  const closed = last && plan.kinds.isExtended ? startOf(last.day) : null;
  const isBefore =
    closed !== null && (start.earlier ? start.since! <= closed : !start.since || start.since < closed);
  const isSplit = isBefore && closed !== plan.until;
  const ends = isSplit ? [closed, plan.until] : [plan.until];
  const links: Link[] = [];
  let since = start.since;
  for (const until of ends) {
    const isFirst = until === ends[0];
    const carried = isFirst ? start.earlier : null;
    const columns = columnsOf(start.kinds);
    const sql = carried
      ? await carriedSql(engine, measure, {...making, carried, until})
      : await measure.sql(start.kinds, {since, until});
    const contents: Contents = {
      numbering: making.population.numbering,
      kinds: start.kinds.map((kind, i) => ({key: keyOf(measure, kind), number: i})),
      columns,
      extremes: extremesOf(start.kinds),
      formulas: [],
      since: carried ? null : since,
      until,
      days: until !== null && until === closed ? days!.filter(({day}) => startOf(day) < until) : null
    };
    const name = hash(sql, JSON.stringify(contents));
    const table = `made_${name}`;
    const {file, hit} = await cached(folder, `${measure.byDay ? "days" : "kinds"}-${name}`, async (aside) => {
      await engine.duckdb.run(`create or replace temp table ${table} as ${sql}`, engine.options);
      await engine.duckdb.writeParquet(`select * from ${table}`, aside, {
        ...engine.options,
        compression: "lz4_raw",
        contents: JSON.stringify(contents)
      });
    });
    links.push({...contents, relation: hit ? parquet(file) : table});
    since = until;
  }
  return links;
}

type Carrying = Making & {start: Start; carried: NonNullable<Start["earlier"]>; until: Instant | null};

// Units that did not change keep what they have and get what is new; those that are new, or changed, are measured whole.
async function carriedSql(
  {duckdb, options}: Engine,
  measure: MeasurePlan,
  {plan, start: {kinds, since}, carried, until}: Carrying
): Promise<string> {
  await duckdb.run(
    `create or replace temp table unchanged_units as ${unchangedSince(carried.file)}`,
    options
  );
  await duckdb.run(
    `create or replace temp view population as
     select * from counted_units where uid not in (select uid from unchanged_units)`
  );
  await duckdb.run(
    `create or replace temp table changed_rows as ${await measure.sql(kinds, {since: null, until: since})}`,
    options
  );
  await duckdb.run("create or replace temp view population as select * from counted_units");
  await duckdb.run(
    `create or replace temp table new_rows as ${await measure.sql(kinds, {since, until})}`,
    options
  );
  const shape = {kinds, hasTwins: plan.hasTwins, byDay: measure.byDay};
  const numberOf = (link: Link, kind: EventKind) => numberIn(link, measure, kind)!;
  const known = addedSql(renumbered({chains: carried.chains, numberOf}, shape), shape);
  const kept = `(select known.* replace (unchanged_units.variant_number as variant_number)
    from ${known} as known join unchanged_units on unchanged_units.uid = known.uid)`;
  return `select * from ${addedSql([[`(select * from ${kept} union all by name select * from changed_rows)`, "new_rows"]], shape)}`;
}
