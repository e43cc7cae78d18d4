// A shorter cut of what npm run torture pushes through every door that needs no browser; tests/browser/injection.test.ts has the others.

import {mkdtemp, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, describe, expect, test} from "vitest";
import {analyzeFile} from "../../lib/analyze.js";
import {UserError} from "../../lib/errors.js";
import {readYaml} from "../../lib/experiment-file/read.js";
import {validateMetricText} from "../../lib/metrics.js";
import {chatDoor, chatProblem} from "../../scripts/torture/doors/chat.js";
import {csvFiles, csvOfNames, outcomeOf} from "../../scripts/torture/doors/csv-files.js";
import {judgeCondition, tryDialect} from "../../scripts/torture/doors/dialects.js";
import {tryDoor, type Door} from "../../scripts/torture/doors/door.js";
import {openEngine, type Engine} from "../../scripts/torture/doors/engine.js";
import {
  cellsOf,
  csvProblem,
  logProblem,
  pathProblem,
  placeDoors,
  terminalProblem
} from "../../scripts/torture/doors/places.js";
import {
  conditionPlace,
  judgeSql,
  queryPlace,
  sqlDoors,
  tablePlace,
  type Place
} from "../../scripts/torture/doors/sql.js";
import {experimentFiles, formulaPlace, metricDoors} from "../../scripts/torture/doors/yaml.js";

const seed = 20261125;
const count = 400;
let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

const escapesOf = async <T>(door: Door<T>) => {
  const {tried, escapes, kept} = await tryDoor(door, {seed, count});
  expect(tried).toBe(count);
  expect(kept).toBeGreaterThan(0);
  return escapes;
};

describe("hostile inputs stay in their place", () => {
  test("in SQL: filters, custom queries, audience tables, formulas and metric files", async () => {
    for (const door of [...sqlDoors(engine), ...metricDoors(engine)])
      expect(await escapesOf(door)).toEqual([]);
  });

  test.each(["bigquery", "snowflake"] as const)(
    "in %s's SQL, as a parser of another origin reads it",
    async (dialect) => {
      const {shapes, escapes} = await tryDialect(dialect, {seed, shapes: 60});
      expect({shapes, escapes}).toEqual({shapes: 60, escapes: []});
    }
  );

  test("in lines of the log and the terminal, names of files, addresses and downloaded CSV", async () => {
    for (const door of placeDoors) expect(await escapesOf(door)).toEqual([]);
  });

  test("in files of experiments, in CSV files and in the chat", async () => {
    const [files, csv] = [await experimentFiles(), csvFiles()];
    for (const door of [files.door, csv.door, await chatDoor()] as Door<unknown>[])
      expect(await escapesOf(door)).toEqual([]);
    await Promise.all([files.close(), csv.close()]);
  });
});

describe("each judge sees what escapes", () => {
  const judged = (sql: string, place: Place, model: string) => judgeSql([sql], {engine, place, model});

  test.each([
    ["(age = 1) or (age = 2)", conditionPlace, "beyond its place"],
    ["age = 1 or true", conditionPlace, "beyond its place"],
    ["(age = 1) limit (1)", conditionPlace, "beyond its place"],
    ["unit_id in (select user_id from canary)", conditionPlace, "a subquery"],
    ["getvariable('x') = 1", conditionPlace, "it calls getvariable"],
    ["select 1 as unit_id) as a, (select * from canary", queryPlace, "beyond its place"],
    ["select * from read_csv('canary.csv')", queryPlace, "it calls read_csv"],
    ["select * from canary.csv", queryPlace, "must not read"],
    ["canary.csv", tablePlace, "must not read"],
    ["units) or unit_id in (select 2", tablePlace, "beyond its place"],
    ["sum(age), 1) + coalesce(1", formulaPlace, "beyond its place"],
    ["max((select secret from canary))", formulaPlace, "a subquery"]
  ])("%s", async (sql, place, problem) => {
    const model = {select: "select 1 as unit_id", units: "units", sum: "sum(age)"};
    const lawful =
      place === queryPlace
        ? model.select
        : place === tablePlace
          ? model.units
          : place === formulaPlace
            ? model.sum
            : "country = 'US'";
    expect(await judged(sql, place, lawful)).toEqual([{escaped: expect.stringContaining(problem)}]);
  });

  test("in another dialect, where a backslash before a quote keeps the text open", async () => {
    await tryDialect("bigquery", {seed, shapes: 2});
    // What is right for DuckDB is not for BigQuery: there the first quote is part of the text, and the second ends it.
    const pasted = (value: string) => `(country = '${value.replaceAll("'", "''")}')`;
    expect(judgeCondition(pasted("US"), "bigquery").problem).toBeNull();
    expect(judgeCondition(pasted("\\') or (1 = 1) -- "), "bigquery").problem).toBe(
      "it reaches beyond its place"
    );
    expect(judgeCondition("(exists (select 1))", "snowflake").problem).toBe("it holds a subquery");
  });

  test("a broken line, one that a terminal obeys, and one that says something else", () => {
    const line = (msg: string) => `${JSON.stringify({msg, path: msg, err: {message: msg}})}\n`;
    expect(logProblem([line("a")], "a")).toBeNull();
    expect(logProblem([line("a\u009b2J")], "a\u009b2J")).toContain("obeyed");
    expect(logProblem([`${line("a")}{"level":"error"}\n`], "a")).toContain("broken");
    expect(logProblem([line("b")], "a")).toContain("something else");
    expect(terminalProblem("a\u001b[2J\nb", 2)).toContain("obeys");
    expect(terminalProblem("a\nb\nc", 2)).toContain("lines");
  });

  test.each([
    "../a.html",
    "a/b.html",
    ".html",
    "-rf.html",
    "a\u0000.html",
    "a:b.html",
    `${"ü".repeat(130)}.html`
  ])("the name of a file %j", (name) => {
    expect(pathProblem(name)).not.toBeNull();
    expect(pathProblem("checkout-7.html")).toBeNull();
  });

  test("a formula, a number that is text, a cell out of its row", () => {
    const csv = (cell: string) => `a,b\n${cell},-1.5`;
    expect(csvProblem(csv("'=1+1"), ["=1+1"])).toBeNull();
    expect(csvProblem(csv("=1+1"), ["=1+1"])).toContain("runs");
    expect(csvProblem(csv("a,b"), ["a,b"])).toContain("leaves its place");
    expect(csvProblem("a,b\nx,'-1.5", ["x"])).toContain("a number is none");
    expect(csvProblem(csv("y"), ["x"])).toContain("not among the cells");
    expect(cellsOf('"a ""b""\n,",c\n1,2\n').slice(0, 2)).toEqual([
      ['a "b"\n,', "c"],
      ["1", "2"]
    ]);
  });

  test("another's numbers, and a question that reaches into the page's data", () => {
    const analysis = (units: Record<string, number>, treatment: number) =>
      ({units, effects: [{metric: "m", variant: "a", effect: {treatment}}]}) as never;
    const asked = {name: "a", names: ["a"], means: ["m"]};
    expect(outcomeOf(analysis({a: 2}, 8), asked)).toBe("kept");
    expect(outcomeOf(analysis({a: 2}, 9), asked)).toEqual({escaped: "m is 9 in it"});
    expect(outcomeOf(analysis({}, 8), asked)).toEqual({escaped: expect.stringContaining("no variant")});
    const page = {path: "/", search: "", title: "", selection: ""};
    expect(chatProblem({question: "a", page}, {question: "a b", page})).toContain("reaches");
  });
});

describe("what escaped once", () => {
  test("a column called constructor or __proto__ has its numbers", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "expanto-names-")), "names.csv");
    const names = ["constructor", "__proto__"];
    await writeFile(file, csvOfNames(names));
    const asked = {
      file,
      variant: "variant",
      control: "control",
      means: names,
      proportions: [],
      ratios: [],
      lowerIsBetter: [],
      confidence: 0.95
    };
    const analysis = await analyzeFile(asked);
    expect(analysis.effects.map(({metric, variant, effect}) => [metric, variant, effect.treatment])).toEqual([
      ["constructor", "__proto__", 15],
      ["constructor", "constructor", 8],
      ["__proto__", "__proto__", 16],
      ["__proto__", "constructor", 9]
    ]);
  });

  test("a NUL in a column's name or a formula, and an anchor inside of itself, are refused in words", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "expanto-names-")), "names.csv");
    await writeFile(file, csvOfNames(["a\u0000b"]));
    const asked = {
      file,
      variant: "variant",
      control: "control",
      means: ["a"],
      proportions: [],
      ratios: [],
      lowerIsBetter: [],
      confidence: 0.95
    };
    await expect(analyzeFile(asked)).rejects.toThrow("has a column whose name holds a NUL character");
    const metrics =
      'metric_group_name: a\nmetrics:\n  - alias: a\n    type: avg\n    display_name: A\n    formula: {numerator: {alias: a, sql: "SUM(a\\0)"}}\n';
    const {problems} = await validateMetricText(metrics, "a.yaml");
    expect(problems.map(({message}) => message)).toContain("a formula must not hold a control character");
    expect(() => readYaml("experiment: &a {name: *a}\n", "a.yaml", {})).toThrow(UserError);
  });
});
