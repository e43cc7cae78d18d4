import {cp, mkdir, mkdtemp, readFile, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {beforeEach, expect, test} from "vitest";
import {main} from "../../lib/cli/main.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "expanto-cli-"));
});

const games = [
  "user,version,rounds,minutes,back",
  "1,a,3,6,TRUE",
  "2,a,5,5,FALSE",
  "3,a,4,8,TRUE",
  "4,b,6,9,TRUE",
  "5,b,9,9,FALSE",
  "6,b,6,6,FALSE"
];
const analyze = async (...options: string[]) => {
  await writeFile(join(folder, "games.csv"), `${games.join("\n")}\n`);
  return run("analyze", join(folder, "games.csv"), "--variant", "version", "--control", "a", ...options);
};

test("analyze --json prints the documented shape", async () => {
  const {code, out} = await analyze(
    "--unit",
    "user",
    "--mean",
    "rounds",
    "--ratio",
    "rounds/minutes",
    "--json"
  );
  const {control, units, srm, effects} = JSON.parse(out);
  expect([code, control, units, srm.pvalue]).toEqual([0, "a", {a: 3, b: 3}, 1]);
  expect(Object.keys(effects[0])).toEqual([
    "metric",
    "type",
    "variant",
    "n_control",
    "n",
    "control",
    "treatment",
    "difference",
    "lift",
    "pvalue",
    "verdict"
  ]);
  expect(
    effects.map((d: {metric: string; type: string; control: number; treatment: number}) => [
      d.metric,
      d.type,
      d.control,
      d.treatment
    ])
  ).toEqual([
    ["rounds", "mean", 4, 7],
    ["rounds/minutes", "ratio", expect.closeTo(12 / 19, 12), expect.closeTo(21 / 24, 12)]
  ]);
});

test("analyze prints an aligned table: every line of it has its columns at the same place", async () => {
  const {code, out} = await analyze("--mean", "rounds", "--proportion", "back");
  const lines = out.split("\n").filter((line) => /^(metric|rounds|back) {2}/.test(line));
  expect([code, new Set(lines.map((line) => line.search(/(variant|b ) /))).size, lines.length]).toEqual([
    0, 1, 3
  ]);
});

test("a bad question ends with exit code 2, the reason and a way out, never a stack", async () => {
  for (const options of [
    ["--mean", "round"],
    ["--mean", "rounds", "--confidence", "95"],
    ["--proportion", "rounds"],
    ["--frobnicate"],
    []
  ]) {
    const {code, err} = await analyze(...options);
    expect([code, err]).toEqual([2, expect.stringMatching(/^error: .+\n.+/)]);
    expect(err).not.toMatch(/\n\s+at /);
  }
});

test("an unknown command and a missing option are refused with exit code 2", async () => {
  expect([(await run("frobnicate")).code, (await run("analyze", "x.csv", "--mean", "y")).code]).toEqual([
    2, 2
  ]);
});

test("help names every command and ends with 0, and the README shows every one of them", async () => {
  const {code, out} = await run("--help");
  const commands = [...out.matchAll(/^ {2}(\w+) .*$/gm)]
    .map((match) => match[1])
    .filter((name) => !["help", "start"].includes(name));
  const guides = await readFile("README.md", "utf8");
  expect([code, commands.filter((name) => !guides.includes(`expanto ${name}`))]).toEqual([0, []]);
});

test("validate lists every problem at its file, line and column and ends with 2; a sound registry ends with 0", async () => {
  await mkdir(join(folder, "broken"));
  await writeFile(
    join(folder, "broken", "a.yaml"),
    "metric_group_name: A\nmetrics:\n  - {alias: Bad, type: average, display_name: A, formula: {numerator: {alias: n, sql: COUNT(1}}}\n"
  );
  const bad = await run("validate", "--metrics", join(folder, "broken"), "--queries", resolve("queries"));
  const good = await run("validate", "--metrics", resolve("metrics"), "--queries", resolve("queries"));
  expect([bad.code, good.code, good.out]).toEqual([2, 0, expect.stringContaining("sound")]);
  expect(bad.out.split("\n").map((line) => line.match(/a\.yaml:3:\d+ {2}/) !== null)).not.toContain(false);
});

test("validate reads the templates of pieces too, each mistake at its place", async () => {
  await cp(resolve("queries"), join(folder, "queries"), {recursive: true});
  const measures = join(folder, "queries", "events", "measures.sql");
  const text = await readFile(measures, "utf8");
  await writeFile(measures, text.replace("{%- for kind in kinds %}", "{%- for kind in kindz %}"));
  const {code, out} = await run(
    "validate",
    "--metrics",
    resolve("metrics"),
    "--queries",
    join(folder, "queries")
  );
  expect([code, out]).toEqual([
    2,
    expect.stringMatching(
      /measures\.sql:9:\d+ {2}scenario duckdb: undefined variable: kindz; did you mean kinds\?/
    )
  ]);
});

test("compute answers every case, and one bad case does not stop the others", async () => {
  const welch = {
    mean_1: 1,
    var_1: 4,
    n_1: 8,
    mean_2: 2,
    var_2: 4,
    n_2: 8,
    alpha: 0.05,
    alternative: "greater"
  };
  const cases = [
    {id: "a", family: "welch", input: welch},
    {id: "b", family: "welsh", input: {}},
    {id: "c"},
    {id: "e", family: "welch", input: {mean_1: 1, var_1: 1, n_1: 9, mean_2: 2, var_2: 1, n_2: 9}},
    {id: "d", family: "srm", input: {observed: [50, 50], weights: [1, 1]}}
  ];
  const {code, out} = await run({input: JSON.stringify(cases)}, "compute");
  const [a, b, c, e, d] = JSON.parse(out);
  expect([
    code,
    a.id,
    a.output.diff_abs,
    a.output.statistic,
    Object.values(a.output).includes("Infinity")
  ]).toEqual([0, "a", 1, 1, true]);
  expect(e.output).toEqual({reason: "the input lacks alpha and alternative"});
  expect([b.output, c.output, d.output.p ?? d.output.p_value]).toEqual([
    {reason: expect.stringContaining("unknown family: welsh")},
    {reason: "the case names no family"},
    1
  ]);
  expect((await run({input: "{"}, "compute")).code).toBe(2);
});

test("apply shows the difference, applies it once, and export writes the file that applies with no change", async () => {
  await workspace();
  await writeFile(
    join(folder, "checkout.yaml"),
    "experiment: {name: Checkout, variants: [{name: a, control: true}, {name: b}]}\nobservations: [{name: Main, split_id: user_id}]\n"
  );
  const first = await run("apply", join(folder, "checkout.yaml"));
  const again = await run("apply", join(folder, "checkout.yaml"));
  const exported = await run("export", "Checkout");
  await writeFile(join(folder, "exported.yaml"), exported.out);
  const round = await run("apply", join(folder, "exported.yaml"));
  expect([first.code, again.code, exported.code, round.code]).toEqual([0, 0, 0, 0]);
  expect([first.out.endsWith("applied"), again.out.includes("applied"), round.out]).toEqual([
    true,
    false,
    again.out
  ]);
});

test("apply refuses what could never be calculated, all at once, and changes nothing", async () => {
  await workspace();
  await writeFile(
    join(folder, "wrong.yaml"),
    `experiment: {name: Wrong, key_metrics: [purchase_conversio]}
observations:
  - {name: Tag, split_id: user_id, metric_tags: [nope]}
  - {name: Scenario, split_id: user_id, calculation_scenario: duckbd}
  - {name: Filter, split_id: user_id, filters: ["1=1) or (1=1"]}
  - {name: Unit, split_id: "user_id; drop"}
`
  );
  const {code, err} = await run("apply", join(folder, "wrong.yaml"));
  expect([code, (await run("calculate")).out]).toEqual([2, expect.stringContaining("No observation yet")]);
  for (const said of [
    "unknown metric: purchase_conversio; did you mean purchase_conversion?",
    "observation “Tag”: unknown metric tag: nope",
    "observation “Scenario”: unknown scenario: duckbd; did you mean duckdb?",
    "observation “Filter”: a filter may not hold more than a condition",
    "observation “Unit”: not a valid split_id"
  ]) {
    expect(err).toContain(said);
  }
});

test("calculate without a name lists the observations, and an unknown one names the nearest", async () => {
  await workspace();
  await writeFile(
    join(folder, "checkout.yaml"),
    "experiment: {name: Checkout}\nobservations: [{name: Main, split_id: user_id}]\n"
  );
  await run("apply", join(folder, "checkout.yaml"));
  const [list, unknown] = [await run("calculate"), await run("calculate", "Checkout/Mian")];
  expect([list.code, list.out.includes("Checkout/Main"), unknown]).toEqual([
    0,
    true,
    {code: 2, out: "", err: "error: there is no observation Checkout/Mian\n  did you mean Checkout/Main?"}
  ]);
});

async function workspace() {
  const config = `folders: {metrics: ${resolve("metrics")}, queries: ${resolve("queries")}}\n`;
  await writeFile(join(folder, "expanto.config.yaml"), config);
}

async function run(...given: (string | {input: string})[]) {
  const args = given.filter((d) => typeof d === "string");
  const input = given.flatMap((d) => (typeof d === "string" ? [] : [d.input])).join("");
  const [out, err]: [string[], string[]] = [[], []];
  const io = {
    input: async () => input,
    out: (text: string) => void out.push(text),
    err: (text: string) => void err.push(text),
    now: () => "2026-03-01T00:00:00.000Z",
    folder
  };
  const code = await main(args, {start: async () => {}, publish: async () => [], io});
  return {code, out: out.join("\n"), err: err.join("\n")};
}
