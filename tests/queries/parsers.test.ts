// What the templates give is read by parsers that know each engine's dialect: of Snowflake by two of different origin,
// for nothing here runs its SQL.

import {init, parse as parseBySecond} from "@guanmingchiu/sqlparser-ts";
import {parse as parseByFirst} from "@polyglot-sql/sdk";
import {beforeAll, describe, expect, test} from "vitest";
import {shapeOf, type UnitShape} from "../../lib/aggregate.js";
import {momentsThereSql} from "../../lib/aggregate/there.js";
import {aggregationsOf} from "../../lib/metrics.js";
import type {Metric} from "../../lib/types.js";
import type {DialectName} from "../../lib/warehouse/connector.js";
import {cases, declaredMetrics, metrics, renderCase, type Case} from "../fixtures/shop-questions.js";

beforeAll(() => init());

const dialects: DialectName[] = ["duckdb", "postgres", "bigquery", "snowflake"];

// Rows of units, and the statement by which the warehouse makes moments of them.
async function queriesOf(asked: Case, used: Metric[], dialect: DialectName): Promise<string[]> {
  const {sql, observation} = await renderCase(asked, used, dialect);
  const columns = ["unit_id", "group_name", "crossover", "exposed_at", ...observation.dimensions];
  const own = aggregationsOf(used).map(({alias}) => alias);
  const named = [...columns, ...own].map((name) => ({name}));
  const shape = shapeOf(named, "user_id") as UnitShape;
  return [sql, momentsThereSql(dialect, {sql, shape, columns: named, observation, metrics: used}).text];
}

type Parser = (sql: string, dialect: DialectName) => number;

const named = (dialect: DialectName) => (dialect === "postgres" ? "postgresql" : dialect);

const first: Parser = (sql, dialect) => {
  const {success, error, ast} = parseByFirst(sql, named(dialect) as Parameters<typeof parseByFirst>[1]);
  if (!success) throw new Error(error);
  return (ast as unknown[]).length;
};
const second: Parser = (sql, dialect) =>
  parseBySecond(sql, named(dialect) as Parameters<typeof parseBySecond>[1]).length;

describe.each(dialects)("%s", (dialect) => {
  test.each(Object.keys(cases))("polyglot reads one statement: %s", async (name) => {
    for (const used of [metrics, declaredMetrics])
      for (const sql of await queriesOf(cases[name], used, dialect)) expect(first(sql, dialect)).toBe(1);
  });
});

describe("Snowflake's second parser, Apache DataFusion's", () => {
  test.each(Object.keys(cases))("reads one statement: %s", async (name) => {
    for (const used of [metrics, declaredMetrics])
      for (const sql of await queriesOf(cases[name], used, "snowflake"))
        expect(second(sql, "snowflake")).toBe(1);
  });
});

// Snowflake keeps six digits of an average of whole numbers, PostgreSQL none of their quotient.
test.each([
  ["postgres", "double precision"],
  ["bigquery", "float64"],
  ["snowflake", "float"]
] as const)(
  "%s measures every value as a double, so that no division drops digits",
  async (dialect, type) => {
    const [, text] = await queriesOf(cases["by dimensions"], metrics, dialect);
    for (const {alias} of aggregationsOf(metrics)) {
      const quoted = `[\`"]?${alias}[\`"]?`;
      expect(text).toMatch(new RegExp(`cast\\(${quoted} as ${type}\\)`));
      expect(text).not.toMatch(new RegExp(`(avg|var_samp|covar_samp|sum)\\(${quoted}\\)`));
    }
  }
);

// What is planted in Snowflake's SQL, and whether each of the two refuses it: neither knows tables, columns or types.
test.each([
  ["a missing comma", "exposed.group_name,", "exposed.group_name", [true, true]],
  ["an open bracket", "COUNT(DISTINCT session_id)", "COUNT(DISTINCT session_id", [true, true]],
  ["a join without its condition", "on unit_totals.unit_id = exposed.unit_id", "", [false, false]],
  ["BigQuery's EXCEPT", "exposed.country,", "exposed.* except (country),", [false, true]],
  ["a column that is not there", "exposed.country", "exposed.contry", [false, false]]
])("%s: polyglot and DataFusion's refuse it or do not", async (_, right, wrong, refused) => {
  const {sql} = await renderCase(cases["by dimensions"], metrics, "snowflake");
  expect(sql).toContain(right);
  const planted = sql.replace(right, wrong);
  const refuses = (parser: Parser) => {
    try {
      return parser(planted, "snowflake") !== 1;
    } catch {
      return true;
    }
  };
  expect([first, second].map(refuses)).toEqual(refused);
});
