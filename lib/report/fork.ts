// A published report as a notebook again: its moments and settings in a workspace of their own, to be edited and published anew.

import {createHash} from "node:crypto";
import {mkdir, readdir, readFile, writeFile} from "node:fs/promises";
import {existsSync} from "node:fs";
import {basename, join, resolve} from "node:path";
import {fileURLToPath} from "node:url";
import {stringify} from "yaml";
import {precomputeFrom} from "../aggregate/moments.js";
import {command} from "../command.js";
import {UserError} from "../errors.js";
import {writtenObservation} from "../experiment-file.js";
import type {Origin, ReportBundle} from "../report-types.js";
import {canonical} from "../stats/canonical.js";
import {rowsByDay} from "../stats/days.js";
import {
  closeStore,
  completeJob,
  createJob,
  listExperiments,
  packOf,
  recordEvent,
  saveExperiment,
  saveObservation,
  savePlan
} from "../store.js";
import type {JobInputs, Revision} from "../types.js";
import {openWorkspace, type Workspace} from "../workspace.js";
import {dataIn} from "./page.js";

/** A report as it was read, and whether it still is what was published. */
export type ReadReport = {bundle: ReportBundle; isWhole: boolean; file: string};

/** Returns the report of a file, or of a folder that holds one; throws a UserError where there is none, or which it is must be said. */
export async function readReport(path: string): Promise<ReadReport> {
  const file = path.endsWith(".html") ? path : await onlyReportIn(path);
  const text = await readFile(file, "utf8").catch((error: Error) => {
    throw new UserError(`${file} cannot be read: ${error.message}`, "name a report, or the folder it is in");
  });
  const bundle = dataIn(text, "report") as ReportBundle | null;
  if (!bundle) throw new UserError(`${file} carries no report`, `${command} report makes one`);
  const {hash, ...content} = bundle;
  return {bundle, isWhole: createHash("sha256").update(canonical(content)).digest("hex") === hash, file};
}

async function onlyReportIn(folder: string): Promise<string> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const pages = names.filter((name) => name.endsWith(".html") && name !== "index.html").sort();
  if (pages.length === 1) return join(folder, pages[0]);
  throw new UserError(
    `${folder} holds ${pages.length ? `${pages.length} reports` : "no report"}`,
    pages.length ? `name one of them, such as ${join(folder, pages[0])}` : `${command} report makes one`
  );
}

/** Returns the folder of a workspace that holds a report's experiment; link is where its pages say it came from. */
export async function forkReport(
  {bundle, file}: ReadReport,
  {folder, link = `./${basename(file)}`}: {folder: string; link?: string}
): Promise<string> {
  if (existsSync(join(folder, "expanto.config.yaml")))
    throw new UserError(
      `${folder} is a workspace already`,
      `run ${command} start in it, or name another folder with --folder`
    );
  await writeWorkspace(bundle, folder);
  const workspace = await openWorkspace(folder);
  try {
    const {hash, view} = bundle;
    if (!listExperiments(workspace.store).length)
      await keepReport(workspace, bundle, {name: view.experiment.name, hash, link});
  } finally {
    closeStore(workspace.store);
  }
  return folder;
}

const queries = fileURLToPath(new URL("../../queries", import.meta.url));

async function writeWorkspace({view, definitions, guard}: ReportBundle, folder: string): Promise<void> {
  for (const name of ["metrics", "tables"]) await mkdir(join(folder, name), {recursive: true});
  const {confidence, power, srmThreshold, sequentialUnits} = view.defaults;
  const config = {
    folders: {queries: resolve(queries)},
    warehouse: {type: "duckdb", path: "tables"},
    statistics: {
      confidence,
      power,
      srm_threshold: srmThreshold,
      sequential_units: sequentialUnits
    },
    reports: {minimum_units: guard.minimum}
  };
  await writeFile(join(folder, "expanto.config.yaml"), stringify(config));
  // Numbered: what a report calls its metrics is not taken for the name of a file.
  for (const [i, {yaml}] of definitions.entries())
    await writeFile(join(folder, "metrics", `${i + 1}.yaml`), yaml);
}

async function keepReport({store, registry}: Workspace, bundle: ReportBundle, origin: Origin): Promise<void> {
  const {view, days, cells, madeBy} = bundle;
  const job = view.job!;
  const now = job.createdAt;
  const experimentId = saveExperiment(store, view.experiment, {now});
  for (const event of view.events) recordEvent(store, experimentId, event);
  if (view.plan) savePlan(store, experimentId, view.plan);
  const observationId = saveObservation(store, {...view.observation, experimentId}, {now});
  const id = createJob(store, {observationId, query: job.query, status: "running", now});
  const precomputes = view.metrics.flatMap(({metric, arms}) =>
    arms.flatMap(({variant, moments}) =>
      moments ? [precomputeFrom({variant, metric: registry.byAlias.get(metric.alias)!, ...moments})] : []
    )
  );
  completeJob(store, id, {
    precomputes,
    exposures: view.exposures,
    series: days ? rowsByDay(days) : [],
    cells: await packOf(cells),
    inputs: await packOf(inputsOf(bundle, registry)),
    facts: {...job.facts, ...(madeBy && {madeBy}), origin},
    now
  });
}

function inputsOf({view, definitions}: ReportBundle, {byAlias}: Workspace["registry"]): JobInputs {
  const revisions = definitions.flatMap(({alias, source, commit}): [string, Revision][] =>
    source ? [[alias, {source, commit}]] : []
  );
  return {
    observation: writtenObservation(view.observation),
    metrics: definitions
      .map(({alias}) => byAlias.get(alias)!)
      .map(({source: _, ...definition}) => definition),
    revisions: Object.fromEntries(revisions)
  };
}
