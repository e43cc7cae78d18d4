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
  observationById,
  observationsOf,
  openStore,
  precomputesOf,
  seriesOf
} from "../lib/store.js";

const folder = mkdtempSync(join(tmpdir(), "expanto-metadata-"));
const db = await openStore(join(folder, "expanto.db"));
const experiments = 10_000;
const numbers = (n: number) =>
  `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${n})`;
const time = "strftime('%Y-%m-%d %H:%M:%f000', 1700000000 + i * 600, 'unixepoch')";
db.exec(`${numbers(experiments)} insert into experiments (id, name, status, key_metrics, variants, _created_at, _updated_at)
  select i, 'experiment ' || i, iif(i % 3, 'completed', 'running'), '["a"]', '[]', ${time}, ${time} from n`);
db.exec(`${numbers(2 * experiments)} insert into observations (id, experiment_id, name, db_experiment_name, split_id, calculation_scenario, _created_at, _updated_at)
  select i, 1 + (i - 1) / 2, 'main ' || i, 'e' || i, 'user_id', 'duckdb', ${time}, ${time} from n`);
db.exec(`${numbers(2 * experiments)} insert into calculation_jobs (id, observation_id, query, status, extra, _created_at)
  select i, i, hex(zeroblob(4000)), 'completed', '{}', ${time} from n`);
db.exec(`${numbers(1_000_000)} insert into precomputes (job_id, group_name, metric_name, metric_display_name, metric_type, observation_cnt, metric_value, numerator_var, _created_at)
  select 1 + (i - 1) / 50, 'v' || (i % 2), 'm' || (i % 25), 'Metric', 'avg', 1000, 1.5, 2.5, ${time} from n`);
db.exec("analyze");

const ask: Record<string, (id: number) => unknown> = {
  "all experiments": () => listExperiments(db),
  "one experiment": (id) => experimentById(db, id),
  "an experiment's observations": (id) => observationsOf(db, id),
  "one observation": (id) => observationById(db, id),
  "an observation's jobs": (id) => jobsOf(db, id),
  "its latest completed job": (id) => latestCompletedJob(db, id),
  "a job's moments": (id) => precomputesOf(db, id),
  "a job's exposures": (id) => exposuresOf(db, id),
  "a job's days": (id) => seriesOf(db, id)
};
for (const [name, question] of Object.entries(ask)) {
  const times = Array.from({length: 300}, (_, i) => {
    const started = performance.now();
    question(1 + ((i * 7919) % experiments));
    return performance.now() - started;
  }).toSorted((a, b) => a - b);
  const at = (share: number) => times[Math.floor(share * times.length)].toFixed(3).padStart(8);
  console.log(`${name.padEnd(30)} ${at(0.5)} ms median ${at(0.95)} ms p95`);
}
closeStore(db);
rmSync(folder, {recursive: true});
