import {readdir, rm} from "node:fs/promises";
import {join} from "node:path";
import Database from "better-sqlite3";
import {cacheFolder} from "../../lib/cache.js";
import {cacheEntries, verifyCache} from "../../lib/cache-report.js";
import {calculate} from "../../lib/calculate.js";
import {closeStore, experimentById, jobById} from "../../lib/store.js";
import {openWorkspace, type Workspace} from "../../lib/workspace.js";
import {ask, pause, program, server} from "./program.js";
import {isSame, numbersOf, type Tortured} from "./workspace.js";

/** How a round of killing went; problems is empty where all promises were held. */
export type CrashFigures = {
  kills: number;
  acknowledged: number;
  failedJobs: number;
  /** Found after a death; a start sweeps them. */
  halfMade: number;
  problems: string[];
};

export const none = (): CrashFigures => ({
  kills: 0,
  acknowledged: 0,
  failedJobs: 0,
  halfMade: 0,
  problems: []
});

export type Random = (bound: number) => number;

/** What a server had acknowledged: the last text of each experiment, and every job it told of. */
type Promised = {texts: Map<number, string>; sent: Map<number, string>; jobs: number[]; count: number};

/** Kills a server with jobs and edits under way, so many times; after each death everything is looked at. */
export async function killServers(tortured: Tortured, rounds: number, random: Random): Promise<CrashFigures> {
  const figures = none();
  for (let round = 0; round < rounds; round++) {
    await loseSomeCache(tortured, random);
    const running = await server(tortured.folder);
    const promised: Promised = {texts: new Map(), sent: new Map(), jobs: [], count: 0};
    const work = [edit(running.url, tortured, promised), demand(running.url, tortured, promised)];
    await pause(50 + random(2000));
    await running.kill();
    await Promise.all(work);
    await account(tortured, figures, promised);
  }
  return figures;
}

/** Kills a command-line calculation at random moments, so many times. */
export async function killCalculations(
  tortured: Tortured,
  rounds: number,
  random: Random
): Promise<CrashFigures> {
  const figures = none();
  const observations = [...tortured.results.keys()];
  while (figures.kills < rounds) {
    await rm(join(tortured.data, "cache"), {recursive: true, force: true});
    const running = program(tortured.folder, [
      "calculate",
      String(observations[random(observations.length)])
    ]);
    await pause(400 + random(1200));
    // One that has ended by itself was not killed.
    if (await running.kill()) await account(tortured, figures);
  }
  return figures;
}

/** Kills a server while it is still starting, so many times. */
export async function killStarts(tortured: Tortured, rounds: number, random: Random): Promise<CrashFigures> {
  const figures = none();
  for (let round = 0; round < rounds; round++) {
    const running = program(tortured.folder, ["start", "--port", "0"]);
    await pause(100 + random(1200));
    await running.kill();
    await account(tortured, figures);
  }
  return figures;
}

// Pieces are to be made again in some rounds and to be found in others.
async function loseSomeCache({data}: Tortured, random: Random) {
  for (const {path} of await cacheEntries(join(data, "cache")))
    if (random(2)) await rm(path, {recursive: true, force: true});
}

// Writes as fast as it is answered, until nobody answers.
async function edit(url: string, {experiments}: Tortured, promised: Promised) {
  for (let n = 0; ; n++) {
    const id = experiments[n % experiments.length];
    try {
      const {body} = await ask(url, "GET", `/experiments/${id}`);
      const description = `change ${n} of ${url}`;
      promised.sent.set(id, description);
      const edit = {fields: {...body.fields, description}, updatedAt: body.updatedAt};
      const {status} = await ask(url, "PUT", `/experiments/${id}`, edit);
      if (status !== 200) throw new Error(`an edit was answered with ${status}`);
      promised.texts.set(id, description);
      promised.count++;
    } catch (error) {
      if (isGone(error)) return;
      throw error;
    }
  }
}

async function demand(url: string, {results}: Tortured, promised: Promised) {
  try {
    for (const id of results.keys()) {
      const {body} = await ask(url, "POST", `/observations/${id}/calculate`);
      promised.jobs.push(body.id);
      promised.count++;
    }
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

const isGone = (error: unknown) => error instanceof TypeError || error instanceof SyntaxError;

async function account(tortured: Tortured, figures: CrashFigures, promised?: Promised) {
  figures.kills++;
  figures.acknowledged += promised?.count ?? 0;
  const {halfMade, problems} = await inspect(tortured, promised, figures.kills);
  figures.halfMade += halfMade;
  figures.problems.push(...problems);
}

/** Looks whether a workspace is whole after a death, and returns what is not. */
export async function inspect(
  tortured: Tortured,
  promised?: Promised,
  nth = 0
): Promise<{halfMade: number; problems: string[]}> {
  const problems: string[] = [];
  const found = (await halfMade(tortured.data)).length;
  const say = (problem: string) => void problems.push(problem);
  inspectDatabase(join(tortured.data, "expanto.db"), say);
  const workspace = await openWorkspace(tortured.folder);
  try {
    if (promised) inspectPromises(workspace, promised, say);
    const {broken} = await verifyCache(cacheFolder(workspace.config));
    for (const [file, reason] of Object.entries(broken)) say(`${file} cannot be read: ${reason}`);
    const ids = [...tortured.results.keys()];
    await inspectResults(workspace, tortured, ids[nth % ids.length], say);
  } finally {
    closeStore(workspace.store);
  }
  return {halfMade: found, problems};
}

export function inspectDatabase(file: string, say: (problem: string) => void) {
  const db = new Database(file);
  const integrity = db.pragma("integrity_check", {simple: true});
  if (integrity !== "ok") say(`integrity_check: ${String(integrity)}`);
  if ((db.pragma("foreign_key_check") as unknown[]).length) say("foreign_key_check finds orphans");
  db.close();
}

function inspectPromises({store}: Workspace, {texts, sent, jobs}: Promised, say: (problem: string) => void) {
  for (const [id, text] of texts) {
    const kept = experimentById(store, id)?.description;
    if (kept !== text && kept !== sent.get(id)) say(`experiment ${id} lost “${text}”: it is “${kept}”`);
  }
  for (const id of jobs) if (!jobById(store, id)) say(`job ${id} was told of and is gone`);
}

// What the cache holds after a death must give the very numbers that nothing had disturbed.
async function inspectResults(
  workspace: Workspace,
  {results}: Tortured,
  id: number,
  say: (problem: string) => void
) {
  const job = await calculate(workspace, id);
  if (job.status !== "completed") say(`observation ${id} could not be calculated: ${job.error}`);
  else if (!isSame(numbersOf(workspace.store, id), results.get(id)!))
    say(`observation ${id} has other numbers`);
}

/** Starts a server once more after all deaths and stops it: no job is unfinished, nothing half-made is left. */
export async function revive({folder, data}: Tortured): Promise<CrashFigures> {
  const figures = none();
  const running = await server(folder);
  await running.kill("SIGTERM");
  const db = new Database(join(data, "expanto.db"), {readonly: true});
  const count = (where: string) =>
    db.prepare<[], number>(`select count(*) from calculation_jobs where ${where}`).pluck().get()!;
  figures.failedJobs = count("status = 'failed' and error_message like 'abandoned: %'");
  if (count("status in ('pending', 'running')")) figures.problems.push("a job is still unfinished");
  db.close();
  const left = await halfMade(data);
  if (left.length) figures.problems.push(`half-made: ${left.join(", ")}`);
  return figures;
}

/** Returns what deaths left half-made below a folder. */
export const halfMade = async (folder: string) =>
  (await readdir(folder, {recursive: true}).catch(() => [])).filter((name) => name.endsWith(".part"));
