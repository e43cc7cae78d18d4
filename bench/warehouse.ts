// Measures a calculation on the embedded DuckDB, in CPU time, against the least it could take and against the
// reference system's query, in one run: `npx tsx bench/warehouse.ts [UNITS] [EVENTS] [--reference]`.

import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {calculatePieces} from "../lib/calculate-pieces.js";
import {piecePlanOf} from "../lib/sql-of.js";
import type {Config} from "../lib/config/types.js";
import type {Metric, Observation} from "../lib/types.js";
import {openEmbedded} from "../lib/warehouse/embedded.js";
import {builtInTemplates} from "../lib/config/schema.js";
import {floor1, raw, referenceQuery} from "./warehouse/reference.js";
import {asFormulas, metricSet, observation, worldFile} from "./warehouse/world.js";

const numbers = process.argv
  .slice(2)
  .filter((text) => /^\d/.test(text))
  .map(Number);
const [units = 1_000_000, events = 10_000_000] = numbers;
const rounds = events > 20_000_000 ? 1 : 3;
const warehouse = {
  type: "duckdb",
  path: await worldFile(units, events),
  memoryLimit: "8GB",
  threads: null
} as const;
const config = {
  warehouse,
  folders: {queries: resolve("queries"), metrics: "", data: ""},
  scenarios: {default: "duckdb", templates: builtInTemplates}
} as unknown as Config;

type Ask = {metrics: Metric[]; followed?: Metric[]; seen?: Observation; cache?: string; memory?: string};

/** One calculation from the events to all moments, as a job does it; its cache is new unless it is given. */
async function calculation({
  metrics,
  followed = [],
  seen = observation,
  cache,
  memory = "8GB"
}: Ask): Promise<number> {
  const folder = cache ?? mkdtempSync(join(tmpdir(), "expanto-bench-cache-"));
  const {engine} = await openEmbedded({...warehouse, memoryLimit: memory}, {writable: [folder]});
  const pieces = (await piecePlanOf(config, seen, {metrics, followed}))!;
  const cpu = await cpuOf(() =>
    calculatePieces(
      {duckdb: engine, cache: folder, options: {}},
      {pieces, source: "", observation: seen, metrics}
    )
  );
  engine.close();
  if (!cache) rmSync(folder, {recursive: true});
  return cpu;
}

async function query(sql: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "expanto-bench-cache-"));
  const {engine} = await openEmbedded(warehouse, {writable: [folder]});
  const cpu = await cpuOf(() => engine.rows(sql));
  engine.close();
  rmSync(folder, {recursive: true});
  return cpu;
}

async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const {user, system} = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** One calculation of a metric after another of 50: of a kind that is kept, or of one that is not. */
async function added(metrics: Metric[]): Promise<number> {
  const cache = mkdtempSync(join(tmpdir(), "expanto-bench-cache-"));
  await calculation({metrics: metricSet(50), cache});
  const cpu = await calculation({metrics, cache});
  rmSync(cache, {recursive: true});
  return cpu;
}

/** The same metrics a day later, on twenty days: only the window of events ends later, or that of exposure too. */
async function dayLater(metrics: Metric[], {isGrowing = false} = {}): Promise<number> {
  const cache = mkdtempSync(join(tmpdir(), "expanto-bench-cache-"));
  const until = (end: string) => ({...observation, calcEnd: end, ...(isGrowing && {exposureEnd: end})});
  await calculation({metrics, seen: until("2025-01-27T00:00:00.000Z"), cache});
  const cpu = await calculation({metrics, seen: until("2025-01-28T00:00:00.000Z"), cache});
  rmSync(cache, {recursive: true});
  return cpu;
}

const kept = metricSet(51)
  .slice(0, 1)
  .map((metric) => ({...metric, alias: "added", type: "mean" as const}));
const rare = metricSet(61).slice(60);
const withTwins = {...observation, preDays: 7};
const cases: Record<string, () => Promise<number>> = {
  "floor1: exposures × events, one sum a user": () => query(floor1),
  "raw: two columns of events": () => query(raw),
  "10 declared metrics": () => calculation({metrics: metricSet(10)}),
  "50 declared metrics": () => calculation({metrics: metricSet(50)}),
  "200 declared metrics": () => calculation({metrics: metricSet(200)}),
  "10 declared metrics, each of them by day": () =>
    calculation({metrics: metricSet(10), followed: metricSet(10)}),
  "50 declared metrics, CUPED": () => calculation({metrics: metricSet(50), seen: withTwins}),
  ...(events > 20_000_000
    ? {
        "200 declared metrics in 2 GB": () => calculation({metrics: metricSet(200), memory: "2GB"}),
        "200 declared metrics in 512 MB": () => calculation({metrics: metricSet(200), memory: "512MB"})
      }
    : {}),
  "50 declared metrics, a day later": () => dayLater(metricSet(50)),
  "200 declared metrics, a day later": () => dayLater(metricSet(200)),
  "200 declared metrics, a day and its units later": () => dayLater(metricSet(200), {isGrowing: true}),
  "50 metrics on 50 kinds of events": () => calculation({metrics: metricSet(50, 50)}),
  "200 metrics on the same 50 kinds": () => calculation({metrics: metricSet(200, 50)}),
  "one more metric, of a kind that is kept": () => added(kept),
  "one more metric, of a new kind (0.4 % of rows)": () => added(rare),
  "10 metrics by formulas": () => calculation({metrics: asFormulas(metricSet(10))}),
  ...(process.argv.includes("--reference")
    ? {
        "reference query, 10 metrics": () => query(referenceQuery(metricSet(10))),
        "reference query, 50 metrics": () => query(referenceQuery(metricSet(50))),
        "reference query, 200 metrics": () => query(referenceQuery(metricSet(200)))
      }
    : {})
};

const times: Record<string, number[]> = {};
for (let round = 0; round <= rounds; round++)
  for (const [name, work] of Object.entries(cases)) {
    if (round === 0 && name.startsWith("reference")) continue;
    const cpu = await work();
    // The first round warms up.
    if (round > 0) (times[name] ??= []).push(cpu);
  }
const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const floor = median(times["floor1: exposures × events, one sum a user"]);
console.log(
  `${units.toLocaleString("en")} units × ${events.toLocaleString("en")} events, medians of ${rounds}`
);
for (const [name, values] of Object.entries(times))
  console.log(
    `${name.padEnd(48)} ${median(values).toFixed(0).padStart(7)} ms CPU ${(median(values) / floor).toFixed(2).padStart(7)} × floor1`
  );
