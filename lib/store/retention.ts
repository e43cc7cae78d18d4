// What is no longer kept of jobs and of the trail.

import type {Instant} from "../types.js";
import {writeTime} from "./columns.js";
import type {Store} from "./open.js";
import {tablesOfJobs} from "./results.js";

/** Which jobs go: those beyond so many of their observation that completed, or that did not, and from before a moment; null is no limit. */
export type JobLimits = {most: number | null; before: Instant | null; published: number[]};

/**
 * Returns the jobs that are beyond every limit that is set. The newest completed one of an observation stays, and so do what is
 * published, what waits or runs, and what came with a report.
 */
export function jobsBeyond(db: Store, {most, before, published}: JobLimits): number[] {
  if (most === null && before === null) return [];
  const query = `
    with ranked as (
      select id, status, _created_at, extra,
        count(*) filter (where status = 'completed') over newer as completed,
        count(*) filter (where status <> 'completed') over newer as others
      from calculation_jobs
      where observation_id is not null
      window newer as (
        partition by observation_id order by id desc rows between unbounded preceding and 1 preceding
      )
    )
    select id
    from ranked
    where status not in ('pending', 'running')
      and (completed >= @most or (status <> 'completed' and others >= @most))
      and (@before is null or _created_at < @before)
      and (extra is null or not json_valid(extra) or json_extract(extra, '$.origin') is null)
      and id not in (select value from json_each(@published))
    order by id`;
  const limits = {most: most ?? 1, before: writeTime(before), published: JSON.stringify(published)};
  return db.prepare<unknown[], number>(query).pluck().all(limits);
}

/** Removes jobs with all their numbers. */
export function removeJobs(db: Store, ids: number[]): void {
  const which = "(select value from json_each(?))";
  const steps = [
    ...tablesOfJobs.map((table) => `delete from ${table} where job_id in ${which}`),
    `delete from calculation_jobs where id in ${which}`
  ];
  const remove = db.transaction(() => {
    for (const sql of steps) db.prepare(sql).run(JSON.stringify(ids));
  });
  remove.immediate();
}

// Steps and shares of an experiment decide numbers: they are no mere memory.
const remembered = [
  "from experiment_events where kind not in ('status', 'allocation') and at < ?",
  "from access_events where at < ?"
];

/** Returns how many changes the trail remembers from before a moment. */
export function trailBefore(db: Store, before: Instant): number {
  return remembered
    .map((rows) => db.prepare<[string], number>(`select count(*) ${rows}`).pluck().get(writeTime(before)!)!)
    .reduce((sum, n) => sum + n, 0);
}

/** Removes what the trail remembers from before a moment. */
export function forgetTrail(db: Store, before: Instant): void {
  const forget = db.transaction(() => {
    for (const rows of remembered) db.prepare(`delete ${rows}`).run(writeTime(before));
  });
  forget.immediate();
}
