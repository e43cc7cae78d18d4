import {calculate, type CalculateOptions} from "../calculate.js";
import {command} from "../command.js";
import {UserError} from "../errors.js";
import {findObservation, namedObservations} from "../observations.js";
import {closeStore, failAbandonedJobs} from "../store.js";
import {openWorkspace, type Workspace} from "../workspace.js";
import type {Io} from "./main.js";
import {printable, table} from "./table.js";

/** Runs one observation's job and prints how it ended; without one, prints the observations there are. */
export async function calculateObservation(
  named: string | undefined,
  io: Io,
  options: Pick<CalculateOptions, "isFresh"> = {}
) {
  const workspace = await openWorkspace(io.folder);
  try {
    if (named === undefined) io.out(listObservations(workspace));
    else await run(workspace, named, io, options);
  } finally {
    closeStore(workspace.store);
  }
}

async function run(workspace: Workspace, named: string, io: Io, options: Pick<CalculateOptions, "isFresh">) {
  const id = findObservation(workspace.store, named);
  failAbandonedJobs(workspace.store, io.now());
  const controller = new AbortController();
  const cancel = () => controller.abort();
  process.once("SIGINT", cancel);
  try {
    const job = await calculate(workspace, id, {...options, signal: controller.signal, now: io.now});
    const {durationMs, rows, cacheHit, crossovers, hint, since, whole} = job.facts;
    if (job.status !== "completed")
      throw new UserError(`job ${job.id} ${job.status}: ${job.error}`, hint ?? null);
    const read = cacheHit ? "read from the cache" : "queried";
    for (const [name, units] of Object.entries(job.facts.undeclared ?? {})) {
      io.out(`left out: ${units} units of ${printable(name)}, a variant the experiment does not declare`);
    }
    if (since) io.out(`events before ${since} had been counted, and were not read again`);
    for (const [what, why] of Object.entries(whole ?? {}))
      io.out(`counted from the beginning: ${what}, for ${why}`);
    io.out(
      `job ${job.id} completed in ${((durationMs ?? 0) / 1000).toFixed(1)} s: ${rows} rows ${read}, ${crossovers} crossovers left out`
    );
  } finally {
    process.off("SIGINT", cancel);
  }
}

function listObservations({store}: Workspace): string {
  const known = namedObservations(store);
  if (!known.length)
    return `No observation yet: ${command} apply FILE.yaml makes an experiment with its observations.`;
  return table(
    [
      ["id", "observation", "experiment is"],
      ...known.map(({id, name, status}) => [String(id), printable(name), status])
    ],
    {numbers: [0]}
  );
}
