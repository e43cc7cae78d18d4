import {isGuarded, refuseOpenDoor, waysIn} from "../lib/access/ways-in.js";
import {usersOf} from "../lib/access/users.js";
import {sweepAside} from "../lib/aside.js";
import {columnsOfFile} from "../lib/analyze/columns.js";
import {resultsOfFile} from "../lib/analyze/results.js";
import {openAssistant} from "../agents/assistant.js";
import {auditUnits} from "../lib/audit.js";
import {loadConfig} from "../lib/config.js";
import {redactor} from "../lib/config/secrets.js";
import {unitsOfObservation} from "../lib/audit/observation.js";
import {planningBaseline} from "../lib/baseline.js";
import {firstSight, needsDemo} from "../lib/demo/first-sight.js";
import {metricDetail, metricEntries, tryMetrics} from "../lib/metric-catalogue.js";
import {sliceUnits} from "../lib/slice.js";
import {
  editedExperiment,
  previewObservation,
  saveEditedExperiment,
  saveEditedObservation
} from "../lib/editing.js";
import {explain, NotFoundError} from "../lib/errors.js";
import {crossUnits, overlapsOf} from "../lib/interactions.js";
import {
  consequencesOf,
  deleteExperiment,
  deleteObservation,
  keepPlan,
  moveExperiment,
  restore
} from "../lib/lifecycle.js";
import {
  closeStore,
  daysToUndo,
  declareVariants,
  deletedThings,
  experimentById,
  failAbandonedJobs,
  jobById,
  observationById,
  packedCellsOf,
  purgeDeleted
} from "../lib/store.js";
import {explained} from "../lib/store/failure.js";
import {lockFolder, type FolderLock} from "../lib/store/lock.js";
import type {Experiment, Job, Variant} from "../lib/types.js";
import type {AuditAnswer, Catalogue, Change} from "../lib/view-types.js";
import {experimentCards, jobView, resultsView} from "../lib/views.js";
import {refreshMetrics, workspaceOf, type Workspace} from "../lib/workspace.js";
import {accessOf} from "./access/access.js";
import {createApp, type By} from "./app.js";
import {changeFeed, tellOfOthers} from "./changes.js";
import {jobQueue} from "./jobs.js";
import {publisher} from "./publisher.js";
import {reportsOf, root, siteOf} from "./publishing.js";
import {openLog} from "./log.js";
import {serve} from "./serve.js";
import {buildSite} from "./site.js";
import {startTelemetry} from "./telemetry.js";

export type StartOptions = {
  port?: number;
  folder?: string;
  say?: (text: string) => void;
  signal?: AbortSignal;
};

/**
 * Serves pages and API of a folder's workspace until interrupted, after making the demo at a first start;
 * throws a UserError where configuration, data or port stand in the way.
 */
export async function start({
  port,
  folder = process.cwd(),
  say = console.log,
  signal
}: StartOptions = {}): Promise<void> {
  const config = await loadConfig(folder);
  refuseOpenDoor(config.server, isGuarded(config.auth));
  const lock = lockFolder(config.folders.data);
  try {
    await serveWorkspace(await workspaceOf(config), {port: port ?? config.server.port, say, signal, lock});
  } finally {
    lock.release();
  }
}

type Serve = {port: number; say: (text: string) => void; signal?: AbortSignal; lock: FolderLock};

async function serveWorkspace(workspace: Workspace, {port, say, signal, lock}: Serve): Promise<void> {
  const {config, store} = workspace;
  const log = openLog({level: config.server.log, redact: redactor(config)});
  const abandoned = failAbandonedJobs(store, new Date().toISOString());
  const swept = await sweepAside(config.folders.data);
  if (abandoned || swept.length) log.warn({abandoned, swept}, "an earlier process had not ended by itself");
  purgeDeleted(store, new Date(Date.now() - daysToUndo * 864e5).toISOString());
  const site = siteOf(workspace);
  if (needsDemo(workspace)) await firstSight(workspace, {say});
  await timed(say, "Preparing the pages", () => buildSite({root, out: site}));
  const telemetry = await startTelemetry();
  const chat = openAssistant(workspace, {root, mayStartChroma: true});
  const feed = changeFeed();
  const leaveOthers = tellOfOthers(store, feed);
  const jobs = jobQueue(workspace, {
    told: (job) => feed.tell(changeOf(workspace, job)),
    atOnce: config.server.jobsAtOnce,
    log
  });
  const changed = (experiment: number, observation: number | null = null) =>
    feed.tell({
      kind: observation ? "observation" : "experiment",
      experiment,
      observation,
      job: null,
      status: null
    });
  const app = createApp({
    log,
    access: accessOf(config, store),
    unready: () => (jobs.isStopping() ? "the server is stopping" : storeProblem(store)),
    experimentCards: () => experimentCards(workspace),
    resultsView: (observation) => resultsView(workspace, observation),
    calculate: jobs.calculate,
    cancel: jobs.cancel,
    jobById: (id) => jobs.withProgress(requireJob(workspace, id)),
    catalogue: () => refreshMetrics(workspace).then(() => catalogueOf(workspace)),
    metricEntries: () => refreshMetrics(workspace).then(() => metricEntries(workspace)),
    metricDetail: (alias) => refreshMetrics(workspace).then(() => metricDetail(workspace, alias)),
    tryMetrics: (asked) => tryMetrics(workspace, asked),
    editedExperiment: (id) => editedExperiment(workspace, id),
    saveExperiment: (edit, by) =>
      saveEditedExperiment(workspace, edit, by).then((saved) => (changed(saved.id), saved)),
    saveObservation: (experiment, edit, by) =>
      saveEditedObservation(workspace, experiment, edit, by).then(
        (saved) => (changed(experiment, saved.id), saved)
      ),
    jobView: (job) => jobView(workspace, job),
    moveExperiment: (id, move, by) => {
      const saved = moveExperiment(workspace, id, move, by);
      changed(id);
      return saved;
    },
    keepPlan: (id, kept, by) => {
      keepPlan(workspace, id, kept, by);
      changed(id);
    },
    planningBaseline: (asked, signal) => planningBaseline(workspace, asked, {signal}),
    consequences: (id) => consequencesOf(workspace, id),
    deleteExperiment: (id, by) => {
      deleteExperiment(workspace, id, by);
      changed(id);
    },
    deleteObservation: (which, by) => {
      deleteObservation(workspace, which, by);
      changed(which.experiment, which.id);
    },
    deleted: () => deletedThings(store),
    restore: (thing, by) => {
      restore(workspace, thing, by);
      changed(thing.kind === "experiment" ? thing.id : observationById(store, thing.id)!.experimentId);
    },
    hear: feed.hear,
    preview: (experiment, fields) => previewObservation(workspace, experiment, fields),
    declareVariants: (experiment, variants, by) => {
      const declared = declare(workspace, experiment, variants, by);
      changed(experiment);
      return declared;
    },
    cells: (job) => requireCells(workspace, job),
    slice: (observation, asked) => sliceUnits(workspace, observation, asked),
    fileColumns: columnsOfFile,
    fileResults: (file, asked) => resultsOfFile(file, asked, config),
    overlaps: (observation) => overlapsOf(workspace, observation),
    crossUnits: (observation, asked) => crossUnits(workspace, observation, asked),
    audit: oneAtATime((observation, asked) => auditOf(workspace, observation, asked)),
    chat,
    publish: publisher(workspace),
    site,
    reports: reportsOf(workspace)
  });
  const serving = await serve(app, {
    host: config.server.host,
    port,
    isGuarded: isGuarded(config.auth)
  });
  lock.publish(serving.url);
  say(`\nExpanto is at ${serving.url}   (Ctrl-C stops it)`);
  if (isGuarded(config.auth)) say(inWords(() => waysIn(config, usersOf(store).length)));
  await interrupted(signal);
  await jobs.stop(patience(config.server.shutdownSeconds, say));
  leaveOthers();
  await serving.close();
  await chat.close();
  await telemetry?.stop();
  closeStore(store);
}

function inWords(work: () => string): string {
  try {
    return work();
  } catch (error) {
    const {message, hint} = explain(error);
    return `${message}: ${hint}`;
  }
}

async function timed<T>(say: (text: string) => void, what: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work();
  const seconds = (performance.now() - started) / 1000;
  if (seconds > 0.5) say(`${what}: ${seconds.toFixed(1)} s`);
  return result;
}

// Shuffling keeps a processor busy: who asks second waits.
function oneAtATime<A extends unknown[], T>(work: (...asked: A) => Promise<T>): (...asked: A) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (...asked) => {
    const next = last.then(() => work(...asked));
    last = next.catch(() => null);
    return next;
  };
}

async function auditOf(
  workspace: Workspace,
  observation: number,
  {metric, confidence}: {metric: string; confidence: number}
): Promise<AuditAnswer> {
  const units = await unitsOfObservation(workspace, String(observation), {metrics: [metric]});
  const results = await auditUnits(units, {confidence});
  return {
    results: results.map(({variant, tested, rejections, histogram, sentence}) => ({
      variant,
      tested,
      rejections,
      histogram,
      sentence
    })),
    refused: units.refused
  };
}

function catalogueOf({registry, config}: Workspace): Catalogue {
  const {templates, default: defaultScenario} = config.scenarios;
  return {
    metrics: registry.metrics.map(({alias, title, group, tags}) => ({alias, title, group, tags})),
    scenarios: Object.keys(templates),
    defaultScenario
  };
}

function changeOf({store}: Workspace, {id, observationId, status}: Job): Change {
  const experiment = observationById(store, observationId)?.experimentId ?? 0;
  return {kind: "job", experiment, observation: observationId, job: id, status};
}

function requireJob({store}: Workspace, id: number) {
  const job = jobById(store, id);
  if (!job)
    throw new NotFoundError(`there is no job ${id}`, "the page of its observation shows the newest one");
  return job;
}

function requireCells({store}: Workspace, job: number): Buffer {
  const packed = packedCellsOf(store, job);
  if (packed) return packed;
  throw new NotFoundError(
    `job ${job} keeps no cells`,
    "add dimensions to its observation, and calculate it again"
  );
}

function declare({store}: Workspace, id: number, variants: Variant[], by: By): Experiment {
  declareVariants(store, id, variants, by);
  return experimentById(store, id)!;
}

function storeProblem(store: Workspace["store"]): string | null {
  try {
    store.prepare("select 1 from experiments limit 1").get();
    return null;
  } catch (error) {
    return explain(explained(error, "the database")).message;
  }
}

// Who presses Ctrl-C a second time does not want to wait.
function patience(seconds: number, say: (text: string) => void): AbortSignal {
  const again = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => again.abort());
  say(`Stopping; running calculations have ${seconds} s to finish`);
  return AbortSignal.any([again.signal, AbortSignal.timeout(seconds * 1000)]);
}

function interrupted(signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => resolve());
    signal?.addEventListener("abort", () => resolve(), {once: true});
    if (signal?.aborted) resolve();
  });
}
