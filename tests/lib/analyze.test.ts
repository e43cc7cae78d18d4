import {mkdtemp, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {beforeAll, expect, test} from "vitest";
import {analyzeFile} from "../../lib/analyze.js";
import {explain} from "../../lib/errors.js";
import {openDuckDB} from "../../lib/warehouse/duckdb.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "expanto-analyze-"));
});

const plain = {
  variant: "variant",
  control: "A",
  means: [],
  proportions: [],
  ratios: [],
  lowerIsBetter: [],
  confidence: 0.95
};

test("means, rates and ratios of a file are those of its rows", async () => {
  const file = await csv(
    "small",
    "user,variant,orders,visits,bought",
    "1,A,1,2,TRUE",
    "2,A,3,4,FALSE",
    "3,A,5,3,FALSE",
    "4,B,4,4,TRUE",
    "5,B,6,5,TRUE",
    "6,B,8,3,FALSE"
  );
  const analysis = await analyzeFile({
    ...plain,
    file,
    unit: "user",
    means: ["orders"],
    proportions: ["bought"],
    ratios: ["orders/visits"]
  });
  expect(analysis.units).toEqual({A: 3, B: 3});
  expect(
    analysis.effects.map(({metric, type, effect}) => [metric, type, effect.control, effect.treatment])
  ).toEqual([
    ["orders", "mean", 3, 6],
    ["bought", "proportion", 1 / 3, 2 / 3],
    ["orders/visits", "ratio", 9 / 9, 18 / 12]
  ]);
  // Welch by hand: difference 3, both variances 4, se = sqrt(4/3 + 4/3), df 4, t(4) at 0.975 = 2.7764451051977987.
  const half = 2.7764451051977987 * Math.sqrt(8 / 3);
  const {low, high} = analysis.effects[0].effect.difference;
  expect([low, high]).toEqual([expect.closeTo(3 - half, 10), expect.closeTo(3 + half, 10)]);
});

test("missing values are left out of their metric and counted", async () => {
  const file = await csv("missing", "variant,orders", "A,1", "A,", "A,3", "B,NA", "B,4", "B,6", "B,NaN");
  const analysis = await analyzeFile({...plain, file, means: ["orders"]});
  expect([analysis.left.missing, analysis.units, analysis.effects[0].effect.n]).toEqual([
    {orders: 3},
    {A: 3, B: 4},
    {control: 2, treatment: 2}
  ]);
});

test("rows without a variant or a unit are left out and counted", async () => {
  const file = await csv(
    "nameless",
    "user,variant,orders",
    "1,A,1",
    "2,,9",
    ",A,9",
    "3,A,2",
    "4,B,3",
    "5,B,5"
  );
  const {left, units} = await analyzeFile({...plain, file, unit: "user", means: ["orders"]});
  expect([left.rowsWithoutVariant, left.rowsWithoutUnit, units]).toEqual([1, 1, {A: 2, B: 2}]);
});

test("--aggregate sums the rows of a unit, and leaves out units in two variants", async () => {
  const file = await csv(
    "rows",
    "user,variant,orders",
    "1,A,1",
    "1,A,2",
    "2,A,5",
    "3,B,4",
    "3,B,4",
    "4,B,6",
    "9,A,100",
    "9,B,100"
  );
  const {left, effects} = await analyzeFile({
    ...plain,
    file,
    unit: "user",
    means: ["orders"],
    aggregate: true
  });
  expect([left.crossovers, effects[0].effect.control, effects[0].effect.treatment]).toEqual([1, 4, 7]);
});

test("unit ids of twenty digits stay apart, and a variant keeps its spelling", async () => {
  const rows = Array.from({length: 6}, (_, i) => `1234567890123456700${i},${i % 2 ? "TRUE" : "FALSE"},${i}`);
  const file = await csv("long", "user,variant,orders", ...rows);
  const {units} = await analyzeFile({...plain, control: "FALSE", file, unit: "user", means: ["orders"]});
  expect(units).toEqual({FALSE: 3, TRUE: 3});
});

test.each([
  ["every unit in both variants", ["1,A,1", "1,B,2", "2,A,1", "2,B,5"], "the control A has no unit left"],
  ["every treated unit in both", ["1,A,1", "1,B,2", "3,A,5"], "no treatment has a unit left"],
  ["no unit id at all", [",A,1", ",B,2"], "the control A has no unit left"]
])("a variant that loses all its units is refused in words: %s", async (_, rows, message) => {
  const file = await csv("lost", "user,variant,orders", ...rows);
  expect(await refusal({...plain, file, unit: "user", means: ["orders"], aggregate: true})).toContain(
    message
  );
});

test("a verdict follows --lower-is-better, and is withheld under a sample ratio mismatch", async () => {
  const rows = (variant: string, n: number, mean: number) =>
    Array.from({length: n}, (_, i) => `${variant},${mean + (i % 2)}`);
  const fair = await csv("fair", "variant,seconds", ...rows("A", 100, 5), ...rows("B", 100, 3));
  const skewed = await csv("skewed", "variant,seconds", ...rows("A", 100, 5), ...rows("B", 300, 3));
  const verdicts = async (file: string, more = {}) =>
    (await analyzeFile({...plain, file, means: ["seconds"], ...more})).effects[0].verdict;
  expect([
    await verdicts(fair),
    await verdicts(fair, {lowerIsBetter: ["seconds"]}),
    await verdicts(skewed),
    await verdicts(skewed, {allocation: {A: 1, B: 3}})
  ]).toEqual(["worse", "better", "invalid", "worse"]);
});

test("a Parquet file is read like a CSV", async () => {
  const file = join(folder, "small.parquet");
  const duckdb = await openDuckDB();
  await duckdb.writeParquet(
    "select * from (values ('A', 1, true), ('A', 2, false), ('B', 3, true), ('B', 5, true)) t(variant, orders, bought)",
    file
  );
  duckdb.close();
  const {effects} = await analyzeFile({...plain, file, means: ["orders"], proportions: ["bought"]});
  expect(effects.map(({effect}) => [effect.control, effect.treatment])).toEqual([
    [1.5, 4],
    [0.5, 1]
  ]);
});

test("a variant's name stays text, whatever it holds", async () => {
  const name = `B' or "1"=1 -- <script>alert(1)</script>`;
  const file = await csv(
    "hostile",
    "variant,orders",
    "A,1",
    "A,2",
    `"${name.replaceAll('"', '""')}",3`,
    `"${name.replaceAll('"', '""')}",5`
  );
  const {units} = await analyzeFile({...plain, file, means: ["orders"]});
  expect(units).toEqual({A: 2, [name]: 2});
});

test("100 variants are 99 comparisons", async () => {
  const rows = Array.from({length: 300}, (_, i) => `v${i % 100},${i % 7}`);
  const file = await csv("hundred", "variant,orders", ...rows);
  const {effects} = await analyzeFile({...plain, control: "v0", file, means: ["orders"]});
  expect(effects.length).toBe(99);
});

test.each([
  ["a file that is not there", {file: "nowhere.csv"}, "there is no file nowhere.csv"],
  [
    "a column that is not there",
    {means: ["order"]},
    "--mean: there is no column order; did you mean orders?"
  ],
  [
    "a variant column that is not there",
    {variant: "arm"},
    "--variant: there is no column arm; there are user, variant, orders, note, share, huge, steps"
  ],
  [
    "text as a mean",
    {means: ["note"]},
    'column note holds text, not numbers: "bad", "good"; a mean needs numbers'
  ],
  [
    "text as a proportion",
    {proportions: ["note"]},
    'column note holds text, not numbers: "bad", "good"; a proportion needs TRUE/FALSE or 0/1'
  ],
  [
    "counts as a proportion",
    {means: [], proportions: ["orders"]},
    "column orders is not a proportion: it holds other values than 0 and 1 in 3 rows, such as 3 in row 2, 5 in row 3, 4 in row 4; use --mean orders"
  ],
  ["a control that is not there", {control: "a"}, "--control: there is no variant a; did you mean A?"],
  ["infinite values", {means: ["huge"]}, "column huge holds infinite values in 1 row, such as inf in row 3"],
  ["no metric", {means: []}, "no metric is asked for"],
  ["a metric asked for twice", {means: ["orders", "orders"]}, "orders is asked for twice"],
  ["a ratio without a denominator", {means: [], ratios: ["orders"]}, "--ratio orders has no denominator"],
  [
    "a confidence in percent",
    {confidence: 95},
    "confidence is a fraction between 0 and 1, not 95; for 95% write --confidence 0.95"
  ],
  [
    "lower-is-better of no metric",
    {lowerIsBetter: ["visits"]},
    "--lower-is-better: there is no metric visits"
  ]
])("%s is refused in words", async (_, more, message) => {
  const file = await csv(
    "bad",
    "user,variant,orders,note,share,huge,steps",
    "1,A,1,good,0.5,1,1",
    "2,A,3,bad,0.5,2,2",
    "3,B,5,good,0.5,inf,3",
    "4,B,4,bad,0.5,4,4"
  );
  expect(await refusal({...plain, file, means: ["orders"], ...more})).toContain(message);
});

test.each([
  ["an empty file", "", "is empty; it needs a header line"],
  ["a header without rows", "variant,orders\n", "holds no rows"],
  ["one variant only", "variant,orders\nA,1\nA,2\n", "column variant has one variant only: A"],
  [
    "a row with a column too many",
    "variant,orders\nA,1\nA,2\nB,3,4\nB,5\n",
    ":4:1  the row is broken: expected number of columns: 2 found: 3; repair that row"
  ],
  [
    "a small file of which the reader could make no sense",
    "variant,orders,note\nA,3,\nB,abc,\nA,,4,5\n",
    ":4:1  the row is broken: expected number of columns: 3 found: 4; repair that row"
  ],
  [
    "a unit in several rows",
    "user,variant,orders\n1,A,1\n1,A,2\n2,B,1\n2,A,1\n3,B,4\n",
    "2 values of user occur in more than one row: 1 (2 rows), 2 (2 rows in 2 variants); each row must be one unit; --aggregate sums"
  ]
])("%s is refused in words", async (name, text, message) => {
  const file = join(folder, `${name.replaceAll(" ", "-")}.csv`);
  await writeFile(file, text);
  const unit = text.startsWith("user") ? "user" : undefined;
  expect(await refusal({...plain, file, unit, means: ["orders"]})).toContain(message);
});

async function csv(name: string, ...lines: string[]): Promise<string> {
  const file = join(folder, `${name}.csv`);
  await writeFile(file, `${lines.join("\n")}\n`);
  return file;
}

async function refusal(question: Parameters<typeof analyzeFile>[0]): Promise<string> {
  const error = await analyzeFile(question).catch((error: unknown) => error);
  const {message, hint} = explain(error);
  return `${message}${hint ? `; ${hint}` : ""}`;
}
