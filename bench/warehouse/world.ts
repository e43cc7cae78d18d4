// A seeded world of events for the warehouse's benchmark: 120 kinds of events by Zipf's law, units by a power law
// (the busiest hundredth has a fifth of the events), a quarter of the units outside of the experiment, repeated
// assignments, seven days before it and three weeks of it.

import {existsSync, mkdirSync, renameSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {DuckDBInstance} from "@duckdb/node-api";
import type {Metric, Observation, UserAggregation} from "../../lib/types.js";

export const kinds = 120;
const stems = ["page_view", "add_to_cart", "purchase", "session_start", "search", "renewal"];
export const eventName = (k: number) => `${stems[k % stems.length]}_${String(k).padStart(3, "0")}`;

/** Returns the file of a DuckDB database with so many units and events; it is made once and kept. */
export async function worldFile(units: number, events: number): Promise<string> {
  const folder = join(tmpdir(), "expanto-bench");
  const file = join(folder, `world-${units}-${events}.duckdb`);
  if (existsSync(file)) return file;
  mkdirSync(folder, {recursive: true});
  const aside = `${file}.${process.pid}`;
  const instance = await DuckDBInstance.create(aside, {memory_limit: "8GB"});
  const connection = await instance.connect();
  const share = (x: string, salt: number) => `(hash(${x}, ${salt}) % 1000003 / 1000003.0)`;
  await connection.run(`create table assignments as
    select (i * 2654435761) & ((1::bigint << 40) - 1) as user_id, 'checkout' as experiment_name,
      case when ${share("i", 1)} < 0.34 then 'control' when ${share("i", 1)} < 0.67 then 'blue' else 'green' end as group_name,
      'C' || floor(20 * pow(${share("i", 2)}, 2.2))::int as country,
      case when ${share("i", 3)} < 0.55 then 'android' when ${share("i", 3)} < 0.9 then 'ios' else 'web' end as os,
      timestamp '2025-01-08' + to_microseconds((pow(${share("i", 4)}, 1.7) * 14 * 86400e6)::bigint) + to_hours(j) as assigned_at
    from range(${units}) t(i), range(2) s(j) where j = 0 or hash(i, 5) % 50 = 0`);
  const names = Array.from({length: kinds}, (_, k) => `'${eventName(k)}'`).join(", ");
  await connection.run(`create table events as
    select (floor(${units * 1.25} * pow(${share("e", 6)}, 3))::bigint * 2654435761) & ((1::bigint << 40) - 1) as user_id,
      ([${names}])[least(${kinds}, floor(exp(${share("e", 7)} * ln(${kinds + 1})))::int)] as event_name,
      case when ${share("e", 8)} < 0.5 then null else round(exp(3 * ${share("e", 9)} - 1), 2) end as event_value,
      timestamp '2025-01-01' + to_microseconds((e * ${(28 * 86400e6) / events} + ${share("e", 10)} * 6 * 3600e6)::bigint) as event_timestamp
    from range(${events}) r(e)`);
  await connection.run("checkpoint");
  connection.closeSync();
  instance.closeSync();
  renameSync(aside, file);
  return file;
}

const declared = (agg: "count" | "sum" | "flag", k: number): UserAggregation => {
  const event = eventName(k);
  const when = `event_name = '${event}'`;
  const sql = {
    count: `COUNT(CASE WHEN ${when} THEN 1 END)`,
    sum: `SUM(CASE WHEN ${when} THEN event_value ELSE 0 END)`,
    flag: `MAX(CASE WHEN ${when} THEN 1 ELSE 0 END)`
  }[agg];
  const value = agg === "sum" ? "event_value" : null;
  return {alias: `${agg}_${k}`, sql, missing: "zero", declared: {agg, event, value, where: null}};
};

/** Returns so many metrics: half of them means, a quarter ratios, a quarter proportions, over so many kinds. */
export function metricSet(count: number, over = kinds): Metric[] {
  return Array.from({length: count}, (_, i) => {
    const k = (i * 7) % over;
    const lap = Math.floor(i / over);
    const shapes = [
      {type: "mean", numerator: declared(lap % 2 ? "sum" : "count", k), denominator: null},
      {type: "mean", numerator: declared(lap % 2 ? "count" : "sum", k), denominator: null},
      {type: "ratio", numerator: declared("sum", k), denominator: declared("count", (k + lap + 1) % over)},
      {type: "proportion", numerator: declared("flag", k), denominator: null}
    ] as const;
    return {
      ...shapes[i % 4],
      alias: `metric_${i}`,
      title: `Metric ${i}`,
      group: "bench",
      description: null,
      owner: null,
      tags: [],
      goal: null,
      format: {},
      source: {file: "", line: 1, column: 1}
    };
  });
}

/** Returns the same metrics by their SQL alone. */
export const asFormulas = (metrics: Metric[]): Metric[] => {
  const plain = ({alias, sql, missing}: UserAggregation) => ({alias, sql, missing});
  return metrics.map((metric) => ({
    ...metric,
    numerator: plain(metric.numerator),
    denominator: metric.denominator && plain(metric.denominator)
  }));
};

export const observation: Observation = {
  id: 1,
  experimentId: 1,
  name: "bench",
  dbExperimentName: "checkout",
  splitId: "user_id",
  scenario: "duckdb",
  exposureStart: "2025-01-08T00:00:00Z",
  exposureEnd: "2025-01-22T00:00:00Z",
  calcStart: "2025-01-08T00:00:00Z",
  calcEnd: "2025-01-29T00:00:00Z",
  exposureEvent: null,
  audienceTables: [],
  filters: [],
  eventFilters: [],
  customTestIdsQuery: null,
  metricTags: [],
  metricGroups: [],
  dimensions: [],
  preDays: 0,
  horizonDays: 0,
  createdAt: "2025-01-01T00:00:00Z",
  updatedAt: "2025-01-01T00:00:00Z"
};
