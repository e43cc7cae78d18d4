// The exposed units of an observation, each with a number. A population that follows an earlier one of the same
// observation numbers its units as that one did, so that what was measured on them can be used again.

import {readdir} from "node:fs/promises";
import {join} from "node:path";
import {countUnits, refuseRepeated, shapeOf, type UnitCounts, type UnitShape} from "../aggregate.js";
import type {KindRows} from "../aggregate/kind-rows.js";
import {cached} from "../cache.js";
import {cacheEntries, touchEntry} from "../cache-report.js";
import type {PiecePlan} from "../pieces.js";
import type {RunOptions} from "../warehouse/connector.js";
import {literal, type DuckDB} from "../warehouse/duckdb.js";
import {saidBy} from "./contents.js";
import {hash, parquet, type Count, type Engine} from "./engine.js";

/** What the file of a population says of itself. */
type Contents = {
  /** The data it was found in, as a hash. */
  source: string;
  /** The folder of the population it follows. */
  earlier: string | null;
  /** What tells one numbering of the units from another; a population of before that was kept has none. */
  numbering?: string;
  units: number;
  variants: KindRows["variants"];
  counts: UnitCounts;
};

export type Population = Contents & {file: string};

type Asked = {folder: string; plan: PiecePlan; source: string; count: Count};

const fileOf = ({lineage}: PiecePlan) => `population-${lineage}`;

/** Returns the population of a plan, found or made, which is then the view `exposed_units`. */
export async function openPopulation(engine: Engine, asked: Asked): Promise<Population> {
  const {duckdb} = engine;
  let made: Contents | null = null;
  const {file, hit} = await cached(asked.folder, fileOf(asked.plan), async (aside) => {
    made = await make(engine, asked, aside);
  });
  asked.count[hit ? "found" : "made"]++;
  await touchEntry(asked.folder);
  await duckdb.run("drop view if exists population");
  await duckdb.run("drop table if exists counted_units");
  await duckdb.run(
    `create or replace temp view exposed_units as select * from ${hit ? parquet(file) : "made_units"}`
  );
  // Another process may have made the same meanwhile, with other numbers: those of one's own hold.
  const said = made ?? (await saidBy<Contents>(duckdb, [file]))[0].said;
  return {...(said as Contents), file};
}

async function make(engine: Engine, {folder, plan, source}: Asked, aside: string): Promise<Contents> {
  const {duckdb, options, allow} = engine;
  await allow?.();
  const earlier = await earlierOf(engine, folder, plan);
  await duckdb.run(
    `create or replace temp table made_units as ${numbered(plan.population, earlier?.file ?? null)}`,
    options
  );
  await requireUnique(duckdb, options);
  const contents = {...(await summary(duckdb)), source: hash(source), earlier: earlier?.folder ?? null};
  await duckdb.writeParquet("select * from made_units", aside, {
    ...options,
    compression: "lz4_raw",
    contents: JSON.stringify(contents)
  });
  return contents;
}

// The latest population that differs at most in the ends of its windows, or in the data.
async function earlierOf({duckdb, cache}: Engine, own: string, plan: PiecePlan) {
  const entries = await cacheEntries(cache);
  for (const {path, kind} of entries.toReversed()) {
    if (kind !== "population" || path === own) continue;
    const name = `${fileOf(plan)}.parquet`;
    if (!(await readdir(path).catch((): string[] => [])).includes(name)) continue;
    const file = join(path, name);
    const typeOf = async (relation: string) =>
      (await duckdb.columns(`select unit_id from ${relation}`)).map(({type}) => type).join();
    if ((await typeOf(parquet(file))) === (await typeOf(`(\n${plan.population}\n)`)))
      return {folder: path, file};
  }
  return null;
}

function numbered(sql: string, earlier: string | null): string {
  const units = `(\n${sql}\n) as units`;
  if (!earlier) return `select (row_number() over () - 1)::integer as uid, units.* from ${units}`;
  const known = parquet(earlier);
  return `with found as (
      select units.*, known.uid from ${units} left join ${known} as known on known.unit_id = units.unit_id)
    select uid, found.* exclude (uid) from found where uid is not null
    union all
    select ((select coalesce(max(uid), -1) from ${known}) + row_number() over ())::integer, found.* exclude (uid)
    from found where uid is null`;
}

async function requireUnique(duckdb: DuckDB, options: RunOptions) {
  const counts = "select count(*), count(unit_id), count(distinct unit_id) from made_units";
  const [[rows, named, different]] = (await duckdb.cells(counts, options)).map((row) => row.map(Number));
  if (rows === named && named === different) return;
  const [{repeated}] = await duckdb.rows(
    "select count(*) as repeated from (select unit_id from made_units where unit_id is not null group by 1 having count(*) > 1)"
  );
  refuseRepeated({nameless: rows - named, repeated: Number(repeated)});
}

async function summary(
  duckdb: DuckDB
): Promise<Pick<Contents, "numbering" | "units" | "variants" | "counts">> {
  const columns = await duckdb.columns("select * exclude (uid) from made_units");
  const shape = shapeOf(columns, "unit_id") as UnitShape;
  const counts = await countUnits(duckdb, "made_units", {shape, columns, metrics: []});
  const [{units, numbering}] = await duckdb.rows(
    "select count(*) as units, bit_xor(hash(concat(uid, ' ', unit_id)))::varchar as numbering from made_units"
  );
  const totals = new Map<string, number>();
  for (const row of counts.exposures) totals.set(row.variant, (totals.get(row.variant) ?? 0) + row.units);
  const variants = [...totals].map(([name, n]) => ({name, units: n}));
  return {
    numbering: String(numbering),
    units: Number(units),
    variants: variants.sort((a, b) => (a.name < b.name ? -1 : 1)),
    counts
  };
}

/** Makes the view `population`, by which events are measured: only what is still to be measured needs it. */
export async function numberPopulation({duckdb, options, allow}: Engine, {variants}: Population) {
  await allow?.();
  const names = variants.map(({name}) => literal(name));
  await duckdb.run(
    `create temp table if not exists counted_units as select uid, unit_id, exposed_at,
       (list_position([${names.join(", ")}]::varchar[], cast(group_name as varchar)) - 1)::utinyint as variant_number
     from exposed_units where group_name is not null and not crossover`,
    options
  );
  await duckdb.run("create or replace temp view population as select * from counted_units");
}

/** Returns the SQL of the counted units that counted in an earlier population too, exposed at the same time. */
export const unchangedSince = (earlier: string) =>
  `select counted_units.* from counted_units join ${parquet(earlier)} as earlier
     on earlier.uid = counted_units.uid and earlier.unit_id = counted_units.unit_id
     and earlier.exposed_at = counted_units.exposed_at
   where earlier.group_name is not null and not earlier.crossover`;

/** Returns the population of another plan's folder, as one of the same observation, and whether its data are the same. */
export async function populationIn(
  {duckdb}: Engine,
  folder: string,
  plan: PiecePlan
): Promise<Population | null> {
  const name = `${fileOf(plan)}.parquet`;
  if (!(await readdir(folder).catch((): string[] => [])).includes(name)) return null;
  const file = join(folder, name);
  await touchEntry(folder);
  const [{said}] = await saidBy<Contents>(duckdb, [file]);
  return {...said, file};
}
