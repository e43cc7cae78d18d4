import {mkdir, mkdtemp, rm, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterEach, beforeEach, expect, test} from "vitest";
import {auditUnits, type AuditInput} from "../../lib/audit.js";
import {unitsOfFile} from "../../lib/audit/file.js";
import {unitsOfObservation} from "../../lib/audit/observation.js";
import {randomBelow} from "../../lib/audit/random.js";
import {shuffleOf} from "../../lib/audit/shuffle.js";
import {armMoments, centred, type AuditMetric} from "../../lib/audit/sums.js";
import {calculate} from "../../lib/calculate.js";
import {audit, type AuditOptions} from "../../lib/cli/audit.js";
import {applyExperimentFile, parseExperiment} from "../../lib/experiment-file.js";
import {compare} from "../../lib/stats/compare.js";
import {normalQuantile} from "../../lib/stats/normal.js";
import {momentsOf} from "../../lib/stats/moments.js";
import {closeStore, listExperiments, observationsOf} from "../../lib/store.js";
import {openWorkspace, type Workspace} from "../../lib/workspace.js";

const uniforms = (n: number, seed: number) => {
  const below = randomBelow(seed);
  return Float64Array.from({length: n}, () => (below(2 ** 32) + 0.5) / 2 ** 32);
};
const armsOf = (sizes: Record<string, number>) =>
  Object.entries(sizes).flatMap(([variant, n]) => Array.from({length: n}, () => variant));
const mean = (name: string, values: Iterable<number>): AuditMetric => ({
  name,
  type: "mean",
  columns: [Float64Array.from(values)]
});

test("a sound metric's p-values are even and its test rejects about as often as it says", async () => {
  const metrics: AuditMetric[] = [
    mean("minutes", uniforms(600, 1)),
    {name: "bought", type: "proportion", columns: [uniforms(600, 2).map((u) => (u < 0.4 ? 1 : 0))]},
    {name: "basket", type: "ratio", columns: [uniforms(600, 3), uniforms(600, 4).map((u) => 1 + u)]}
  ];
  const results = await auditUnits({variants: armsOf({A: 250, B: 350}), control: "A", metrics}, {seed: 11});
  expect(results.map(({metric, kind, tested}) => [metric, kind, tested])).toEqual([
    ["minutes", "sound", 2000],
    ["bought", "sound", 2000],
    ["basket", "sound", 2000]
  ]);
  expect(results[0].uniformity!.pvalue).toBeGreaterThan(0.001);
  expect(results[0].sentence).toMatch(
    /^the 5% test rejects [\d.]+% of 2,000 shuffles \(band 3.5% to 6.7%\): it can be trusted on this metric$/
  );
});

test("a metric that one unit carries is caught: its test never rejects", async () => {
  const values = Float64Array.from({length: 400}, (_, i) => (i === 7 ? 1e6 : i % 3));
  const [result] = await auditUnits(
    {variants: armsOf({A: 200, B: 200}), control: "A", metrics: [mean("spend", values)]},
    {seed: 1}
  );
  expect([result.kind, result.rate, result.largestShare!.toFixed(2)]).toEqual(["too-few", 0, "1.00"]);
  expect(result.uniformity!.pvalue).toBeLessThan(1e-100);
  expect(result.sentence).toBe(
    "the 5% test rejects 0% of 2,000 shuffles, outside the band 3.5% to 6.7%: p-values are too large here, so it misses effects that are there; one unit carries 99.7% of the variance"
  );
});

test("a small arm of a heavy-tailed metric is caught: its test rejects far too often", async () => {
  const values = uniforms(500, 5).map((u) => Math.exp(1.5 * normalQuantile(u)));
  const [result] = await auditUnits(
    {variants: armsOf({A: 6, B: 494}), control: "B", metrics: [mean("spend", values)]},
    {seed: 1}
  );
  expect([result.kind, result.rate! > 0.1]).toEqual(["too-many", true]);
  expect(result.sentence).toContain("p-values are too small here, so it finds effects that are not there");
});

test("the seed decides the shuffles: the same gives the same result, another gives another", async () => {
  const input = {
    variants: armsOf({A: 40, B: 60}),
    control: "A",
    metrics: [mean("minutes", uniforms(100, 1))]
  };
  const run = (seed: number) => auditUnits(input, {permutations: 200, seed});
  const [first, again, other] = [await run(3), await run(3), await run(4)];
  expect(again).toEqual(first);
  expect(other[0].histogram).not.toEqual(first[0].histogram);
});

test("before any shuffle and after it, the moments are those of the rows in each arm", () => {
  const variants = armsOf({A: 30, B: 50, C: 20});
  const x = uniforms(100, 1).map((u) => 1e6 + u);
  x[4] = NaN;
  x[60] = 1e9;
  const y = uniforms(100, 2).map((u) => 3 + u);
  y[95] = NaN;
  const metric: AuditMetric = {name: "ratio", type: "ratio", columns: [x, y]};
  const shuffle = shuffleOf(variants, 5);
  const real = momentsOf(
    rowsOf(
      [x, y],
      variants.flatMap((d, i) => (d === "B" ? [i] : []))
    )
  );
  expectClose(armMoments(centred(metric), shuffle)[2], real);
  for (let i = 0; i < 20; i++) {
    shuffle.next();
    const moments = armMoments(centred(metric), shuffle);
    shuffle.arms.forEach(({from, to}, k) =>
      expectClose(moments[k], momentsOf(rowsOf([x, y], [...shuffle.index.subarray(from, to)])))
    );
  }
});

function rowsOf(columns: Float64Array[], units: number[]): number[][] {
  return units
    .map((unit) => columns.map((column) => column[unit]))
    .filter((row) => row.every((value) => !Number.isNaN(value)));
}

function expectClose(actual: ReturnType<typeof momentsOf>, rows: ReturnType<typeof momentsOf>) {
  expect(actual.n).toBe(rows.n);
  const pairs = [actual, rows].map(({means, covariance}) => [...means, ...covariance.flat()]);
  const scale = [
    ...rows.means.map(Math.abs),
    ...rows.covariance.flat().map((_, i) => covarianceScale(rows, i))
  ];
  pairs[0].forEach((value, i) => expect(Math.abs(value - pairs[1][i]) / scale[i]).toBeLessThan(1e-9));
}

const covarianceScale = ({covariance}: ReturnType<typeof momentsOf>, i: number) =>
  Math.sqrt(covariance[i >> 1][i >> 1] * covariance[i & 1][i & 1]);

test("the p of a shuffle is that of compare() on its rows", async () => {
  const variants = armsOf({A: 40, B: 60});
  const values = uniforms(100, 8).map((u, i) => (i === 3 ? NaN : -Math.log(u)));
  const [result] = await auditUnits(
    {variants, control: "A", metrics: [mean("minutes", values)]},
    {permutations: 1, seed: 21, confidence: 0.5}
  );
  const shuffle = shuffleOf(variants, 21);
  const moments = () =>
    shuffle.arms.map(({from, to}) => momentsOf(rowsOf([values], [...shuffle.index.subarray(from, to)])));
  const observed = compare("mean", moments()[0], moments()[1]).difference.pvalue!;
  shuffle.next();
  const shuffled = compare("mean", moments()[0], moments()[1]).difference.pvalue!;
  expect(result.observed!.pvalue).toBeCloseTo(observed, 12);
  expect([result.n, result.rejections, result.histogram.indexOf(1)]).toEqual([
    {control: 39, treatment: 60},
    shuffled < 0.5 ? 1 : 0,
    Math.floor(shuffled * 20)
  ]);
});

test("one far unit in one arm leaves the other arm's variance exact", () => {
  const values = Float64Array.from({length: 20}, (_, i) => (i === 0 ? 1e15 : i % 2));
  const moments = armMoments(centred(mean("spend", values)), shuffleOf(armsOf({A: 9, B: 11}), 1));
  expect(moments[1]).toEqual(momentsOf([...values.subarray(9)].map((value) => [value])));
});

test("with several variants each treatment is audited against the control", async () => {
  const results = await auditUnits(
    {
      variants: armsOf({B: 50, A: 70, C: 30}),
      control: "A",
      metrics: [mean("x", uniforms(150, 1)), mean("y", uniforms(150, 2))]
    },
    {permutations: 100}
  );
  expect(results.map(({metric, variant, n}) => [metric, variant, n])).toEqual([
    ["x", "B", {control: 70, treatment: 50}],
    ["x", "C", {control: 70, treatment: 30}],
    ["y", "B", {control: 70, treatment: 50}],
    ["y", "C", {control: 70, treatment: 30}]
  ]);
});

test("a metric without noise is untested, and says why", async () => {
  const [result] = await auditUnits(
    {variants: armsOf({A: 5, B: 5}), control: "A", metrics: [mean("one", Array(10).fill(1))]},
    {permutations: 100}
  );
  expect([result.kind, result.rate, result.band, result.observed, result.sentence]).toEqual([
    "untested",
    null,
    null,
    null,
    "it cannot be tested: every unit has the same value in both variants"
  ]);
});

test("an aborted signal ends the audit with its reason", async () => {
  const input: AuditInput = {
    variants: armsOf({A: 5, B: 5}),
    control: "A",
    metrics: [mean("x", uniforms(10, 1))]
  };
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(auditUnits(input, {signal})).rejects.toThrow("enough");
});

test("an unknown control and a single variant are refused", async () => {
  const input = {variants: armsOf({A: 2, B: 2}), metrics: []};
  await expect(auditUnits({...input, control: "C"})).rejects.toThrow("no unit is in the control C");
  await expect(auditUnits({variants: armsOf({A: 4}), control: "A", metrics: []})).rejects.toThrow(
    "every unit is in A"
  );
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "expanto-audit-"));
});
afterEach(() => rm(folder, {recursive: true}));

async function run(target: string, options: Partial<AuditOptions>): Promise<string> {
  const lines: string[] = [];
  const io = {
    out: (text: string) => void lines.push(text),
    err: () => {},
    input: async () => "",
    now: () => "2025-11-01T00:00:00.000Z",
    folder
  };
  await audit(
    target,
    {mean: [], proportion: [], ratio: [], metric: [], permutations: 100, seed: 1, ...options},
    io
  );
  return lines.join("\n");
}

const games = ["user,variant,rounds,back"].concat(
  Array.from(
    {length: 40},
    (_, i) =>
      `${String(i).padStart(2, "0")},${i % 2 ? "B" : "A"},${i === 5 ? "" : i},${i % 3 ? "TRUE" : "FALSE"}`
  )
);
const asked = {unit: "user", variant: "variant", control: "A"};

test("a file's units are read with its missing values, in the order of their ids", async () => {
  await writeFile(join(folder, "games.csv"), [games[0], ...games.slice(1).toReversed()].join("\n"));
  const {variants, units, metrics, refused} = await unitsOfFile({
    file: join(folder, "games.csv"),
    ...asked,
    means: ["rounds"],
    proportions: ["back"],
    ratios: [],
    lowerIsBetter: [],
    confidence: 0.95
  });
  expect([variants.slice(0, 3), units, refused]).toEqual([["A", "B", "A"], {A: 20, B: 20}, {}]);
  expect(metrics.map(({name, columns}) => [name, [...columns[0].subarray(0, 7)]])).toEqual([
    ["rounds", [0, 1, 2, 3, 4, NaN, 6]],
    ["back", [0, 1, 1, 0, 1, 1, 0]]
  ]);
});

test("audit prints the seed, a line and a sentence for each metric", async () => {
  await writeFile(join(folder, "games.csv"), games.join("\n"));
  const text = await run("games.csv", {...asked, mean: ["rounds"], proportion: ["back"]});
  expect(text).toContain("Units: A 20 (control), B 20");
  expect(text).toContain("Shuffles: 100 of seed 1;");
  expect(text).toMatch(/^rounds: the 5% test rejects \d+% of 100 shuffles \(band 0% to 13%\): it can/m);
  expect(text).toMatch(/^back: the 5% test rejects/m);
});

test("audit --json prints the documented shape", async () => {
  await writeFile(join(folder, "games.csv"), games.join("\n"));
  const json = JSON.parse(await run("games.csv", {...asked, mean: ["rounds"], json: true, seed: 5}));
  expect([json.target, json.control, json.units, json.permutations, json.seed, json.confidence]).toEqual([
    "games.csv",
    "A",
    {A: 20, B: 20},
    100,
    5,
    0.95
  ]);
  expect([json.refused, json.left_out, Object.keys(json.audits[0])]).toEqual([
    {},
    {crossovers: 0},
    [
      "metric",
      "type",
      "variant",
      "n_control",
      "n",
      "finding",
      "alpha",
      "tested",
      "rejections",
      "rate",
      "band",
      "inside",
      "histogram",
      "uniformity",
      "pvalue",
      "permutation_pvalue",
      "largest_unit_share",
      "sentence"
    ]
  ]);
});

test("options that do not fit the target are refused with what to do", async () => {
  await writeFile(join(folder, "games.csv"), games.join("\n"));
  await expect(run("games.csv", {control: "A", mean: ["rounds"]})).rejects.toThrow("--variant is missing");
  await expect(run("games.csv", {...asked, metric: ["x"]})).rejects.toThrow("--metric is for an observation");
  await expect(run("7", {mean: ["rounds"]})).rejects.toThrow("7 is no file");
  await expect(run("games.csv", {...asked, permutations: 10})).rejects.toThrow("--permutations");
});

async function workspaceWithJob({isCalculated = true} = {}): Promise<Workspace> {
  for (const name of ["metrics", "tables"]) await mkdir(join(folder, name));
  await writeFile(
    join(folder, "expanto.config.yaml"),
    `folders: {metrics: metrics, queries: ${resolve("queries")}, data: data}\nwarehouse: {type: duckdb, path: tables}\n`
  );
  await writeFile(join(folder, "metrics", "orders.yaml"), ordersMetrics);
  await writeFile(join(folder, "tables", "assignments.csv"), assignments);
  await writeFile(join(folder, "tables", "events.csv"), events);
  const workspace = await openWorkspace(folder);
  applyExperimentFile(workspace.store, parseExperiment(checkout), {now: "2025-11-01T00:00:00.000Z"});
  if (isCalculated) await calculate(workspace, observationId(workspace));
  return workspace;
}

const observationId = ({store}: Workspace) => observationsOf(store, listExperiments(store)[0].id)[0].id;

const ordersMetrics = `metric_group_name: Orders
metrics:
  - {alias: revenue, type: avg, display_name: Revenue, goal: increase, formula: {numerator: {alias: revenue_sum, sql: "SUM(CASE WHEN event_name = 'purchase' THEN event_value ELSE 0 END)"}}}
  - {alias: basket, type: ratio, display_name: Basket, formula: {numerator: {alias: revenue_sum, sql: "SUM(CASE WHEN event_name = 'purchase' THEN event_value ELSE 0 END)"}, denominator: {alias: orders_cnt, sql: "COUNT(CASE WHEN event_name = 'purchase' THEN 1 END)"}}}
`;
// u5 is in both variants, u6 in one that nobody declared, u2 does nothing.
const assignments = `experiment_name,user_id,group_name,assigned_at
checkout,u1,A,2025-10-01 10:00:00
checkout,u2,A,2025-10-01 11:00:00
checkout,u3,B,2025-10-01 10:00:00
checkout,u4,B,2025-10-02 10:00:00
checkout,u5,A,2025-10-02 10:00:00
checkout,u5,B,2025-10-03 10:00:00
checkout,u6,C,2025-10-03 10:00:00
`;
const events = `user_id,event_name,event_value,event_timestamp
u1,purchase,10,2025-10-01 12:00:00
u1,purchase,20,2025-10-02 12:00:00
u3,purchase,8,2025-10-01 12:00:00
u4,purchase,6,2025-10-03 09:00:00
u5,purchase,500,2025-10-03 12:00:00
u6,purchase,500,2025-10-03 12:00:00
`;
const checkout = {
  experiment: {
    name: "checkout",
    status: "completed",
    key_metrics: ["revenue"],
    variants: [{name: "A", control: true}, {name: "B"}]
  },
  observations: [
    {
      name: "Main",
      split_id: "user_id",
      calculation_scenario: "duckdb",
      exposure_start_datetime: "2025-10-01",
      exposure_end_datetime: "2025-10-08",
      calc_start_datetime: "2025-10-01",
      calc_end_datetime: "2025-10-15"
    }
  ]
};

test("an observation's units are those of its cached job, without crossovers and undeclared variants", async () => {
  const workspace = await workspaceWithJob();
  try {
    const {control, variants, units, crossovers, metrics} = await unitsOfObservation(
      workspace,
      "checkout/Main",
      {metrics: ["revenue", "basket"]}
    );
    expect({
      control,
      variants,
      units,
      crossovers,
      metrics: metrics.map((d) => [d.name, ...d.columns])
    }).toEqual({
      control: "A",
      variants: ["A", "A", "B", "B"],
      units: {A: 2, B: 2},
      crossovers: 1,
      metrics: [
        ["revenue", Float64Array.of(30, 0, 8, 6)],
        ["basket", Float64Array.of(30, 0, 8, 6), Float64Array.of(2, 0, 1, 1)]
      ]
    });
  } finally {
    closeStore(workspace.store);
  }
});

test("audit of an observation takes its key metrics, by number as by name", async () => {
  const workspace = await workspaceWithJob();
  const id = observationId(workspace);
  closeStore(workspace.store);
  const json = JSON.parse(await run(String(id), {json: true}));
  expect(json.audits.map((d: {metric: string; n: number}) => [d.metric, d.n])).toEqual([["revenue", 2]]);
  expect(JSON.parse(await run("checkout/Main", {json: true})).audits).toEqual(json.audits);
});

test("what cannot be audited in an observation says what to do", async () => {
  const workspace = await workspaceWithJob({isCalculated: false});
  try {
    const ask = (named: string, metrics?: string[]) => unitsOfObservation(workspace, named, {metrics});
    await expect(ask("checkout/Mian")).rejects.toMatchObject({hint: "did you mean checkout/Main?"});
    await expect(ask("checkout/Main", ["revenu"])).rejects.toMatchObject({hint: "did you mean revenue?"});
    await expect(ask("checkout/Main")).rejects.toThrow("has no completed job");
    await calculate(workspace, observationId(workspace));
    await rm(join(folder, "data", "cache"), {recursive: true});
    expect((await ask("checkout/Main")).units).toEqual({A: 2, B: 2});
  } finally {
    closeStore(workspace.store);
  }
});
