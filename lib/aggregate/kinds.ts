// Moments of declared metrics from one row per unit and kind of event: units without such a row are zeros, and are
// added as a block (Chan, Golub and LeVeque 1979), so that cost grows with what happened and not with the metrics.

import type {Dominance, Metric, UserAggregation} from "../types.js";
import {identifier, type DuckDB, type Row} from "../warehouse/duckdb.js";
import {nothing, wholeOf, type Block, type Joint, type Whole} from "./blocks.js";
import type {KindRows} from "./kind-rows.js";
import {smallestDominance, type VariantMoments} from "./moments.js";
import {emptyRecord} from "../stats/own.js";

export type KindsAggregated = {
  moments: VariantMoments[];
  refused: Record<string, string>;
  caps: Record<string, number>;
  dominance: Record<string, Dominance>;
};

/** Returns a relation with one row a unit that has any, and a column for each declared aggregation. */
export function columnsOfKinds(
  rows: KindRows,
  aggregations: UserAggregation[]
): {relation: string; columns: string[]} {
  const values = aggregations.map((aggregation) => {
    const {kind, now} = partOf(aggregation, rows, null);
    return `max(case when kind = ${kind} then ${now} end) as ${identifier(aggregation.alias)}`;
  });
  return {
    relation: `(select uid, ${values.join(", ")} from ${rows.relation} group by uid)`,
    columns: aggregations.map(({alias}) => alias)
  };
}

/** Returns the moments of declared metrics in every variant, with covariates where the rows have them; caps are those of all rows unless they are given. */
export async function aggregateKinds(
  duckdb: DuckDB,
  rows: KindRows,
  metrics: Metric[],
  known?: Caps
): Promise<KindsAggregated> {
  const caps = known ?? (await capsOf(duckdb, rows, metrics));
  const parts = metrics.map((metric) => partsOf(metric, rows, caps.get(metric.alias) ?? null));
  const singles = await singlesOf(duckdb, rows, parts.flat());
  const pairs = await pairsOf(duckdb, rows, parts);
  const found: KindsAggregated = {
    moments: [],
    refused: emptyRecord(),
    caps: emptyRecord(),
    dominance: emptyRecord()
  };
  for (const [i, metric] of metrics.entries()) {
    const own = parts[i].map((part) => rows.variants.map((_, v) => singles.get(part.key)?.get(v) ?? nothing));
    const refusal = refusalOf(metric, own.flat(), caps.get(metric.alias)?.now ?? null);
    if (refusal) {
      found.refused[metric.alias] = refusal;
      continue;
    }
    const cap = caps.get(metric.alias);
    if (cap) found.caps[metric.alias] = cap.now;
    const moments = rows.variants.map(({units}, v) =>
      wholeOf(
        units,
        own.map((each) => each[v]),
        {joint: pairs.get(pairKey(parts[i]))?.get(v) ?? null, hasTwins: rows.hasTwins}
      )
    );
    for (const [v, {name, units}] of rows.variants.entries())
      if (units) found.moments.push({variant: name, metric, ...moments[v]});
    const dominance = dominanceOf(metric, {variants: rows.variants, singles: own[0], moments});
    if (dominance) found.dominance[metric.alias] = dominance;
  }
  return found;
}

/** One aggregation of one metric: of which kind, and the SQL of its value now and before. */
type Part = {
  key: string;
  kind: number;
  now: string;
  before: string | null;
  isCapped: boolean;
  /** A sum may be infinite or not a number; a count may not. */
  isSum: boolean;
};

function partsOf({numerator, denominator}: Metric, rows: KindRows, cap: Cap | null): Part[] {
  return [numerator, ...(denominator ? [denominator] : [])].map((aggregation, i) =>
    partOf(aggregation, rows, i === 0 ? cap : null)
  );
}

function partOf({declared}: UserAggregation, {kinds, columns, hasTwins}: KindRows, cap: Cap | null): Part {
  const {event, where, agg, value} = declared!;
  const kind = kinds.findIndex((each) => each.event === event && each.where === where);
  const of = (period: string, limit: number | null | undefined) => {
    if (agg === "flag") return `(n_${period} > 0)::integer`;
    const sql = agg === "count" ? `n_${period}` : `sum_${columns.indexOf(value!)}_${period}`;
    return typeof limit === "number" ? `least(${sql}, ${limit})` : sql;
  };
  const [now, before] = [of("now", cap?.now), hasTwins ? of("before", cap?.before) : null];
  return {key: `${kind} ${now} ${before}`, kind, now, before, isCapped: cap !== null, isSum: agg === "sum"};
}

type Cap = {now: number; before: number | null};
/** What metrics are limited to, by alias. */
export type Caps = Map<string, Cap>;

/** Returns what capped metrics are limited to, their percentiles taken over all units of the rows. */
export async function capsOf(duckdb: DuckDB, rows: KindRows, metrics: Metric[]): Promise<Caps> {
  const caps = new Map<string, Cap>();
  for (const {alias, numerator, cap} of metrics) {
    if (!cap) continue;
    if ("at" in cap) {
      caps.set(alias, {now: cap.at, before: cap.at});
      continue;
    }
    const part = partOf(numerator, rows, null);
    const units = rows.variants.reduce((sum, each) => sum + each.units, 0);
    const percentile = async (sql: string) => {
      const values = `select ${sql} as value from ${rows.relation} where kind = ${part.kind}`;
      const zeros = `select 0 from range(greatest(0, ${units} - (select count(*) from (${values}))))`;
      const [row] = await duckdb.rows(
        `select quantile_cont(case when isfinite(value) then value end, ${cap.share}) as cap from (${values} union all ${zeros})`
      );
      return Number(row.cap ?? 0);
    };
    caps.set(alias, {
      now: await percentile(part.now),
      before: part.before && (await percentile(part.before))
    } as Cap);
  }
  return caps;
}

// All values of all kinds in one pass; a capped one is a pass over its own kind.
async function singlesOf(
  duckdb: DuckDB,
  {relation}: KindRows,
  parts: Part[]
): Promise<Map<string, Map<number, Block>>> {
  const found = new Map<string, Map<number, Block>>();
  const plain = parts.filter(({isCapped}) => !isCapped);
  const kinds = [...new Set(plain.map(({kind}) => kind))];
  const passes = [
    ...(kinds.length ? [{parts: plain, kinds}] : []),
    ...parts.filter(({isCapped}) => isCapped).map((part) => ({parts: [part], kinds: [part.kind]}))
  ];
  for (const pass of passes) {
    const values = [...new Map(pass.parts.map((part) => [part.now, part])).values()];
    const rows = await duckdb.rows(
      `select variant_number, kind, count(*) as n, ${values.map(statistics).join(", ")}
       from ${relation} where kind in (${pass.kinds.join(", ")}) group by variant_number, kind`
    );
    const byKind = grouped(rows, (row) => Number(row.kind));
    for (const part of pass.parts) {
      const index = values.findIndex(({now}) => now === part.now);
      const blocks = (byKind.get(part.kind) ?? []).map(
        (row) => [Number(row.variant_number), blockOf(row, index, part.before !== null)] as const
      );
      found.set(part.key, new Map(blocks));
    }
  }
  return found;
}

function statistics({now, before, isSum}: Part, i: number): string {
  const finite = (sql: string) => (isSum ? `case when isfinite(${sql}) then ${sql} end` : sql);
  const [x, y] = [finite(now), before && finite(before)];
  return [
    `avg(${x}) as x${i}, var_samp(${x}) as xx${i}, min(${x}) as low${i}, max(${x}) as high${i}`,
    ...(isSum ? [`count(case when not isfinite(${now}) then 1 end) as infinite${i}`] : []),
    ...(y ? [`avg(${y}) as y${i}, var_samp(${y}) as yy${i}, covar_samp(${x}, ${y}) as xy${i}`] : [])
  ].join(", ");
}

function blockOf(row: Row, i: number, hasTwins: boolean): Block {
  const number = (name: string) => Number(row[`${name}${i}`] ?? 0);
  return {
    n: Number(row.n),
    means: [number("x"), hasTwins ? number("y") : 0],
    covariance: [
      [number("xx"), number("xy")],
      [number("xy"), number("yy")]
    ],
    low: number("low"),
    high: number("high"),
    infinite: number("infinite")
  };
}

const pairKey = (parts: Part[]) => parts.map(({key}) => key).join(" / ");

async function pairsOf(
  duckdb: DuckDB,
  {relation}: KindRows,
  parts: Part[][]
): Promise<Map<string, Map<number, Joint>>> {
  const pairs = [
    ...new Map(parts.filter(({length}) => length === 2).map((each) => [pairKey(each), each])).values()
  ];
  const shapes = grouped(pairs, ([a, b]) => `${a.now} ${a.before} ${b.now} ${b.before}`);
  const found = new Map<string, Map<number, Joint>>();
  for (const group of shapes.values()) {
    const [[a, b]] = group;
    const values = group.map(([x, y], i) => `(${i}, ${x.kind}, ${y.kind})`).join(", ");
    const columns = (part: Part, name: string) =>
      [`${part.now} as ${name}0`, ...(part.before ? [`${part.before} as ${name}1`] : [])].join(", ");
    const indices = a.before ? [0, 1] : [0];
    const covariances = indices.flatMap((k) => indices.map((l) => `covar_samp(a${k}, b${l}) as c${k}${l}`));
    const means = indices.flatMap((k) => [`avg(a${k}) as a${k}`, `avg(b${k}) as b${k}`]);
    const rows = await duckdb.rows(
      `with pairs(pair, num, den) as (values ${values}),
       a as (select uid, variant_number, kind, ${columns(a, "a")} from ${relation} where kind in (select num from pairs)),
       b as (select uid, kind, ${columns(b, "b")} from ${relation} where kind in (select den from pairs))
       select pair, variant_number, count(*) as n, ${[...means, ...covariances].join(", ")}
       from a join pairs on a.kind = pairs.num join b on b.uid = a.uid and b.kind = pairs.den
       group by pair, variant_number`
    );
    for (const [i, pair] of group.entries()) {
      const own = rows.filter((row) => Number(row.pair) === i);
      found.set(pairKey(pair), new Map(own.map((row) => [Number(row.variant_number), jointOf(row)])));
    }
  }
  return found;
}

function jointOf(row: Row): Joint {
  const number = (name: string) => Number(row[name] ?? 0);
  const at = [0, 1];
  return {
    n: Number(row.n),
    numerator: at.map((k) => number(`a${k}`)),
    denominator: at.map((k) => number(`b${k}`)),
    covariance: at.map((k) => at.map((l) => number(`c${k}${l}`)))
  };
}

/** Returns items by what they have in common, each group in their order. */
export function grouped<T, K>(items: T[], key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

function refusalOf(metric: Metric, blocks: Block[], cap: number | null): string | null {
  const units = (n: number) => `${n} ${n === 1 ? "unit has" : "units have"}`;
  const infinite = blocks.reduce((sum, block) => sum + block.infinite, 0);
  if (infinite) return `${units(infinite)} a value that is infinite or not a number`;
  if (cap === 0 && metric.cap && "share" in metric.cap)
    return `its cap, the ${metric.cap.share * 100}% percentile of all units, is 0: cap it at a number`;
  return null;
}

type Dominated = {variants: KindRows["variants"]; singles: Block[]; moments: Whole[]};

function dominanceOf(metric: Metric, {variants, singles, moments}: Dominated): Dominance | null {
  if (metric.type !== "mean") return null;
  const shares = variants.map(({name, units}, v) => {
    const [mean, variance] = [moments[v].means[0], moments[v].covariance[0][0] ?? 0];
    const [low, high] =
      singles[v].n < units
        ? [Math.min(0, singles[v].low), Math.max(0, singles[v].high)]
        : [singles[v].low, singles[v].high];
    const share = Math.max(high - mean, mean - low) ** 2 / ((units - 1) * variance);
    return {variant: name, share: units >= 30 && Number.isFinite(share) ? share : 0};
  });
  const largest = shares.reduce((a, b) => (b.share > a.share ? b : a), {variant: "", share: 0});
  return largest.share >= smallestDominance ? largest : null;
}
