import {cp, mkdir, mkdtemp, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {calculate} from "../../lib/calculate.js";
import {demoExperiments} from "../../lib/demo/experiments.js";
import {makeDemo} from "../../lib/demo/make.js";
import {applyExperimentFile, parseExperiment} from "../../lib/experiment-file.js";
import {
  closeStore,
  latestCompletedJob,
  listExperiments,
  observationsOf,
  precomputesOf,
  type Store
} from "../../lib/store.js";
import {openWorkspace} from "../../lib/workspace.js";
import {buildSite} from "../../server/site.js";

/** A small demo in a folder of its own, with what every observation comes to where nothing disturbs it. */
export type Tortured = {folder: string; data: string; experiments: number[]; results: Map<number, string>};

const today = "2026-03-01";

/** Returns a workspace that is ready to be served: data made, experiments applied, pages built, all calculated once. */
export async function torturedWorkspace({
  scale = 0.02,
  data: named,
  more = ""
}: {scale?: number; data?: string; more?: string} = {}): Promise<Tortured> {
  const folder = await mkdtemp(join(tmpdir(), "expanto-torture-"));
  const data = named ?? join(folder, "data");
  const queries = resolve("queries");
  await writeFile(
    join(folder, "expanto.config.yaml"),
    `folders: {metrics: ${resolve("metrics")}, queries: ${queries}, data: ${data}}\nwarehouse: {path: demo, memory_limit: 500MB}\n${more}`
  );
  await makeDemo(join(folder, "demo"), {scale, today});
  await sharedSite(join(data, "site"));
  const workspace = await openWorkspace(folder);
  const {store} = workspace;
  for (const file of demoExperiments(today)) applyExperimentFile(store, parseExperiment(file), {});
  const experiments = listExperiments(store).map(({id}) => id);
  const observations = experiments.flatMap((id) => observationsOf(store, id).map((each) => each.id));
  for (const id of observations) await calculate(workspace, id);
  const results = new Map(observations.map((id) => [id, numbersOf(store, id)]));
  closeStore(store);
  return {folder, data, experiments, results};
}

/** Returns the numbers of an observation's last completed job as JSON. */
export function numbersOf(store: Store, observation: number): string {
  const job = latestCompletedJob(store, observation);
  if (!job) return "none";
  return JSON.stringify(precomputesOf(store, job.id).map(({jobId: _, ...row}) => row));
}

/** Returns whether two texts say the same with the same numbers; units are added in any order, so the last digits may differ. */
export function isSame(a: string, b: string): boolean {
  const number = /-?\d+(\.\d+)?(e[+-]?\d+)?/g;
  const [ours, theirs] = [a, b].map((text) => (text.match(number) ?? []).map(Number));
  const isNear = (x: number, i: number) => Math.abs(x - theirs[i]) <= 1e-9 * Math.abs(x) + 1e-12;
  return a.replace(number, "#") === b.replace(number, "#") && ours.every(isNear);
}

// Built once for the machine; a built site knows by itself whether its sources have changed.
async function sharedSite(site: string) {
  const shared = join(tmpdir(), "expanto-torture-site");
  await buildSite({root: resolve("."), out: shared});
  await mkdir(site, {recursive: true});
  await cp(shared, site, {recursive: true});
}
