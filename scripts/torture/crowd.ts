import {join} from "node:path";
import Database from "better-sqlite3";
import {ask, pause, program, server, type Answer} from "./program.js";
import type {Tortured} from "./workspace.js";

/** What a crowd saw; problems is empty where all promises were held. */
export type CrowdFigures = {
  reads: number;
  writes: number;
  conflicts: number;
  jobs: number;
  joined: number;
  mostAtOnce: number;
  medianMs: number;
  p99Ms: number;
  problems: string[];
};

type Seen = Omit<CrowdFigures, "medianMs" | "p99Ms"> & {times: number[]};
type Crowd = {url: string; tortured: Tortured; seen: Seen; isOver: () => boolean};

/** How often each of 50 clients reads, and each of 10 writes. */
export type CrowdSize = {reads: number; writes: number};

/** Lets 50 clients read and 10 write while jobs and a command run beside, and counts what happens. */
export async function crowd(tortured: Tortured, {reads, writes}: CrowdSize): Promise<CrowdFigures> {
  const {url, kill} = await server(tortured.folder);
  const counted = tortured.experiments.slice(0, 2);
  const experiment = async (id: number) => (await ask(url, "GET", `/experiments/${id}`)).body;
  for (const id of counted) await setCount(url, id, 0, await experiment(id));
  const seen: Seen = {
    reads: 0,
    writes: 0,
    conflicts: 0,
    jobs: 0,
    joined: 0,
    mostAtOnce: 0,
    times: [],
    problems: []
  };
  const crowd = {url, tortured, seen, isOver: () => isOver};
  let isOver = false;
  await Promise.all([
    Promise.all([
      ...Array.from({length: 50}, (_, i) => read(crowd, i, reads)),
      ...Array.from({length: 10}, (_, i) => write(crowd, counted[i % counted.length], writes))
    ]).finally(() => (isOver = true)),
    calculateAll(crowd),
    watchJobs(crowd),
    beside(crowd)
  ]);
  const counts = await Promise.all(counted.map(async (id) => countIn(await experiment(id))));
  const kept = counts.reduce((sum, n) => sum + n, 0);
  if (kept !== seen.writes) seen.problems.push(`${seen.writes} writes were acknowledged, ${kept} are there`);
  await kill("SIGTERM");
  const {times, ...figures} = seen;
  times.sort((a, b) => a - b);
  return {...figures, medianMs: times[times.length >> 1], p99Ms: times[Math.floor(times.length * 0.99)]};
}

async function read({url, tortured, seen}: Crowd, nth: number, reads: number) {
  const observations = [...tortured.results.keys()];
  for (let n = nth; n < nth + reads; n++) {
    const observation = observations[n % observations.length];
    const path = [
      "/experiments",
      `/results/${observation}`,
      "/metrics",
      `/experiments/${tortured.experiments[0]}`
    ][n % 4];
    const started = performance.now();
    const answer = await ask(url, "GET", path);
    seen.times.push(performance.now() - started);
    seen.reads++;
    if (answer.status !== 200) refuse(seen, `GET ${path}`, answer);
  }
}

// Each write adds one to a count it has read: an update that was lost would be missing from the sum.
async function write({url, seen}: Crowd, id: number, writes: number) {
  for (let kept = 0; kept < writes;) {
    const {body} = await ask(url, "GET", `/experiments/${id}`);
    const answer = await setCount(url, id, countIn(body) + 1, body);
    if (answer.status === 200) kept++;
    else if (answer.status === 409) seen.conflicts++;
    else return refuse(seen, `PUT experiment ${id}`, answer);
  }
  seen.writes += writes;
}

const countIn = (experiment: Answer) => Number(experiment.fields.design);

const setCount = (url: string, id: number, count: number, {fields, updatedAt}: Answer) =>
  ask(url, "PUT", `/experiments/${id}`, {fields: {...fields, design: String(count)}, updatedAt});

// Three ask for each observation at once: they are told of one job.
async function calculateAll({url, tortured, seen, isOver}: Crowd) {
  do {
    for (const id of tortured.results.keys()) {
      const asked = await Promise.all([1, 2, 3].map(() => ask(url, "POST", `/observations/${id}/calculate`)));
      for (const answer of asked) if (answer.status !== 202) refuse(seen, `calculate ${id}`, answer);
      const ids = new Set(asked.map(({body}) => body.id));
      seen.jobs += ids.size;
      seen.joined += 3 - ids.size;
    }
    await pause(200);
  } while (!isOver());
}

async function watchJobs({tortured, seen, isOver}: Crowd) {
  const db = new Database(join(tortured.data, "expanto.db"), {readonly: true});
  const count = db
    .prepare<[], number>("select count(*) from calculation_jobs where status = 'running'")
    .pluck();
  // Those of processes that were killed before are no fault of the crowd's.
  const before = db.prepare<[], number>("select coalesce(max(id), 0) from calculation_jobs").pluck().get()!;
  while (!isOver()) {
    // A process beside runs one more than the server.
    seen.mostAtOnce = Math.max(seen.mostAtOnce, count.get()!);
    await pause(20);
  }
  const failed = db
    .prepare<[number], string>(
      "select error_message from calculation_jobs where status = 'failed' and id > ?"
    )
    .pluck();
  seen.problems.push(...failed.all(before).map((error) => `a job failed: ${error}`));
  db.close();
}

async function beside({tortured, seen, isOver}: Crowd) {
  const [id] = tortured.results.keys();
  do {
    const command = program(tortured.folder, ["calculate", String(id)]);
    if (await command.exited) seen.problems.push(`the command beside ended with: ${command.said()}`);
  } while (!isOver());
}

const refuse = ({problems}: Seen, what: string, {status, body}: {status: number; body: Answer}) =>
  void problems.push(`${what} was answered with ${status}: ${JSON.stringify(body)}`);
