// Measures what pages ask of the SQLite store with 10,000 experiments and a million precomputes: `npx tsx bench/metadata.ts`.

import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {
  closeStore,
  experimentById,
  exposuresOf,
  jobsOf,
  latestCompletedJob,
  listExperiments,
  newestCompletedJob,
  observationById,
  observationsOf,
  openStore,
  precomputesOf,
  seriesOf
} from "../lib/store.js";
import type {Config} from "../lib/config/types.js";
import type {Metric} from "../lib/types.js";
import {experimentCards} from "../lib/views.js";

const folder = mkdtempSync(join(tmpdir(), "expanto-metadata-"));
const db = await openStore(join(folder, "expanto.db"));
const experiments = 10_000;
const numbers = (n: number) =>
  `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${n})`;
const time = "strftime('%Y-%m-%d %H:%M:%f000', 1700000000 + i * 600, 'unixepoch')";
db.exec(`${numbers(experiments)} insert into experiments (id, name, status, key_metrics, variants, _created_at, _updated_at)
  select i, 'experiment ' || i, iif(i % 3, 'completed', 'running'), '["m0"]', '[{"name": "v0", "allocation": 0.5, "isControl": true}, {"name": "v1", "allocation": 0.5, "isControl": false}]', ${time}, ${time} from n`);
db.exec(`${numbers(2 * experiments)} insert into observations (id, experiment_id, name, db_experiment_name, split_id, calculation_scenario, _created_at, _updated_at)
  select i, 1 + (i - 1) / 2, 'main ' || i, 'e' || i, 'user_id', 'duckdb', ${time}, ${time} from n`);
db.exec(`${numbers(2 * experiments)} insert into calculation_jobs (id, observation_id, query, status, extra, _created_at)
  select i, i, hex(zeroblob(4000)), 'completed', '{}', ${time} from n`);
db.exec(`${numbers(1_000_000)} insert into precomputes (job_id, group_name, metric_name, metric_display_name, metric_type, observation_cnt, metric_value, numerator_var, _created_at)
  select 1 + (i - 1) / 50, 'v' || (i % 2), 'm' || (i % 25), 'Metric', 'avg', 1000, 1.5, 2.5, ${time} from n`);
db.exec("analyze");

const config = {statistics: {confidence: 0.95}} as unknown as Config;
const metrics = Array.from({length: 25}, (_, i) => metricOf(`m${i}`));
const registry = {metrics, byAlias: new Map(metrics.map((metric) => [metric.alias, metric]))};
const workspace = {config, registry, store: db};

const ask: Record<string, (id: number) => unknown> = {
  "all experiments": () => listExperiments(db),
  "one experiment": (id) => experimentById(db, id),
  "an experiment's observations": (id) => observationsOf(db, id),
  "one observation": (id) => observationById(db, id),
  "an observation's jobs": (id) => jobsOf(db, id),
  "its latest completed job": (id) => latestCompletedJob(db, id),
  "a job's moments": (id) => precomputesOf(db, id),
  "a job's exposures": (id) => exposuresOf(db, id),
  "a job's days": (id) => seriesOf(db, id),
  "the newest completed job": () => newestCompletedJob(db),
  "the Experiments page": () => experimentCards(workspace),
  "  the same after a change": (id) => {
    db.prepare("update experiments set owner = 'me' where id = ?").run(id);
    return experimentCards(workspace);
  }
};
for (const [name, question] of Object.entries(ask)) {
  const times: number[] = [];
  const until = performance.now() + 5000;
  for (let i = 0; i < 300 && performance.now() < until; i++) {
    const started = performance.now();
    question(1 + ((i * 7919) % experiments));
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(share * times.length)].toFixed(3).padStart(8);
  console.log(`${name.padEnd(30)} ${at(0.5)} ms median ${at(0.95)} ms p95`);
}
closeStore(db);
rmSync(folder, {recursive: true});

function metricOf(alias: string): Metric {
  const numerator = {alias, sql: "COUNT(*)", missing: "zero"} as const;
  const source = {file: "", line: 1, column: 1};
  const words = {description: null, owner: null, tags: [], goal: null, format: {}};
  return {alias, title: alias, type: "mean", group: "", ...words, numerator, denominator: null, source};
}
