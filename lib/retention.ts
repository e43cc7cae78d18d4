// Applies what the configuration says is to be kept.

import {readdir, readFile} from "node:fs/promises";
import {join} from "node:path";
import {dataIn} from "./report/page.js";
import type {ReportBundle} from "./report-types.js";
import {forgetTrail, jobsBeyond, removeJobs, trailBefore} from "./store.js";
import type {Config} from "./config/types.js";
import type {Instant} from "./types.js";
import {reportsFolder, type Workspace} from "./workspace.js";

/** How many jobs, and how many remembered changes, are kept no longer. */
export type Removed = {jobs: number; changes: number};

/** Returns how much retention no longer keeps, after removing it; with `isDry` it only counts. */
export async function applyRetention(
  {config, store}: Pick<Workspace, "config" | "store">,
  {now, isDry = false}: {now: Instant; isDry?: boolean}
): Promise<Removed> {
  const {jobs: most, jobsDays, trailDays} = config.retention;
  const published = await publishedJobs(config);
  const jobs = jobsBeyond(store, {most, before: daysBefore(now, jobsDays), published});
  const trailEnd = daysBefore(now, trailDays);
  const changes = trailEnd === null ? 0 : trailBefore(store, trailEnd);
  if (!isDry) {
    if (jobs.length) removeJobs(store, jobs);
    if (changes) forgetTrail(store, trailEnd!);
  }
  return {jobs: jobs.length, changes};
}

function daysBefore(now: Instant, days: number | null): Instant | null {
  return days === null ? null : new Date(Date.parse(now) - days * 86_400_000).toISOString();
}

// A report goes on naming its job, and links to it.
async function publishedJobs(config: Config): Promise<number[]> {
  const folder = reportsFolder(config);
  const pages = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".html"));
  const jobs: number[] = [];
  for (const page of pages) {
    const report = dataIn(await readFile(join(folder, page), "utf8"), "report") as ReportBundle | null;
    if (report?.view.job) jobs.push(report.view.job.id);
  }
  return jobs;
}
