import {mkdtemp, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {beforeAll, expect, test} from "vitest";
import {analyzeFile} from "../../lib/analyze.js";
import {columnsOfFile} from "../../lib/analyze/columns.js";
import {fileQuestion, resultsOfFile} from "../../lib/analyze/results.js";
import {compare} from "../../lib/stats/compare.js";
import type {Moments} from "../../lib/stats/types.js";
import {close} from "../fixtures/close.js";

const statistics = {confidence: 0.95, power: 0.8, srmThreshold: 0.001, sequentialUnits: 10_000};
let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "expanto-page-"))));

async function written(lines: string[]): Promise<string> {
  const file = join(folder, "own.csv");
  await writeFile(file, `${lines.join("\n")}\n`);
  return file;
}

const shop = [
  "user_id,day,arm,orders,bought,isNew,note",
  ...Array.from({length: 80}, (_, i) => {
    const arm = i % 2 ? "new" : "control";
    return `u${i},2025-10-0${1 + (i % 3)},${arm},${i % 7},${i % 3 ? 1 : 0},${i % 5 ? "true" : "false"},`;
  })
];

test("columns say what they look like: one unit, one variant, shares and numbers", async () => {
  const {rows, columns} = await columnsOfFile(await written(shop));
  expect([rows, columns.map(({name, looksLike}) => [name, looksLike])]).toEqual([
    80,
    [
      ["user_id", "unit"],
      ["day", null],
      ["arm", "variant"],
      ["orders", "mean"],
      ["bought", "proportion"],
      ["isNew", "proportion"],
      ["note", null]
    ]
  ]);
  expect(columns[2].values).toEqual(["control", "new"]);
});

test("a page's results are what the command line says of the same file", async () => {
  const file = await written([...shop, "u0,2025-10-09,new,3,1,true,"]);
  const asked = {
    variant: "arm",
    control: "control",
    means: ["orders"],
    proportions: ["bought"],
    lowerIsBetter: ["orders"]
  };
  const question = fileQuestion.parse({...asked, unit: "user_id", aggregate: true});
  const {view, left} = await resultsOfFile(file, question, {statistics});
  const told = await analyzeFile({...question, unit: "user_id", file, confidence: 0.95});
  const effects = view.metrics.map(({metric, arms}) => {
    const of = (name: string) => arms.find(({variant}) => variant === name)!.moments as Moments;
    return compare(metric.type, of("control"), of("new"));
  });
  expect(effects).toEqual(close(told.effects.map(({effect}) => effect)));
  expect([left, left.crossovers]).toEqual([told.left, 1]);
  expect(Object.fromEntries(view.exposures.map(({variant, units}) => [variant, units]))).toEqual(told.units);
  expect(view.metrics.map(({metric}) => [metric.role, metric.goal])).toEqual([
    ["primary", "decrease"],
    ["secondary", "increase"]
  ]);
  expect(view.planned.all.map(({allocation}) => allocation)).toEqual([0.5, 0.5]);
});
