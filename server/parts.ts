// What the API answers by.

import {columnsOfFile} from "../lib/analyze/columns.js";
import {resultsOfFile} from "../lib/analyze/results.js";
import {auditUnits} from "../lib/audit.js";
import {unitsOfObservation} from "../lib/audit/observation.js";
import {planningBaseline} from "../lib/baseline.js";
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
  declareFirst,
  deleteExperiment,
  deleteObservation,
  keepPlan,
  moveExperiment,
  restore
} from "../lib/lifecycle.js";
import {deletedThings, jobById, observationById, packedCellsOf, requireInPlace} from "../lib/store.js";
import {explained} from "../lib/store/failure.js";
import type {Job} from "../lib/types.js";
import type {AuditAnswer, Catalogue, Change} from "../lib/view-types.js";
import {experimentCards, jobView, resultsView} from "../lib/views.js";
import {refreshMetrics, type Workspace} from "../lib/workspace.js";
import {accessOf} from "./access/access.js";
import type {AppParts} from "./app-parts.js";
import type {ChangeFeed} from "./changes.js";
import type {jobQueue} from "./jobs.js";
import {publisher} from "./publisher.js";
import {reportsOf} from "./publishing.js";

type Running = Pick<AppParts, "log" | "chat" | "site"> & {
  feed: ChangeFeed;
  jobs: ReturnType<typeof jobQueue>;
};

/** Returns what the API answers by: the workspace's own functions, and open pages told of every change that is made through them. */
export function partsOf(workspace: Workspace, {log, chat, site, feed, jobs}: Running): AppParts {
  const {config, store} = workspace;
  const changed = (experiment: number, observation: number | null = null) =>
    feed.tell({
      kind: observation ? "observation" : "experiment",
      experiment,
      observation,
      job: null,
      status: null
    });
  return {
    log,
    access: accessOf(config, store),
    unready: () => (jobs.isStopping() ? "the server is stopping" : storeProblem(store)),
    requireKept: () => requireInPlace(store),
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
      const declared = declareFirst(workspace, experiment, variants, by);
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
  };
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

/** Returns what open pages are told of a job. */
export function changeOf({store}: Workspace, {id, observationId, status}: Job): Change {
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

function storeProblem(store: Workspace["store"]): string | null {
  try {
    requireInPlace(store);
    store.prepare("select 1 from experiments limit 1").get();
    return null;
  } catch (error) {
    return explain(explained(error, "the database")).message;
  }
}
