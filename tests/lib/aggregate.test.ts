import {afterAll, beforeAll, expect, test} from "vitest";
import {aggregateUnits, precomputesOfRows, shapeOf, type Shape} from "../../lib/aggregate.js";
import type {Metric} from "../../lib/types.js";
import {openDuckDB, type DuckDB} from "../../lib/warehouse/duckdb.js";

let duckdb: DuckDB;
beforeAll(async () => {
  duckdb = await openDuckDB();
});
afterAll(() => duckdb.close());

const units: Extract<Shape, {kind: "units"}> = {
  kind: "units",
  variant: "group_name",
  unit: "unit_id",
  crossover: true,
  exposedAt: true
};

test("a result with unit_id and group_name is unit rows, one with metric_name and observation_cnt is moment rows", () => {
  const columns = (...names: string[]) => names.map((name) => ({name, type: "VARCHAR"}));
  expect(shapeOf(columns("unit_id", "group_name", "orders"), "user_id")).toEqual({
    ...units,
    crossover: false,
    exposedAt: false
  });
  expect(shapeOf(columns("USER_ID", "GROUP_NAME", "orders"), "user_id")).toMatchObject({
    unit: "USER_ID",
    variant: "GROUP_NAME"
  });
  expect(shapeOf(columns("group_name", "metric_name", "observation_cnt"), "user_id")).toEqual({
    kind: "moments",
    variant: "group_name"
  });
  expect(() => shapeOf(columns("orders", "group_name"), "user_id")).toThrow("no column unit_id");
  expect(() => shapeOf(columns("unit_id", "orders"), "user_id")).toThrow("no column group_name");
});

test("zero-type aggregations count a unit without a value as zero, the others leave it out with an n of their own", async () => {
  await table("missing", "('a', 'A', false, 4, 4), ('b', 'A', false, null, null), ('c', 'A', false, 2, 2)");
  const {precomputes} = await aggregate("missing", [mean("orders", "zero"), mean("score", "exclude")]);
  expect(precomputes).toEqual([
    moments("orders", {n: 3, value: 2, numeratorMean: 2, numeratorVariance: 4}),
    moments("score", {n: 2, value: 3, numeratorMean: 3, numeratorVariance: 2})
  ]);
});

test("a variant of one unit has no variance, and fails nothing", async () => {
  await table("single", "('a', 'A', false, 4, 4), ('b', 'A', false, 2, 2), ('c', 'B', false, 3, 3)");
  const {precomputes, refused} = await aggregate("single", [mean("orders", "zero")]);
  expect(refused).toEqual({});
  expect(
    precomputes.map(({variant, n, value, numeratorVariance}) => [variant, n, value, numeratorVariance])
  ).toEqual([
    ["A", 2, 3, 2],
    ["B", 1, 3, null]
  ]);
});

test("a ratio leaves a unit without its numerator or its denominator out of both", async () => {
  await table(
    "ratio",
    "('a', 'A', false, 2, 4), ('b', 'A', false, 4, 2), ('c', 'A', false, null, 100), ('d', 'A', false, 100, null)"
  );
  const ratio: Metric = {
    ...mean("orders", "exclude"),
    type: "ratio",
    denominator: {alias: "score", sql: "", missing: "exclude"}
  };
  const {precomputes} = await aggregate("ratio", [ratio]);
  expect(precomputes).toEqual([
    moments("orders", {
      type: "ratio",
      n: 2,
      value: 1,
      numeratorMean: 3,
      denominatorMean: 3,
      numeratorVariance: 2,
      denominatorVariance: 2,
      covariance: -2
    })
  ]);
});

test("a unit seen in two variants is counted and left out of every number", async () => {
  await table("crossed", "('a', 'A', false, 1, 1), ('b', 'B', false, 3, 3), ('x', 'A', true, 900, 900)");
  const {crossovers, exposures, precomputes} = await aggregate("crossed", [mean("orders", "zero")]);
  expect({crossovers, exposures, means: precomputes.map((d) => [d.variant, d.value])}).toEqual({
    crossovers: 1,
    exposures: [
      {variant: "A", day: "2025-10-01", units: 1},
      {variant: "B", day: "2025-10-01", units: 1}
    ],
    means: [
      ["A", 1],
      ["B", 3]
    ]
  });
});

test("without a crossover column, a unit whose rows name two variants is a crossover", async () => {
  await table("uncrossed", "('a', 'A', null, 1, 1), ('x', 'A', null, 5, 5), ('x', 'B', null, 5, 5)");
  const {crossovers, exposures} = await aggregate("uncrossed", [mean("orders", "zero")], {
    ...units,
    crossover: false
  });
  expect({crossovers, units: exposures.map((d) => [d.variant, d.units])}).toEqual({
    crossovers: 1,
    units: [["A", 1]]
  });
});

test("a unit in two rows of one variant is refused: the template forgot to group", async () => {
  await table("repeated", "('a', 'A', false, 1, 1), ('a', 'A', false, 2, 2)");
  await expect(aggregate("repeated", [mean("orders", "zero")])).rejects.toThrow(
    "1 unit occurs in more than one row"
  );
});

test("a metric with an infinite value is refused by name, the others stay", async () => {
  await table("infinite", "('a', 'A', false, cast('inf' as double), 1), ('b', 'A', false, 1, 3)");
  const {precomputes, refused} = await aggregate("infinite", [mean("orders", "zero"), mean("score", "zero")]);
  expect(refused).toEqual({orders: "1 unit has a value that is infinite or not a number"});
  expect(precomputes.map((d) => [d.metric, d.value])).toEqual([["score", 2]]);
});

test("a proportion of anything but flags is refused", async () => {
  await table("counts", "('a', 'A', false, 2, 1), ('b', 'A', false, 0, 0)");
  const {refused} = await aggregate("counts", [{...mean("orders", "zero"), type: "proportion"}]);
  expect(refused).toEqual({orders: "1 unit has a value other than 0 and 1: a proportion needs a flag"});
});

test("a missing column of an aggregation is named", async () => {
  await table("short", "('a', 'A', false, 2, 1)");
  await expect(aggregate("short", [mean("visits", "zero")])).rejects.toThrow(
    "the query's result has no column visits"
  );
});

test("large offsets lose no digits: the variance of a billion plus 0 to 9 is that of 0 to 9", async () => {
  const rows = Array.from({length: 10}, (_, i) => `('u${i}', 'A', false, ${1e9 + i}, ${i})`).join(", ");
  await table("shifted", rows);
  const {precomputes} = await aggregate("shifted", [mean("orders", "zero"), mean("score", "zero")]);
  expect(precomputes[0].numeratorVariance).toBeCloseTo(precomputes[1].numeratorVariance!, 9);
});

test("moment rows of a template that aggregates in the warehouse are read under the names people already use", () => {
  const row = {
    GROUP_NAME: "A",
    METRIC_NAME: "orders",
    METRIC_DISPLAY_NAME: "Orders",
    METRIC_TYPE: "avg",
    OBSERVATION_CNT: 5,
    METRIC_VALUE: 2,
    NUMERATOR_AVG: null,
    DENOMINATOR_AVG: null,
    NUMERATOR_VAR: 1.5,
    DENOMINATOR_VAR: null,
    COVARIANCE: null
  };
  expect(precomputesOfRows([row], {variant: "GROUP_NAME"}, [mean("orders", "zero")])).toEqual({
    precomputes: [
      moments("orders", {title: "Orders", n: 5, value: 2, numeratorMean: 2, numeratorVariance: 1.5})
    ],
    exposures: [{variant: "A", day: "", units: 5}],
    crossovers: 0,
    refused: {},
    caps: {},
    dominance: {},
    splits: []
  });
});

test("twins from before exposure become covariates: nothing before is zero, or the mean of the others", async () => {
  await duckdb.rows(
    `create table twins as select *, false as crossover, timestamp '2025-10-01 08:00:00' as exposed_at from (values ('a', 'A', 4.0, 8.0, 1.0, 5.0), ('b', 'A', 2.0, 6.0, null, null),
     ('c', 'A', 0.0, null, 3.0, 9.0)) t(unit_id, group_name, orders, score, pre__orders, pre__score)`
  );
  const {precomputes} = await aggregate("twins", [mean("orders", "zero"), mean("score", "exclude")]);
  expect(precomputes.map(({n, full}) => [n, full])).toEqual([
    // orders 4, 2, 0 with 1, 0, 3 before: covariance ((2)(−1/3) + 0 + (−2)(5/3)) / 2 = −2.
    [
      3,
      {
        means: [2, close(4 / 3)],
        covariance: [
          [4, close(-2)],
          [close(-2), close(7 / 3)]
        ]
      }
    ],
    // Scores 8 and 6 with 5 and, unknown, the mean of 5 and 9 before.
    [
      2,
      {
        means: [7, 6],
        covariance: [
          [2, -2],
          [-2, 2]
        ]
      }
    ]
  ]);
});

test("a cap limits every unit, by a number or by a percentile of all variants together", async () => {
  const units = Array.from({length: 100}, (_, i) => `('u${i}', '${i % 2 ? "A" : "B"}', ${i + 1})`).join(", ");
  await duckdb.rows(
    `create table capped as select *, false as crossover, timestamp '2025-10-01 08:00:00' as exposed_at from (values ${units}, ('x', 'A', 9000)) t(unit_id, group_name, orders)`
  );
  const orders = mean("orders", "zero");
  const limited = await aggregate("capped", [{...orders, cap: {at: 50}}]);
  expect(limited.caps).toEqual({orders: 50});
  const values = Array.from({length: 50}, (_, i) => Math.min(50, 2 * i + 2)).concat(50);
  expect(limited.precomputes[0].value).toBeCloseTo(values.reduce((a, b) => a + b) / 51, 12);
  // The 101 values in order are 1 to 100 and 9000: the 99th percentile is the hundredth.
  const pooled = await aggregate("capped", [{...orders, cap: {share: 0.99}}]);
  expect(pooled.caps).toEqual({orders: 100});
  const empty = await aggregate("missing", [{...orders, alias: "few", cap: {share: 0.5}}]);
  expect(empty.refused).toEqual({});
});

test("a percentile cap of 0 would make every unit alike, and is refused", async () => {
  await table("rare", "('a', 'A', false, 0, 1), ('b', 'A', false, 0, 1), ('c', 'A', false, 7, 1)");
  const {refused, precomputes} = await aggregate("rare", [{...mean("orders", "zero"), cap: {share: 0.5}}]);
  expect([refused, precomputes]).toEqual([
    {orders: expect.stringContaining("percentile of all units, is 0")},
    []
  ]);
});

test("a unit that carries a tenth of a variant's variance is told, with its share", async () => {
  const units = Array.from({length: 60}, (_, i) => `('u${i}', '${i % 2 ? "A" : "B"}', ${i % 3})`).join(", ");
  await duckdb.rows(
    `create table whale as select *, false as crossover, timestamp '2025-10-01 08:00:00' as exposed_at from (values ${units}, ('x', 'A', 900)) t(unit_id, group_name, orders)`
  );
  const {dominance} = await aggregate("whale", [mean("orders", "zero")]);
  expect(dominance).toEqual({orders: {variant: "A", share: expect.closeTo(30 / 31, 3)}});
});

test("units are counted by variant in every value of a dimension", async () => {
  await duckdb.rows(
    `create table split as select *, false as crossover, timestamp '2025-10-01 08:00:00' as exposed_at from (values ('a', 'A', 'DE', 1), ('b', 'B', 'DE', 1), ('c', 'B', null, 1))
     t(unit_id, group_name, country, orders)`
  );
  const {splits} = await aggregate("split", [mean("orders", "zero")]);
  expect(splits).toEqual([
    {dimension: "country", value: "", variant: "B", units: 1},
    {dimension: "country", value: "DE", variant: "A", units: 1},
    {dimension: "country", value: "DE", variant: "B", units: 1}
  ]);
});

const close = (value: number) => expect.closeTo(value, 12) as unknown as number;

async function table(name: string, values: string) {
  await duckdb.rows(
    `create table ${name} as select unit_id, group_name, crossover, timestamp '2025-10-01 08:00:00' as exposed_at,
       cast(orders as double) as orders, cast(score as double) as score
     from (values ${values}) t(unit_id, group_name, crossover, orders, score)`
  );
}

async function aggregate(name: string, metrics: Metric[], shape = units) {
  return aggregateUnits(duckdb, name, {
    shape,
    metrics,
    columns: await duckdb.columns(`select * from ${name}`)
  });
}

function mean(alias: string, missing: "zero" | "exclude"): Metric {
  const numerator = {alias, sql: `sum(${alias})`, missing};
  const source = {file: "metrics/test.yaml", line: 1, column: 1};
  const none = {
    group: "",
    description: null,
    owner: null,
    tags: [],
    goal: null,
    format: {},
    denominator: null
  };
  return {alias, title: alias, type: "mean", ...none, numerator, source};
}

function moments(metric: string, values: object) {
  const none = {
    numeratorMean: null,
    denominatorMean: null,
    numeratorVariance: null,
    denominatorVariance: null,
    covariance: null
  };
  return {variant: "A", metric, title: metric, type: "mean", ...none, ...values};
}
