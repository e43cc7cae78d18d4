import {join} from "node:path";
import type {Command} from "commander";
import {loadConfig} from "../config.js";
import {UserError, nearest} from "../errors.js";
import {
  applyExperimentFile,
  describeChanges,
  exportExperiment,
  planChanges,
  readExperimentFile
} from "../experiment-file.js";
import {closeStore, listExperiments, openStore, type Store} from "../store.js";
import type {Io} from "./main.js";

/** Adds `expanto apply FILE.yaml` and `expanto export EXPERIMENT`: experiments as files. */
export function addExperimentFiles(program: Command, io: Io) {
  program
    .command("apply")
    .description(
      "create or update an experiment and its observations from a file; shows the difference first"
    )
    .argument("<file>", "an experiment as YAML, as `expanto export` writes it")
    .option("--dry-run", "only show the difference")
    .action((file: string, {dryRun}: {dryRun?: boolean}) =>
      withStore((store) => apply(store, file, {dryRun, io}))
    );
  program
    .command("export")
    .description("write an experiment and its observations as YAML")
    .argument("<experiment>", "its name or number")
    .action((named: string) =>
      withStore(async (store) => io.out(exportExperiment(store, findExperiment(store, named)).trimEnd()))
    );
}

async function apply(store: Store, file: string, {dryRun, io}: {dryRun?: boolean; io: Io}) {
  const wanted = await readExperimentFile(file);
  const changes = planChanges(store, wanted);
  io.out(describeChanges(changes));
  if (dryRun || !changes.length) return;
  applyExperimentFile(store, wanted, {now: io.now()});
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

async function withStore(work: (store: Store) => Promise<void>) {
  const config = await loadConfig(process.cwd());
  const store = await openStore(join(config.folders.data, "expanto.db"));
  try {
    await work(store);
  } finally {
    closeStore(store);
  }
}
