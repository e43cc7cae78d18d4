import {once} from "node:events";
import {rm} from "node:fs/promises";
import {get, type IncomingMessage} from "node:http";
import {join} from "node:path";
import {buffer} from "node:stream/consumers";
import {ask, pause} from "../torture/program.js";

/** What is read over and over: pages and what they ask for. */
export type Reads = {url: string; paths: string[]};

/** How the reads of a while went, in milliseconds. */
export type Times = {reads: number; failed: string[]; p50: number; p99: number};

/** Reads so many paths a second for a while, whether or not the earlier ones were answered, and returns how it went. */
export async function readFor(
  ms: number,
  {url, paths}: Reads,
  {perSecond = 20, isOver = () => false}: {perSecond?: number; isOver?: () => boolean} = {}
): Promise<Times> {
  const times: number[] = [];
  const failed: string[] = [];
  const open = new Set<Promise<void>>();
  const started = performance.now();
  for (let n = 0; performance.now() - started < ms && !isOver(); n++) {
    const read = readOne(url + paths[n % paths.length])
      .then((took) => void times.push(took))
      .catch((error: Error) => void failed.push(`${paths[n % paths.length]}: ${error.message}`))
      .finally(() => open.delete(read));
    open.add(read);
    // By the clock, so that a late one does not make the next ones late.
    const next = started + ((n + 1) * 1000) / perSecond;
    await pause(Math.max(0, next - performance.now()));
  }
  await Promise.all(open);
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return {reads: times.length, failed, p50: at(0.5), p99: at(0.99)};
}

// Over a connection of its own: one that is kept may be closed by the server at the very moment it is used again.
async function readOne(address: string): Promise<number> {
  const started = performance.now();
  const [answer] = (await once(
    get(address, {agent: false, signal: AbortSignal.timeout(30_000)}),
    "response"
  )) as [IncomingMessage];
  await buffer(answer);
  if (answer.statusCode !== 200) throw new Error(`GET ${address} was answered with ${answer.statusCode}`);
  return performance.now() - started;
}

/** Calculates observations one after the other, every other one without any cache, with a pause after each; returns what was not answered as it should be. */
export async function calculateInTurn(
  {url, data, observations}: {url: string; data: string; observations: number[]},
  {isOver, restMs}: {isOver: () => boolean; restMs: number}
): Promise<{jobs: number; problems: string[]}> {
  const problems: string[] = [];
  let jobs = 0;
  for (let n = 0; !isOver(); n++) {
    if (n % 2) await rm(join(data, "cache"), {recursive: true, force: true});
    const {status, body} = await ask(
      url,
      "POST",
      `/observations/${observations[n % observations.length]}/calculate`
    );
    if (status !== 202) problems.push(`calculate was answered with ${status}: ${JSON.stringify(body)}`);
    else {
      const ended = await endOf(url, body.id as number);
      if (ended.status !== "completed") problems.push(`job ${body.id} ${ended.status}: ${ended.error}`);
      jobs++;
    }
    for (let waited = 0; waited < restMs && !isOver(); waited += 100) await pause(100);
  }
  return {jobs, problems};
}

async function endOf(url: string, job: number): Promise<{status: string; error: string | null}> {
  for (;;) {
    const {body} = await ask(url, "GET", `/jobs/${job}`);
    if (!["pending", "running"].includes(body.status)) return body;
    await pause(100);
  }
}
