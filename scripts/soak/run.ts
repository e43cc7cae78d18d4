import {readdir} from "node:fs/promises";
import {join} from "node:path";
import {ask, program, server} from "../torture/program.js";
import type {Tortured} from "../torture/workspace.js";
import {calculateInTurn, readFor, type Times} from "./load.js";
import {megabytesBelow, watched, type Minute} from "./measure.js";

/** What a soak came to; problems is empty where everything was answered as it should be. */
export type Soaked = {idle: Times; minutes: Minute[]; jobs: number; problems: string[]};

export type SoakOptions = {
  /** How often it is measured, and how often it is before it ends. */
  rounds: number;
  roundMs?: number;
  idleMs?: number;
  perSecond?: number;
  restMs?: number;
  told?: (minute: Minute) => void;
};

/** Loads a server of its own on a workspace, first with reads alone, then with jobs beside them, and measures it meanwhile. */
export async function soak(
  tortured: Tortured,
  {rounds, roundMs = 60_000, idleMs = 30_000, perSecond = 20, restMs = 2000, told = () => {}}: SoakOptions
): Promise<Soaked> {
  const {url, pid, kill} = await server(tortured.folder);
  const observations = [...tortured.results.keys()];
  const reads = {url, paths: await pathsOf(tortured, url)};
  const minutes: Minute[] = [];
  let isOver = false;
  try {
    // Every path once: what is made at its first reading is not what a reading takes.
    await readFor(Infinity, reads, {perSecond: 50, isOver: once(reads.paths.length)});
    const idle = await readFor(idleMs, reads, {perSecond});
    const calculating = calculateInTurn(
      {url, data: tortured.data, observations},
      {isOver: () => isOver, restMs}
    );
    const failed = [...idle.failed];
    for (let minute = 1; minute <= rounds; minute++) {
      const {result, held} = await watched(pid, readFor(roundMs, reads, {perSecond}));
      const {failed: unread, ...times} = result;
      failed.push(...unread, ...(await prune(tortured)));
      minutes.push({minute, ...held, diskMB: await megabytesBelow(tortured.data), ...times});
      told(minutes.at(-1)!);
    }
    isOver = true;
    const {jobs, problems} = await calculating;
    return {idle, minutes, jobs, problems: [...failed, ...problems]};
  } finally {
    isOver = true;
    await kill("SIGTERM");
  }
}

// What retention no longer keeps goes beside the server, as the schedule does it.
async function prune({folder}: Tortured): Promise<string[]> {
  const {exited, said} = program(folder, ["prune"]);
  return (await exited) ? [`prune ended with: ${said()}`] : [];
}

// True once it has been asked so many times.
function once(times: number): () => boolean {
  let asked = 0;
  return () => asked++ >= times;
}

// Every page of the site, and everything pages ask for that changes nothing.
async function pathsOf({data, experiments, results}: Tortured, url: string): Promise<string[]> {
  const names = await readdir(join(data, "site"), {recursive: true});
  const pages = names
    .filter((name) => name.endsWith(".html") && !name.startsWith("404") && !name.startsWith("reports"))
    .map((name) => `/${name.replace(/(index)?\.html$/, "")}`);
  const observations = [...results.keys()];
  const {body: metrics} = await ask(url, "GET", "/metrics");
  const api = [
    ...["/experiments", "/metrics", "/catalogue", "/deleted"],
    ...experiments.flatMap((id) => [`/experiments/${id}`, `/experiments/${id}/consequences`]),
    ...observations.flatMap((id) => [`/results/${id}`, `/observations/${id}/overlaps`]),
    ...(metrics as {alias: string}[]).slice(0, 5).map(({alias}) => `/metrics/${alias}`)
  ].map((path) => `/api${path}`);
  return [...pages, ...observations.map((id) => `/results/${id}`), ...api, "/health", "/ready"];
}
