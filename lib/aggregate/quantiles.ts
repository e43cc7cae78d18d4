// Quantiles over unit rows: the few values that tell them, variant by variant.

import {quantileMoments, quantileRanks} from "../stats/quantile.js";
import type {Metric} from "../types.js";
import {literal, type DuckDB} from "../warehouse/duckdb.js";
import {measured, type VariantMoments} from "./moments.js";
import {emptyRecord} from "../stats/own.js";

export const isQuantile = ({type}: Metric): boolean => type === "quantile";

/** Returns whether a metric is told by moments that add up over units. */
export const hasMoments = (metric: Metric): boolean => !isQuantile(metric);

type Question = {
  /** SQL of the variant, as text; NULL is not counted. */
  variant: string;
  metrics: Metric[];
};

/** Returns the quantiles of a relation with one row a unit, in every variant with a value, and why some are refused. */
export async function quantilesOf(
  duckdb: DuckDB,
  from: string,
  {variant, metrics}: Question
): Promise<{found: VariantMoments[]; refused: Record<string, string>}> {
  const found: VariantMoments[] = [];
  const refused = emptyRecord<string>();
  for (const metric of metrics) {
    const values = `(select ${variant} as variant, ${measured(metric.numerator)} as x from ${from})`;
    const counts = await duckdb.rows(
      `select variant, count(x) as n, count(case when not isfinite(x) then 1 end) as infinite
       from ${values} where variant is not null group by variant having count(x) > 0 order by variant`
    );
    const infinite = counts.reduce((sum, row) => sum + Number(row.infinite), 0);
    const sizes = counts.map((row) => ({variant: String(row.variant), n: Number(row.n)}));
    if (infinite) refused[metric.alias] = `${infinite} units have a value that is infinite or not a number`;
    else found.push(...(await told(duckdb, values, metric, sizes)));
  }
  return {found, refused};
}

type Size = {variant: string; n: number};

async function told(
  duckdb: DuckDB,
  values: string,
  metric: Metric,
  sizes: Size[]
): Promise<VariantMoments[]> {
  if (!sizes.length) return [];
  const q = metric.quantile!;
  const wanted = sizes.flatMap(({variant, n}) =>
    quantileRanks(n, q).map((rank) => `(${literal(variant)}, ${rank})`)
  );
  const rows = await duckdb.rows(
    `select ranked.variant, ranked.rank, ranked.x
     from (select variant, x, row_number() over (partition by variant order by x) as rank
       from ${values} where variant is not null and x is not null) as ranked
     join (values ${wanted.join(", ")}) as wanted(variant, rank)
       on wanted.variant = ranked.variant and wanted.rank = ranked.rank`
  );
  const at = new Map(rows.map((row) => [`${row.rank} ${row.variant}`, Number(row.x)]));
  return sizes.map(({variant, n}) => ({
    metric,
    variant,
    ...quantileMoments(n, q, (rank) => at.get(`${rank} ${variant}`)!)
  }));
}
