import {relative} from "node:path";
import {machineUser} from "../access/machine.js";
import {command} from "../command.js";
import {NotFoundError, UserError, nearest} from "../errors.js";
import {findObservation} from "../observations.js";
import {reportOf, type ReportOptions} from "../report.js";
import type {ReportBundle} from "../report-types.js";
import {staleness} from "../staleness.js";
import {
  closeStore,
  experimentByName,
  latestCompletedJob,
  listExperiments,
  observationById,
  observationsOf,
  recordEvent
} from "../store.js";
import type {Instant} from "../types.js";
import {openWorkspace, type Workspace} from "../workspace.js";
import type {Io} from "./main.js";

export type ReportFlags = {
  all?: boolean;
  out?: string;
  singleFile?: boolean;
  minimum?: number;
  observation?: number;
  by?: string;
};

/** Writes reports where they are asked for, and returns where each went with its hash; given by who starts the program. */
export type Publisher = (
  workspace: Workspace,
  bundles: AsyncIterable<ReportBundle>,
  where: {out: string | null; isSingle: boolean}
) => Promise<{file: string; name: string; hash: string}[]>;

/** Publishes the reports of experiments, and prints where each stands and the hash it can be told by. */
export async function report(
  named: string[],
  flags: ReportFlags,
  {io, publish}: {io: Io; publish: Publisher}
) {
  const workspace = await openWorkspace(io.folder);
  try {
    const asked = flags.observation ? [flags.observation] : [];
    const observations = flags.all
      ? everyReported(workspace)
      : [...asked, ...named.map((each) => observationNamed(workspace, each))];
    if (!observations.length)
      throw new UserError(
        flags.all ? "nothing has been calculated yet" : "name an experiment, or ask for --all",
        `${command} calculate lists what there is`
      );
    const bundles = bundlesOf(workspace, observations, {minimum: flags.minimum}, io);
    const where = {out: flags.out ?? null, isSingle: flags.singleFile ?? false};
    const published = await publish(workspace, bundles, where);
    for (const [i, {file, name, hash}] of published.entries()) {
      recordPublication(workspace, observations[i], {hash, who: flags.by ?? machineUser(), at: io.now()});
      io.out(`${relative(io.folder, file) || file}  ${name}\n  sha256 ${hash}`);
    }
  } finally {
    closeStore(workspace.store);
  }
}

function recordPublication(
  {store}: Workspace,
  id: number,
  {hash, who, at}: {hash: string; who: string; at: Instant}
) {
  const {experimentId, name} = observationById(store, id)!;
  const words = `sha256 ${hash}`;
  recordEvent(store, experimentId, {kind: "publish", observation: {id, name}, words, who, at});
}

async function* bundlesOf(
  workspace: Workspace,
  observations: number[],
  options: ReportOptions,
  io: Io
): AsyncGenerator<ReportBundle> {
  for (const observation of observations) {
    const bundle = await reportOf(workspace, observation, options);
    const stale = await staleness(workspace, bundle.view.job!);
    if (stale)
      io.err(`${bundle.view.experiment.name}: job ${bundle.view.job!.id} is reported, although ${stale.why}`);
    yield bundle;
  }
}

// The first observation made is the experiment's main one.
function mainObservation({store}: Workspace, experiment: number): number | null {
  const ids = observationsOf(store, experiment)
    .map(({id}) => id)
    .sort((a, b) => a - b);
  return ids.find((id) => latestCompletedJob(store, id)) ?? ids.at(0) ?? null;
}

function everyReported(workspace: Workspace): number[] {
  const {store} = workspace;
  return listExperiments(store)
    .filter(({variants}) => variants.length)
    .flatMap(({id}) => mainObservation(workspace, id) ?? [])
    .filter((id) => latestCompletedJob(store, id))
    .sort((a, b) => a - b);
}

function observationNamed(workspace: Workspace, named: string): number {
  const {store} = workspace;
  const known = listExperiments(store);
  const experiment = experimentByName(store, named) ?? known.find(({id}) => String(id) === named);
  if (!experiment && named.includes("/")) return findObservation(store, named);
  if (!experiment) {
    const near = nearest(named, known.map(({name}) => name)); // prettier-ignore
    throw new NotFoundError(
      `there is no experiment ${named}`,
      near ? `did you mean ${near}?` : `${command} calculate lists experiments with their observations`
    );
  }
  const main = mainObservation(workspace, experiment.id);
  if (main) return main;
  throw new UserError(`${experiment.name} has no observation`, "make one on the Observations page");
}
