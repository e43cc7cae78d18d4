// What is done every night: running experiments are calculated again, who asked for it is told what is wrong, and what is
// kept no longer goes.

import {existsSync} from "node:fs";
import {readFile, writeFile} from "node:fs/promises";
import {join} from "node:path";
import {z} from "zod";
import {alarmOfFailure, alarmsOf, type Alarm} from "./alarms.js";
import {placed} from "./aside.js";
import {calculate} from "./calculate.js";
import {redactor} from "./config/secrets.js";
import {explain} from "./errors.js";
import {applyRetention, type Removed} from "./retention.js";
import {staleness} from "./staleness.js";
import {
  failAbandonedJobs,
  jobsOf,
  latestCompletedJob,
  listExperiments,
  observationById,
  observationsOf
} from "./store.js";
import {holderOf} from "./store/lock.js";
import type {Config} from "./config/types.js";
import type {Experiment, Instant, Job, Observation} from "./types.js";
import {resultsView} from "./views.js";
import {send, type Message, type Patience} from "./webhook.js";
import type {Workspace} from "./workspace.js";

/** What a night came to: numbers of observations, alarms that stand, those that were sent now, what could not be sent. */
export type Night = {
  calculated: number;
  failed: number;
  upToDate: number;
  alarms: Alarm[];
  sent: number;
  unsent: string[];
  removed: Removed;
};

export type NightOptions = {
  now?: () => Instant;
  say?: (line: string) => void;
  signal?: AbortSignal;
  patience?: Patience;
};

/** Calculates what is due, sends the alarms that were not sent before, applies retention, and returns what that came to. */
export async function runNight(workspace: Workspace, options: NightOptions = {}): Promise<Night> {
  const {now = () => new Date().toISOString(), say = () => {}, signal} = options;
  const {store, config} = workspace;
  failAbandonedJobs(store, now());
  const alarms: Alarm[] = [];
  const counts = {calculated: 0, failed: 0, upToDate: 0};
  for (const subject of runningObservations(workspace)) {
    // Deleted since the night began.
    if (!observationById(store, subject.observation.id)) continue;
    const {outcome, said, found} = await visit(workspace, subject, {now, signal});
    if (signal?.aborted) break;
    alarms.push(...found);
    counts[outcome]++;
    say(`${subject.experiment.name}/${subject.observation.name}: ${said}`);
    for (const {failed} of outcome === "failed" ? [] : found) say(`  ${failed}`);
  }
  const told = signal?.aborted ? {sent: 0, unsent: []} : await tell(config, alarms, options.patience);
  const removed = await applyRetention(workspace, {now: now()});
  return {...counts, alarms, ...told, removed};
}

type Subject = {experiment: Experiment; observation: Observation};

const runningObservations = ({store}: Workspace): Subject[] =>
  listExperiments(store)
    .filter(({status}) => status === "running")
    .flatMap((experiment) =>
      observationsOf(store, experiment.id).map((observation) => ({experiment, observation}))
    )
    .sort((a, b) => a.observation.id - b.observation.id);

type Visit = {outcome: "calculated" | "failed" | "upToDate"; said: string; found: Alarm[]};

// What is wrong with one observation, whatever it is, keeps no other from being calculated and told.
async function visit(
  workspace: Workspace,
  {experiment, observation}: Subject,
  {now, signal}: {now: () => Instant; signal?: AbortSignal}
): Promise<Visit> {
  const failed = (error: string, job: Job | null): Visit => {
    const found = [alarmOfFailure({experiment, observation, job}, error)];
    return {outcome: "failed", said: `failed: ${error}`, found};
  };
  try {
    const isNew = await isDue(workspace, observation, now());
    const job = isNew ? await calculate(workspace, observation.id, {now, signal}) : null;
    if (job?.status === "failed") return failed(job.error ?? "it failed", job);
    const found = alarmsOf(await resultsView(workspace, observation.id), now());
    return isNew
      ? {outcome: "calculated", said: "calculated", found}
      : {outcome: "upToDate", said: "up to date", found};
  } catch (error) {
    return failed(redactor(workspace.config)(explain(error).message), null);
  }
}

/** Returns whether an observation has to be calculated: nothing answers it, what does is out of date, or a day has come. */
async function isDue(workspace: Workspace, observation: Observation, now: Instant): Promise<boolean> {
  const {store, config} = workspace;
  // Somebody is at it.
  if (["pending", "running"].includes(jobsOf(store, observation.id).at(0)?.status ?? "")) return false;
  const job = latestCompletedJob(store, observation.id);
  if (!job || (await staleness(workspace, job))) return true;
  // The embedded engine tells when its data changes; another warehouse does not.
  return config.warehouse.type !== "duckdb" && isOpen(observation, job) && dayOf(job.createdAt) < dayOf(now);
}

function isOpen({exposureEnd, calcEnd}: Observation, {createdAt}: Job): boolean {
  return [exposureEnd, calcEnd].some((end) => end === null || end > createdAt);
}

const dayOf = (instant: Instant) => instant.slice(0, 10);

const alarmsFile = ({folders}: Config) => join(folders.data, "alarms.json");

/** Sends the alarms that were not sent before; what is over is forgotten, and would be sent again. */
async function tell(
  config: Config,
  alarms: Alarm[],
  patience?: Patience
): Promise<Pick<Night, "sent" | "unsent">> {
  const {webhook, secret} = config.schedule;
  if (webhook === null) return {sent: 0, unsent: []};
  const before = await sentBefore(config);
  const unsent: string[] = [];
  const sentNow: string[] = [];
  for (const alarm of alarms.filter(({key}) => !before.includes(key))) {
    try {
      await send({webhook, secret}, messageOf(config, alarm), patience);
      sentNow.push(alarm.key);
    } catch (error) {
      unsent.push(explain(error).message);
    }
  }
  const standing = before.filter((key) =>
    alarms.some((alarm) => alarm.key === key || isUnjudged(key, alarm))
  );
  await placed(alarmsFile(config), (half) => writeFile(half, JSON.stringify([...standing, ...sentNow])));
  return {sent: sentNow.length, unsent};
}

// What an observation's numbers had shown is not over because it could not be calculated.
const isUnjudged = (key: string, {reason, observation: {id}}: Alarm) =>
  reason === "job" && key.startsWith(`${id} `) && !key.startsWith(`${id} job`);

// Who is to be told is rather told twice than never: what cannot be read counts as not sent.
async function sentBefore(config: Config): Promise<string[]> {
  const file = alarmsFile(config);
  if (!existsSync(file)) return [];
  try {
    return z.array(z.string()).parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    return [];
  }
}

function messageOf(config: Config, {key: _, ...alarm}: Alarm): Message {
  const {folders, server} = config;
  const address = server.url ?? holderOf(folders.data)?.url ?? `http://127.0.0.1:${server.port}`;
  const link = `${address.replace(/\/$/, "")}/results/${alarm.observation.id}`;
  return JSON.parse(redactor(config)(JSON.stringify({...alarm, link}))) as Message;
}

/** Returns the first of some times of day, UTC, after a moment. */
export function nextTime(at: string[], now: Date): Date {
  const days = [0, 1].map((ahead) => new Date(+now + ahead * 86_400_000).toISOString().slice(0, 10));
  const times = days.flatMap((day) => at.map((time) => new Date(`${day}T${time}:00Z`)));
  return times.filter((time) => time > now).sort((a, b) => +a - +b)[0];
}
