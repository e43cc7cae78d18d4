import {mkdtemp, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {expect, test} from "vitest";
import {kindsOf} from "../../../lib/aggregate/kind-rows.js";
import {aggregationsOf, loadMetrics} from "../../../lib/metrics.js";
import {declaredSql, isAdditive} from "../../../lib/metrics/declared.js";
import type {DeclaredAggregation} from "../../../lib/types.js";

async function load(...numerators: string[]) {
  const folder = await mkdtemp(join(tmpdir(), "expanto-declared-"));
  const metrics = numerators.map(
    (numerator, i) =>
      `  - {alias: m${i}, type: avg, display_name: M, formula: {numerator: {alias: a${i}, ${numerator}}}}\n`
  );
  await writeFile(join(folder, "a.yaml"), `metric_group_name: G\nmetrics:\n${metrics.join("")}`);
  return loadMetrics(folder);
}

const problem = async (numerator: string) => (await load(numerator)).problems.map(({message}) => message);

const quoted = {column: "event_name", literal: (text: string) => `'${text.replaceAll("'", "''")}'`};
const declare = (changes: Partial<DeclaredAggregation>): DeclaredAggregation => ({
  agg: "count",
  event: "bought",
  value: null,
  where: null,
  ...changes
});

test.each([
  [{}, "COUNT(CASE WHEN event_name = 'bought' THEN 1 END)"],
  [{event: null}, "COUNT(*)"],
  [{agg: "flag", event: "it's"}, "MAX(CASE WHEN event_name = 'it''s' THEN 1 ELSE 0 END)"],
  [{agg: "sum", value: "paid", event: null}, "SUM(paid)"],
  [
    {agg: "sum", value: "paid", where: "a = 1 OR b = 2"},
    "SUM(CASE WHEN event_name = 'bought' AND (a = 1 OR b = 2) THEN paid ELSE 0 END)"
  ],
  [{agg: "max", value: "paid"}, "MAX(CASE WHEN event_name = 'bought' THEN paid END)"],
  [
    {agg: "distinct", value: "order_id", event: null, where: "paid > 0"},
    "COUNT(DISTINCT CASE WHEN (paid > 0) THEN order_id END)"
  ]
] as [Partial<DeclaredAggregation>, string][])("%o is %s", (changes, sql) => {
  expect(declaredSql(declare(changes), quoted)).toBe(sql);
});

test("declared aggregations load with the default of what they count, and so do formulas beside them", async () => {
  const {metrics, problems} = await load(
    "agg: count, event: bought",
    "agg: max, event: bought, value: paid",
    "agg: flag, event: bought, missing: exclude",
    "sql: COUNT(*)"
  );
  expect(problems).toEqual([]);
  expect(metrics.map(({numerator}) => [numerator.missing, isAdditive(numerator)])).toEqual([
    ["zero", true],
    ["exclude", false],
    ["exclude", false],
    ["zero", false]
  ]);
});

test.each([
  ["agg: count, sql: COUNT(*)", "an aggregation has both sql and agg"],
  ["event: bought", "agg of an aggregation is missing"],
  ["agg: total, event: bought", "unknown agg: total"],
  ["agg: sum, event: bought", "value of an aggregation is missing"],
  ["agg: count, event: bought, value: paid", "agg: count has no value"],
  ["agg: sum, value: paid * 2", "value must be a column: paid * 2"],
  ["agg: count, event: 3", "event must be text, not a number"],
  ["agg: count, where: a = 1; drop table x", "where is one condition, without comments and semicolons"]
])("%s is refused: %s", async (numerator, message) => {
  expect(await problem(numerator)).toContain(message);
});

test("aggregations of one event and condition are one kind, in an order that their metrics do not change", async () => {
  const {metrics} = await load(
    "agg: sum, event: bought, value: paid",
    "agg: count, event: bought",
    "agg: sum, event: bought, value: cost",
    "agg: count, event: bought, where: paid > 5",
    "agg: distinct, event: bought, value: order_id",
    "agg: count"
  );
  const kinds = [
    {event: "bought", where: "paid > 5", columns: []},
    {event: "bought", where: null, columns: ["cost", "paid"]}
  ];
  expect(kindsOf(aggregationsOf(metrics))).toEqual(kinds);
  expect(kindsOf(aggregationsOf(metrics.toReversed()))).toEqual(kinds);
});
