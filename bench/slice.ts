// Measures how long the server takes to answer from what came home: `npx tsx bench/slice.ts [UNITS] [EVENTS]`.

import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {calculate} from "../lib/calculate.js";
import {sliceQuestion, sliceUnits} from "../lib/slice.js";
import {cellsIn, momentsIn, type Cells} from "../lib/stats/cells.js";
import {cellsOf, closeStore, saveExperiment, saveObservation} from "../lib/store.js";
import {openWorkspace} from "../lib/workspace.js";
import {metricSet, observation, worldFile} from "./warehouse/world.js";

const [units = 1_000_000, events = 10_000_000] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), "expanto-bench-slice-"));
writeFileSync(
  join(folder, "expanto.config.yaml"),
  `folders: {metrics: ${resolve("metrics")}, queries: ${resolve("queries")}, data: data}\nwarehouse: {type: duckdb, path: ${await worldFile(units, events)}, memory_limit: 8GB}\n`
);
const opened = await openWorkspace(folder);
const workspace = {...opened, registry: {...opened.registry, metrics: metricSet(50)}};
const {store} = workspace;
const experiment = {
  name: "checkout",
  status: "completed" as const,
  keyMetrics: [],
  guardrails: [],
  variants: [],
  description: null,
  hypotheses: null,
  design: null,
  conclusion: null,
  owner: null,
  start: null,
  end: null
};
const experimentId = saveExperiment(store, experiment);
const asked = {...observation, experimentId, dimensions: ["country", "os"]};
const whole = await timed(() => calculate(workspace, saveObservation(store, {...asked, dimensions: []})));
const id = saveObservation(store, asked);
const crossed = await timed(() => calculate(workspace, id));
if (crossed.result.status !== "completed") throw new Error(crossed.result.error ?? "");
const cells = cellsOf(store, crossed.result.id)!;
console.log(`${units.toLocaleString("en")} units × ${events.toLocaleString("en")} events, 50 metrics`);
console.log(
  `calculation without dimensions ${whole.ms.toFixed(0)} ms, with ${cells.units.length} cells ${crossed.ms.toFixed(0)} ms`
);

const countries = cells.keys[0].values;
report(
  "stored cells, one slice of all metrics",
  times(200, (i) => sliced(cells, countries[i % countries.length]))
);
const slow: number[] = [];
for (let i = 0; i < 40; i++) {
  const where = `country = '${countries[i % countries.length]}' and os <> 'web'`;
  slow.push((await timed(() => sliceUnits(workspace, id, sliceQuestion.parse({where})))).ms);
}
report("cached units, any condition, all metrics", slow);
const few: number[] = [];
for (let i = 0; i < 40; i++) {
  const where = `country = '${countries[i % countries.length]}' or os = 'ios'`;
  const question = sliceQuestion.parse({where, metrics: ["metric_0", "metric_1", "metric_4"]});
  few.push((await timed(() => sliceUnits(workspace, id, question))).ms);
}
report("cached units, any condition, three metrics", few);
closeStore(store);
rmSync(folder, {recursive: true});

function sliced(cells: Cells, country: string) {
  const chosen = cellsIn(cells, {country: [country]});
  return cells.metrics.map((metric) => momentsIn(cells, metric, chosen));
}

function times(n: number, work: (i: number) => unknown): number[] {
  return Array.from({length: n}, (_, i) => {
    const start = performance.now();
    work(i);
    return performance.now() - start;
  });
}

async function timed<T>(work: () => Promise<T>): Promise<{result: T; ms: number}> {
  const start = performance.now();
  const result = await work();
  return {result, ms: performance.now() - start};
}

function report(name: string, values: number[]) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)].toFixed(1).padStart(8);
  console.log(`${name.padEnd(46)} median ${at(0.5)}  p95 ${at(0.95)} ms`);
}
