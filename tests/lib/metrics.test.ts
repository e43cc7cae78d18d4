import {readdirSync, readFileSync} from "node:fs";
import {mkdtemp, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {DuckDBInstance} from "@duckdb/node-api";
import {describe, expect, test} from "vitest";
import {describeProblem} from "../../lib/errors.js";
import {
  aggregationsOf,
  definitionHash,
  filterMetrics,
  loadMetrics,
  requireMetrics,
  validateMetrics
} from "../../lib/metrics.js";
import {aggregationFields, fileFields, formulaFields, metricFields} from "../../lib/metrics/fields.js";
import {defaultMissing, formulaProblems, normalised} from "../../lib/metrics/formula.js";
import {parsedFormulaProblems} from "../../lib/metrics/parsed-formula.js";
import type {Metric} from "../../lib/types.js";

const plain = "tests/fixtures/metrics/plain";
const golden = "tests/golden/metrics";

describe("loading", () => {
  test("a file with anchors, null denominators and inline formulas loads as it is", async () => {
    const {metrics, problems} = await loadMetrics(plain);
    expect(problems).toEqual([]);
    expect(metrics.map(({alias}) => alias)).toEqual([
      "orders_per_user",
      "orders_per_session",
      "buyers",
      "load_seconds"
    ]);
    expect(metrics[1]).toEqual({
      alias: "orders_per_session",
      margin: null,
      cap: null,
      quantile: null,
      title: "Orders per session",
      type: "ratio",
      group: "Group",
      description: null,
      owner: "team",
      tags: [],
      goal: null,
      format: {maximumFractionDigits: 2},
      numerator: {
        alias: "orders_cnt",
        sql: "COUNT(CASE WHEN event_name = 'purchase' THEN 1 END)",
        missing: "zero"
      },
      denominator: {alias: "sessions_cnt", sql: "COUNT(DISTINCT session_id)", missing: "zero"},
      source: {file: join(plain, "b.yaml"), line: 19, column: 12}
    });
  });

  test("avg is mean inside, a proportion is written as percent, goal and format are kept", async () => {
    const {metrics} = await loadMetrics(plain);
    expect(metrics.map(({type, goal, format}) => ({type, goal, format}))).toEqual([
      {type: "mean", goal: null, format: {maximumFractionDigits: 2}},
      {type: "ratio", goal: null, format: {maximumFractionDigits: 2}},
      {
        type: "proportion",
        goal: "increase",
        format: {style: "percent", minimumFractionDigits: 2, maximumFractionDigits: 2}
      },
      {type: "mean", goal: "decrease", format: {style: "unit", unit: "second"}}
    ]);
  });

  test("a proportion with a denominator is a ratio, an avg with one has none", async () => {
    const {metrics} = await loadMetrics(join(golden, "warnings"));
    expect(metrics.map(({type, denominator}) => [type, denominator?.alias ?? null])).toEqual([
      ["ratio", "sessions_cnt"],
      ["mean", null]
    ]);
  });

  test("merge keys and Windows line ends are read", async () => {
    const {metrics, problems} = await loadMetrics("tests/fixtures/metrics/merged");
    expect(problems).toEqual([]);
    expect(
      metrics.map(({alias, type, title, owner, numerator}) => [alias, type, title, owner, numerator.alias])
    ).toEqual([
      ["orders_per_user", "mean", "Orders per user", "team", "orders_cnt"],
      ["buyers", "proportion", "Orders per user", "team", "buyer"]
    ]);
  });

  test("a folder that does not exist is named, with what to do", async () => {
    await expect(loadMetrics("tests/nowhere")).rejects.toMatchObject({
      name: "UserError",
      message: "the metrics folder does not exist: tests/nowhere",
      hint: "create it, or set folders.metrics in expanto.config.yaml"
    });
  });
});

describe("problems", () => {
  for (const name of readdirSync(golden).toSorted()) {
    test(`every problem of ${name} is told at its place`, async () => {
      const {problems} = await validateMetrics(join(golden, name));
      const text = problems.map((problem) => `${describeProblem(problem)}\n`).join("");
      await expect(text).toMatchFileSnapshot(`../golden/metrics/${name}/problems.txt`);
    });
  }

  test("a wrong metric is left out and its neighbours stay", async () => {
    const {metrics} = await loadMetrics(join(golden, "options"));
    expect(metrics.map(({alias}) => alias)).toEqual(["m3"]);
  });

  test("a registry is refused with every error, warnings aside", async () => {
    const error = await requireMetrics(join(golden, "options")).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({name: "UserError", message: expect.stringMatching(/^6 errors in metrics:/)});
    expect((await requireMetrics(join(golden, "warnings"))).byAlias.get("conversion")?.type).toBe("ratio");
  });
});

describe("formulas", () => {
  const lawful = [
    "EXTRACT(epoch FROM MAX(event_timestamp))",
    "SUM(event_value) / NULLIF(COUNT(DISTINCT order_id), 0)",
    "COUNT(*) FILTER (WHERE event_name = 'a;b -- (c')",
    "COUNT(CASE WHEN note = 'it''s (' THEN 1 END)",
    "percentile_cont(0.5) WITHIN GROUP (ORDER BY event_value)",
    "COALESCE(SUM(event_value), 0)",
    "MAX(CASE WHEN event_name = 'purchase' THEN 1 ELSE 0 END)::INT",
    "CAST(COUNT(DISTINCT CAST(event_timestamp AS DATE)) AS DOUBLE)",
    "COUNT_IF(event_name = 'select')",
    "COUNT(CASE WHEN selected AND t.select_count > 1 THEN 1 END)"
  ];
  for (const sql of lawful) {
    test(`${sql} is lawful`, async () => {
      expect([...formulaProblems(sql), ...(await parsedFormulaProblems(sql))]).toEqual([]);
    });
  }

  const refused = [
    "SUM((SELECT 1))",
    "SUM((select(1)))",
    "COUNT(*) + (FROM events)",
    "COUNT(*) FROM secrets",
    "COUNT(*) UNION SELECT 1",
    "COUNT(E'\\'' ) ; DROP TABLE x --')",
    "COUNT(*) AS x",
    "1",
    "LOWER(event_name)"
  ];
  for (const sql of refused) {
    test(`${sql} is refused without parsing`, () => {
      expect(formulaProblems(sql)).not.toEqual([]);
    });
  }

  test.each([
    ["COUNT(*)", "zero"],
    ["COUNT(DISTINCT session_id)", "zero"],
    ["countif(a = 1)", "zero"],
    ["SUM(AVG_seconds)", "zero"],
    ["MAX(CASE WHEN a THEN 1 ELSE 0 END)", "zero"],
    ["MIN(CASE WHEN a THEN 1 ELSE 0 END)", "zero"],
    ["COALESCE(SUM(a), 0) / 100", "zero"],
    ["SUM(a) - SUM(b)", "zero"],
    ["SUM(a / NULLIF(b, 0))", "zero"],
    ["AVG(a)", "exclude"],
    ["MEDIAN(a)", "exclude"],
    ["MAX(a)", "exclude"],
    ["MIN(event_timestamp)", "exclude"],
    ["MAX(CASE WHEN a THEN b ELSE 0 END)", "exclude"],
    ["SUM(a) + MAX(b)", "exclude"],
    ["SUM(a) / NULLIF(COUNT(b), 0)", "exclude"]
  ])("a unit without events has in %s: %s", (sql, missing) => {
    expect(defaultMissing(sql)).toBe(missing);
  });

  test("white space outside quotes does not make another formula, inside it does", () => {
    expect(normalised(" SUM(\n  a )")).toBe(normalised("SUM( a )"));
    expect(normalised("COUNT('a  b')")).toBe("COUNT('a  b')");
  });
});

describe("choosing", () => {
  test("criteria narrow each other, values of one widen it", async () => {
    const {metrics} = await loadMetrics(plain);
    const aliases = (chosen: Metric[]): string[] => chosen.map(({alias}) => alias);
    expect(aliases(filterMetrics(metrics, {}))).toHaveLength(4);
    expect(aliases(filterMetrics(metrics, {types: ["mean"]}))).toEqual(["orders_per_user", "load_seconds"]);
    expect(aliases(filterMetrics(metrics, {types: ["mean"], groups: ["Inline"]}))).toEqual(["load_seconds"]);
    expect(aliases(filterMetrics(metrics, {tags: ["b", "c"]}))).toEqual(["orders_per_user"]);
    expect(aliases(filterMetrics(metrics, {aliases: ["buyers", "load_seconds"]}))).toEqual([
      "buyers",
      "load_seconds"
    ]);
  });

  test("an unknown alias is told with the nearest one", async () => {
    const {metrics} = await loadMetrics(plain);
    expect(() => filterMetrics(metrics, {aliases: ["buyer"]})).toThrow(
      expect.objectContaining({message: "unknown metric: buyer", hint: "did you mean buyers?"})
    );
  });

  test("an aggregation that metrics share is needed once, in order of first use", async () => {
    const {metrics} = await loadMetrics(plain);
    expect(aggregationsOf(metrics).map(({alias}) => alias)).toEqual([
      "orders_cnt",
      "sessions_cnt",
      "buyer",
      "load_avg"
    ]);
  });

  test("a definition's hash follows its numbers, not its texts", async () => {
    const [metric] = (await loadMetrics(plain)).metrics;
    const hash = definitionHash(metric);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(definitionHash({...metric, title: "Other", tags: [], goal: "decrease"})).toBe(hash);
    expect(definitionHash({...metric, type: "proportion"})).not.toBe(hash);
    expect(definitionHash({...metric, denominator: metric.numerator})).not.toBe(hash);
    expect(definitionHash({...metric, numerator: {...metric.numerator, missing: "exclude"}})).not.toBe(hash);
    expect(definitionHash({...metric, numerator: {...metric.numerator, sql: "COUNT(*)"}})).not.toBe(hash);
  });
});

describe("the demo's metrics", () => {
  test("have no problem at all", async () => {
    const {metrics, problems} = await validateMetrics("metrics");
    expect(problems).toEqual([]);
    expect(metrics.map(({alias}) => alias)).toContain("purchase_conversion");
  });

  test("give their numbers over a user's events", async () => {
    const {metrics} = await loadMetrics("metrics");
    const columns = aggregationsOf(metrics).map(({alias, sql}) => `${sql} as ${alias}`);
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const result = await connection.runAndReadAll(`
      select ${columns.join(", ")}
      from (values
        ('session_start', null, null, 's1'), ('page_view', null, null, 's1'), ('page_load', 1.5, null, 's1'),
        ('page_load', 0.5, null, 's2'), ('search', null, null, 's2'), ('add_to_cart', null, null, 's2'),
        ('purchase', 20.0, 'o1', 's2'), ('purchase', 30.0, 'o2', 's2'), ('refund', 20.0, null, 's2'),
        ('app_crash', null, null, 's2')
      ) as events (event_name, event_value, order_id, session_id)`);
    const [row] = result.getRowObjectsJson();
    expect(Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)]))).toEqual({
      sessions_cnt: 2,
      page_views_cnt: 1,
      searcher: 1,
      searches_cnt: 1,
      cart_user: 1,
      carts_cnt: 1,
      purchaser: 1,
      orders_cnt: 2,
      revenue_sum: 50,
      refunds_cnt: 1,
      refunded_sum: 20,
      page_load_avg: 1,
      page_load_sum: 2,
      page_loads_cnt: 2,
      crashes_cnt: 1,
      ticket_user: 0
    });
  });
});

test("every field of a metric file is documented", () => {
  const page = readFileSync("docs/metrics.md", "utf8");
  const fields = [...fileFields, ...metricFields, ...formulaFields, ...aggregationFields];
  expect(fields.filter((field) => !page.includes(`\`${field}\``))).toEqual([]);
});

test("a margin is a share, a cap a number or a percentile; anything else is told at its place", async () => {
  const folder = await mkdtemp(join(tmpdir(), "expanto-caps-"));
  const metric = (alias: string, extra: string, type = "avg") =>
    `  - {alias: ${alias}, type: ${type}, display_name: X, ${extra}, formula: {numerator: {alias: x_cnt, sql: COUNT(*)}}}\n`;
  const good = `metric_group_name: G\nmetrics:\n${metric("a", "margin: 1%, cap: 99.9%")}${metric("b", "margin: 0.02, cap: 500")}`;
  await writeFile(join(folder, "good.yaml"), good);
  const {metrics, problems} = await loadMetrics(folder);
  expect([problems, metrics.map(({margin, cap}) => [margin, cap])]).toEqual([
    [],
    [
      [0.01, {share: 0.999}],
      [0.02, {at: 500}]
    ]
  ]);
  const bad = `metric_group_name: G\nmetrics:\n${metric("c", "cap: 20%")}${metric("d", "margin: 3")}${metric("e", "cap: 9", "proportion")}`;
  await writeFile(join(folder, "good.yaml"), bad);
  expect((await loadMetrics(folder)).problems.map(({line, message}) => [line, message])).toEqual([
    [3, "bad cap: 20%"],
    [4, "bad margin: 3"],
    [5, "a proportion has no cap"]
  ]);
});
