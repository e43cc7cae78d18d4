// What was planned for experiments, and what was deleted and can still be brought back.

import type {Instant, KeptPlan} from "../types.js";
import {readJson, readTime, writeTime} from "./columns.js";
import type {Store} from "./open.js";
import {tablesOfJobs} from "./results.js";
import {recordDeletion} from "./trail.js";

/** Days for which what was deleted can be brought back. */
export const daysToUndo = 30;

/** Keeps a plan with an experiment, in the place of an earlier one. */
export function savePlan(db: Store, experimentId: number, plan: KeptPlan): void {
  db.prepare("insert or replace into plans (experiment_id, plan) values (?, ?)").run(
    experimentId,
    JSON.stringify(plan)
  );
}

/** Returns the plan kept with an experiment, or null. */
export function planKept(db: Store, experimentId: number): KeptPlan | null {
  const row = db
    .prepare<[number], {plan: string}>("select plan from plans where experiment_id = ?")
    .get(experimentId);
  return row ? (readJson(row.plan) as KeptPlan) : null;
}

export type Deleted = {kind: "experiment" | "observation"; id: number; name: string; deletedAt: Instant};

/** Returns what is deleted and can still be brought back, newest first; not the observations of a deleted experiment. */
export function deletedThings(db: Store): Deleted[] {
  const query = `
    select 'experiment' as kind, id, name, deleted_at as deletedAt from experiments where deleted_at is not null
    union all
    select 'observation', o.id, o.name || ' of ' || e.name, o.deleted_at
    from observations o join experiments e on e.id = o.experiment_id
    where o.deleted_at is not null and e.deleted_at is null
    order by deletedAt desc`;
  const rows = db.prepare<[], Deleted>(query).all();
  return rows.map((row) => ({...row, deletedAt: readTime(row.deletedAt) ?? ""}));
}

/** Marks a row deleted, or brings it back, and keeps that it happened; returns whether there was one to change. */
export function markDeleted(
  db: Store,
  kind: Deleted["kind"],
  id: number,
  {isBack = false, at, who = null}: {isBack?: boolean; at: Instant; who?: string | null}
): boolean {
  const update = `update ${kind}s set deleted_at = ? where id = ? and deleted_at ${isBack ? "is not null" : "is null"}`;
  const mark = db.transaction(() => {
    const isChanged = db.prepare(update).run(isBack ? null : writeTime(at), id).changes > 0;
    if (isChanged) recordDeletion(db, {kind, id, isBack, at, who});
    return isChanged;
  });
  return mark.immediate();
}

/** Removes for good what was deleted before a moment, with its jobs and their numbers; returns how many rows of its kind went. */
export function purgeDeleted(db: Store, before: Instant): number {
  const limit = writeTime(before);
  const experiments = "select id from experiments where deleted_at < @limit";
  const observations = `select id from observations where deleted_at < @limit or experiment_id in (${experiments})`;
  const jobs = `select id from calculation_jobs where observation_id in (${observations})`;
  const steps = [
    ...tablesOfJobs.map((table) => `delete from ${table} where job_id in (${jobs})`),
    `delete from calculation_jobs where observation_id in (${observations})`,
    `delete from experiment_events where experiment_id in (${experiments})`,
    `delete from plans where experiment_id in (${experiments})`,
    `delete from observations where id in (${observations})`,
    "delete from experiments where deleted_at < @limit"
  ];
  const purge = db.transaction(() => steps.map((sql) => db.prepare(sql).run({limit}).changes));
  const [gone, experimentsGone] = purge.immediate().slice(-2);
  return gone + experimentsGone;
}
