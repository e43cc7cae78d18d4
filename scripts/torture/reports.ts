import {readFileSync} from "node:fs";
import {cp, mkdir, readdir, readFile, rm} from "node:fs/promises";
import {join} from "node:path";
import {missingReferences} from "../../server/site-references.js";
import {halfMade, inspectDatabase, none, type CrashFigures, type Random} from "./crash.js";
import {ask, pause, program, server} from "./program.js";
import type {Tortured} from "./workspace.js";

/** Every report that may stand there whole, by its file: as published before, and as published anew. */
type Whole = Map<string, Buffer[]>;

type Way = {
  /** Where its reports stand. */
  out: string;
  whole: Whole;
  args: string[];
  /** How long it takes where nobody kills it. */
  ms: number;
};

/**
 * Kills what publishes, so many times: a command that writes pages, one that writes single files, and the process a server
 * publishes by. After each death every file is the one from before or the new one, byte by byte, and refers to nothing that is
 * not there.
 */
export async function killReports(tortured: Tortured, rounds: number, random: Random): Promise<CrashFigures> {
  const figures = none();
  const ways = [await wayOf(tortured, "pages", []), await wayOf(tortured, "files", ["--single-file"])];
  const commands = Math.ceil((rounds * 3) / 4);
  for (let n = 0; figures.kills < commands; n++)
    await killCommand(tortured, {way: ways[n % 2], isNew: n % 4 < 2, figures, random});
  await killPublishing(tortured, {whole: ways[0].whole, rounds: rounds - commands, figures, random});
  for (const way of ways) await publishAgain(tortured, way, figures);
  inspectDatabase(join(tortured.data, "expanto.db"), (problem) => void figures.problems.push(problem));
  return figures;
}

// Another minimum gives other bytes: so a report from before is told from a new one.
const minima = ["20", "50"];

async function wayOf({folder}: Tortured, name: string, flags: string[]): Promise<Way> {
  const args = ["report", "--all", ...flags];
  const whole: Whole = new Map();
  const started = performance.now();
  for (const minimum of minima) {
    const out = join(folder, `whole-${name}-${minimum}`);
    const {exited, said} = program(folder, [...args, "--minimum", minimum, "--out", out]);
    if (await exited) throw new Error(`nothing could be published: ${said()}`);
    for (const file of await pagesIn(out))
      whole.set(file, [...(whole.get(file) ?? []), await readFile(join(out, file))]);
  }
  const ms = (performance.now() - started) / minima.length;
  return {out: join(folder, `reports-${name}`), whole, args, ms};
}

const pagesIn = async (folder: string) =>
  (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".html"));

type Killing = {way: Way; isNew: boolean; figures: CrashFigures; random: Random};

async function killCommand({folder}: Tortured, {way, isNew, figures, random}: Killing) {
  const {out, args, ms} = way;
  await rm(out, {recursive: true, force: true});
  if (!isNew)
    await cp(join(folder, `whole-${out.split("reports-")[1]}-${minima[0]}`), out, {recursive: true});
  const running = program(folder, [...args, "--minimum", minima[1], "--out", out]);
  await pause(ms / 2 + random(ms / 2));
  // One that has ended by itself was not killed.
  if (!(await running.kill())) return;
  figures.kills++;
  figures.halfMade += (await halfMade(out)).length;
  figures.problems.push(...(await inspectReports(out, way.whole, {mayMiss: isNew})));
}

/** Returns which files of a folder are neither a report from before nor a new one, and what they refer to in vain. */
export async function inspectReports(
  out: string,
  whole: Whole,
  {mayMiss}: {mayMiss: boolean}
): Promise<string[]> {
  const found = await pagesIn(out);
  const missing = mayMiss ? [] : [...whole.keys()].filter((name) => !found.includes(name));
  const half: string[] = [];
  for (const name of found) {
    const bytes = await readFile(join(out, name));
    if (!whole.get(name)?.some((each) => each.equals(bytes))) half.push(name);
  }
  return [
    ...missing.map((name) => `${name} is gone`),
    ...half.map((name) => `${name} is neither the report from before nor the new one`),
    ...(found.length ? await missingReferences(out) : []).map(
      (each) => `refers to what is not there: ${each}`
    )
  ];
}

type Publishing = {whole: Whole; rounds: number; figures: CrashFigures; random: Random};

// The server goes on, says that publishing failed, and has the report from before or the new one.
async function killPublishing(tortured: Tortured, {whole, rounds, figures, random}: Publishing) {
  const out = join(tortured.data, "reports");
  const from = join(tortured.folder, `whole-pages-${minima[1]}`);
  const observations = [...tortured.results.keys()];
  const {url, pid, kill} = await server(tortured.folder);
  for (let killed = 0; killed < rounds;) {
    await mkdir(out, {recursive: true});
    await cp(from, out, {recursive: true});
    const id = observations[random(observations.length)];
    const answer = ask(url, "POST", `/observations/${id}/publish`);
    const child = await publisherOf(pid);
    await pause(200 + random(1200));
    const wasKilled = child !== null && end(child);
    const {status} = await answer;
    if (!wasKilled) continue;
    figures.kills++;
    killed++;
    figures.halfMade += (await halfMade(out)).length;
    if (status !== 500 && status !== 200) figures.problems.push(`publishing was answered with ${status}`);
    figures.problems.push(...(await inspectReports(out, whole, {mayMiss: false})));
  }
  await kill("SIGTERM");
}

async function publisherOf(server: number): Promise<number | null> {
  for (let tries = 0; tries < 100; tries++) {
    const children = readFileSync(`/proc/${server}/task/${server}/children`, "utf8").trim().split(" ");
    const found = children.find((child) => child && commandOf(child).includes("report"));
    if (found) return Number(found);
    await pause(5);
  }
  return null;
}

function commandOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}

function end(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}

async function publishAgain({folder}: Tortured, {out, args, whole}: Way, figures: CrashFigures) {
  const {exited, said} = program(folder, [...args, "--minimum", minima[1], "--out", out]);
  if (await exited) figures.problems.push(`publishing again failed: ${said()}`);
  const left = await halfMade(out);
  if (left.length) figures.problems.push(`half-made: ${left.join(", ")}`);
  figures.problems.push(...(await inspectReports(out, whole, {mayMiss: false})));
}
