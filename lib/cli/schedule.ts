import {setTimeout as sleep} from "node:timers/promises";
import {loadConfig} from "../config.js";
import {explain, UserError} from "../errors.js";
import {applyRetention, type Removed} from "../retention.js";
import {nextTime, runNight, type Night} from "../schedule.js";
import {counted} from "../stats/words.js";
import {closeStore} from "../store.js";
import {lockFolder} from "../store/lock.js";
import {openWorkspace} from "../workspace.js";
import type {Io} from "./main.js";
import {printable} from "./table.js";

/** Calculates running experiments again, at once and then no more, or every day at the configured times until it is stopped. */
export async function schedule({once = false, signal}: {once?: boolean; signal?: AbortSignal}, io: Io) {
  const {folders} = await loadConfig(io.folder);
  const lock = lockFolder(folders.data, "schedule");
  const controller = new AbortController();
  const stop = () => controller.abort();
  signal?.addEventListener("abort", stop, {once: true});
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, stop);
  try {
    if (once) await night(io, controller.signal);
    else await everyDay(io, controller.signal);
  } finally {
    for (const name of ["SIGINT", "SIGTERM"] as const) process.off(name, stop);
    lock.release();
  }
}

// The configuration is read anew each time; one that cannot be, or a bad night, is told, and the next one comes.
async function everyDay(io: Io, signal: AbortSignal) {
  const tell = (error: unknown) => io.err(`error: ${explain(error).message}`);
  let {at} = (await loadConfig(io.folder)).schedule;
  while (!signal.aborted) {
    at = await loadConfig(io.folder).then(
      ({schedule}) => schedule.at,
      (error: unknown) => (tell(error), at)
    );
    const next = nextTime(at, new Date(io.now()));
    io.out(`next: ${next.toISOString().slice(0, 16).replace("T", " ")} UTC`);
    // In small steps: a machine that slept wakes in the midst of one.
    while (io.now() < next.toISOString() && !signal.aborted)
      await sleep(Math.min(60_000, +next - Date.parse(io.now())), null, {signal}).catch(() => {});
    if (!signal.aborted) await night(io, signal).catch(tell);
  }
}

async function night(io: Io, signal: AbortSignal) {
  const workspace = await openWorkspace(io.folder);
  try {
    const {unsent, ...rest} = await runNight(workspace, {
      now: io.now,
      say: (line) => io.out(printable(line)),
      signal
    });
    io.out(summary(rest));
    if (signal.aborted) io.out("It was stopped: what is left is done the next time.");
    const wrong = [
      ...(rest.failed ? [`${counted(rest.failed, "calculation")} failed`] : []),
      ...(unsent.length
        ? [`${counted(unsent.length, "alarm was", "alarms were")} not sent: ${unsent[0]}`]
        : [])
    ];
    if (wrong.length)
      throw new UserError(wrong.join("; "), "it is tried again next time; the lines above say more");
  } finally {
    closeStore(workspace.store);
  }
}

function summary({calculated, failed, upToDate, alarms, sent, removed}: Omit<Night, "unsent">): string {
  return `${calculated} calculated, ${failed} failed, ${upToDate} up to date, ${counted(alarms.length, "alarm")}, ${sent} sent now; ${said(removed)} removed.`;
}

const said = ({jobs, changes}: Removed) =>
  `${counted(jobs, "job")} and ${counted(changes, "remembered change")}`;

/** Removes what the configuration says is not to be kept, and prints how much that was. */
export async function prune({dryRun = false}: {dryRun?: boolean}, io: Io) {
  const workspace = await openWorkspace(io.folder);
  try {
    const removed = await applyRetention(workspace, {now: io.now(), isDry: dryRun});
    io.out(`${said(removed)} ${dryRun ? "would be removed" : "removed"}.`);
  } finally {
    closeStore(workspace.store);
  }
}
