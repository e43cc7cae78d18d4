import {machineUser} from "../access/machine.js";
import {checkExperiment} from "../check-experiment.js";
import {UserError, nearest} from "../errors.js";
import {
  applyExperimentFile,
  describeChanges,
  exportExperiment,
  observationsLeftAlone,
  planChanges,
  readExperimentFile
} from "../experiment-file.js";
import {listExperiments, type Store} from "../store.js";
import {requireMetrics} from "../metrics.js";
import type {Config} from "../config/types.js";
import type {Io} from "./main.js";
import {withStore} from "./with-store.js";

/** Prints what a file would change, and changes it unless that is all that was asked for. */
export function applyFile(file: string, {dryRun}: {dryRun?: boolean}, io: Io) {
  return withStore(io.folder, (store, config) => apply(store, file, {config, dryRun, io}));
}

/** Prints an experiment and its observations as YAML. */
export function exportFile(named: string, io: Io) {
  return withStore(io.folder, async (store) =>
    io.out(exportExperiment(store, findExperiment(store, named)).trimEnd())
  );
}

async function apply(
  store: Store,
  file: string,
  {config, dryRun, io}: {config: Config; dryRun?: boolean; io: Io}
) {
  const wanted = await readExperimentFile(file, {defaultScenario: config.scenarios.default});
  const changes = planChanges(store, wanted);
  io.out(describeChanges(changes, observationsLeftAlone(store, wanted)));
  await checkExperiment(wanted, {config, registry: await requireMetrics(config.folders.metrics)});
  if (dryRun || !changes.length) return;
  applyExperimentFile(store, wanted, {now: io.now(), who: machineUser()});
  io.out("applied");
}

function findExperiment(store: Store, named: string) {
  const experiments = listExperiments(store);
  const found = experiments.find(({id, name}) => name === named || String(id) === named);
  if (found) return found;
  const names = experiments.map(({name}) => name);
  const near = nearest(named, names);
  throw new UserError(
    `there is no experiment ${named}`,
    near ? `did you mean ${near}?` : `there are ${names.join(", ") || "none yet"}`
  );
}
