// Analyses every daily series of the ASOS Digital Experiments Dataset (Liu et al. 2021) in one run, fixed and
// sequential: `npx tsx bench/asos.ts FILE.parquet`. The file is not part of the project.
import {compare} from "../lib/stats/compare.js";
import type {Effect, Moments} from "../lib/stats/types.js";
import {literal, openDuckDB, type Row} from "../lib/warehouse/duckdb.js";

const [file] = process.argv.slice(2);
if (!file) throw new Error("name the dataset: npx tsx bench/asos.ts FILE.parquet");

const duckdb = await openDuckDB();
const rows = await duckdb.rows(
  `select experiment_id, count_c, count_t, mean_c, mean_t, variance_c, variance_t from read_parquet(${literal(file)})
   order by experiment_id, variant_id, metric_id, time_since_start`
);
duckdb.close();

const pairs = rows.map((row) => [momentsOf(row, "c"), momentsOf(row, "t")] as const);
const fixed = timed("fixed horizon", () =>
  pairs.map(([control, treatment]) => compare("mean", control, treatment))
);
timed("always valid, n* = 5,000", () =>
  pairs.map(([control, treatment]) => compare("mean", control, treatment, {nStar: 5000}))
);
explain(fixed);

function momentsOf(row: Row, arm: "c" | "t"): Moments {
  const number = (name: string) => (row[`${name}_${arm}`] === null ? NaN : Number(row[`${name}_${arm}`]));
  return {n: number("count"), means: [number("mean")], covariance: [[number("variance")]]};
}

function timed(name: string, work: () => Effect[]): Effect[] {
  work();
  const started = performance.now();
  const effects = work();
  const seconds = (performance.now() - started) / 1000;
  const rate = Math.round(effects.length / seconds).toLocaleString("en-US");
  console.log(`${name}: ${effects.length} rows in ${seconds.toFixed(3)} s, ${rate} rows a second`);
  return effects;
}

function explain(effects: Effect[]) {
  const isMissing = ({difference, lift}: Effect) =>
    [difference, lift].some((d) => d.pvalue === null || d.low === null);
  const missing = effects.filter(isMissing);
  const reasons = new Map<string, number>();
  for (const {reason} of missing) {
    const words = reason ?? "NO REASON";
    reasons.set(words, (reasons.get(words) ?? 0) + 1);
  }
  const experiments = new Set(rows.map((row) => row.experiment_id)).size;
  console.log(`${experiments} experiments; ${missing.length} rows lack a number:`);
  for (const [reason, n] of reasons) console.log(`  ${n}  ${reason}`);
  if (reasons.has("NO REASON")) process.exitCode = 1;
}
