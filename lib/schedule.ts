// What is done every night: running experiments are calculated again, who asked for it is told what is wrong, and what is
// kept no longer goes.

import {existsSync} from "node:fs";
import {readFile, writeFile} from "node:fs/promises";
import {join} from "node:path";
import {alarmOfFailure, alarmsOf, type Alarm} from "./alarms.js";
import {placed} from "./aside.js";
import {calculate} from "./calculate.js";
import {redactor} from "./config/secrets.js";
import {explain} from "./errors.js";
import {applyRetention, type Removed} from "./retention.js";
import {staleness} from "./staleness.js";
import {failAbandonedJobs, jobsOf, latestCompletedJob, listExperiments, observationsOf} from "./store.js";
import {holderOf} from "./store/lock.js";
import type {Config} from "./config/types.js";
import type {Instant, Job, Observation} from "./types.js";
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
  const observations = listExperiments(store)
    .filter(({status}) => status === "running")
    .flatMap(({id}) => observationsOf(store, id))
    .sort((a, b) => a.id - b.id);
  const alarms: Alarm[] = [];
  const counts = {calculated: 0, failed: 0, upToDate: 0};
  for (const observation of observations) {
    if (signal?.aborted) break;
    const {isDue, error} = await bringUpToDate(workspace, observation, {now, signal});
    const view = await resultsView(workspace, observation.id);
    const found = error ? [alarmOfFailure({...view, job: error.job}, error.said)] : alarmsOf(view, now());
    alarms.push(...found);
    counts[error ? "failed" : isDue ? "calculated" : "upToDate"]++;
    const outcome = error ? `failed: ${error.said}` : isDue ? "calculated" : "up to date";
    say(`${view.experiment.name}/${observation.name}: ${outcome}`);
    for (const {failed} of error ? [] : found) say(`  ${failed}`);
  }
  const told = signal?.aborted ? {sent: 0, unsent: []} : await tell(config, alarms, options.patience);
  const removed = await applyRetention(workspace, {now: now()});
  return {...counts, alarms, ...told, removed};
}

type Attempt = {isDue: boolean; error: {said: string; job: Job | null} | null};

async function bringUpToDate(
  workspace: Workspace,
  observation: Observation,
  {now, signal}: {now: () => Instant; signal?: AbortSignal}
): Promise<Attempt> {
  if (!(await isDue(workspace, observation, now()))) return {isDue: false, error: null};
  try {
    const job = await calculate(workspace, observation.id, {now, signal});
    const hasFailed = job.status === "failed";
    return {isDue: true, error: hasFailed ? {said: job.error ?? "it failed", job} : null};
  } catch (error) {
    return {isDue: true, error: {said: redactor(workspace.config)(explain(error).message), job: null}};
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
  const standing = alarms.map(({key}) => key).filter((key) => before.includes(key));
  await placed(alarmsFile(config), (half) => writeFile(half, JSON.stringify([...standing, ...sentNow])));
  return {sent: sentNow.length, unsent};
}

async function sentBefore(config: Config): Promise<string[]> {
  const file = alarmsFile(config);
  return existsSync(file) ? (JSON.parse(await readFile(file, "utf8")) as string[]) : [];
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
