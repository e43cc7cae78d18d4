// From planned to decided: what each step asks for, and what deleting takes away.

import {z} from "zod";
import {refuseChanged, requireExperiment, requireObservation} from "./as-seen.js";
import {ConflictError, NotFoundError, UserError} from "./errors.js";
import {
  declareVariants,
  deletedThings,
  experimentById,
  jobsOf,
  markDeleted,
  observationsOf,
  planKept,
  recordEvent,
  saveExperiment,
  savePlan
} from "./store.js";
import type {Experiment, ExperimentStatus, Instant, KeptPlan, Variant} from "./types.js";
import type {Saved} from "./view-types.js";
import type {Workspace} from "./workspace.js";

export const lifecycleActions = ["start", "pause", "resume", "complete", "cancel", "reopen"] as const;
export type LifecycleAction = (typeof lifecycleActions)[number];

type Step = {
  from: ExperimentStatus[];
  to: ExperimentStatus;
  /** What is missing before the step can be made, each as what to do. */
  missing: (experiment: Experiment, words: string | null) => string[];
};

const steps: Record<LifecycleAction, Step> = {
  start: {
    from: ["planned"],
    to: "running",
    missing: ({variants, keyMetrics}) => [
      ...(variants.some(({isControl}) => isControl) ? [] : ["declare its variants, one of them the control"]),
      ...(keyMetrics.length ? [] : ["name its primary metric"])
    ]
  },
  pause: {from: ["running"], to: "paused", missing: (_, words) => reason(words)},
  resume: {from: ["paused"], to: "running", missing: () => []},
  complete: {
    from: ["running", "paused"],
    to: "completed",
    missing: ({conclusion}, words) =>
      words || conclusion ? [] : ["write the conclusion: what was decided, and why"]
  },
  cancel: {from: ["planned", "running", "paused"], to: "cancelled", missing: (_, words) => reason(words)},
  reopen: {from: ["completed", "cancelled"], to: "running", missing: (_, words) => reason(words)}
};

const reason = (words: string | null) => (words ? [] : ["say why: it stays with the experiment"]);

/** When something is done (now unless given), and by whom. */
type Told = {now?: Instant; who?: string | null};

/** When what is changed was last changed, as whoever does it has seen it; not looked at where it is not said. */
type Seen = {updatedAt?: string | null};

const reload = "load the page again";

const clock = (): Instant => new Date().toISOString();

export type Move = {action: LifecycleAction; words?: string | null; updatedAt?: string | null};

/**
 * Returns when an experiment's status was changed; starting sets a start that is open or still to come to now, ending an end
 * alike, and the words that complete it are its conclusion. Throws a UserError that says what the step needs, a
 * ConflictError where the experiment is not in a state it starts from or was changed since it was read.
 */
export function moveExperiment(
  {store}: Pick<Workspace, "store">,
  id: number,
  {action, words, updatedAt}: Move,
  {now = clock(), who = null}: Told = {}
): Saved {
  const {from, to, missing} = steps[action];
  const said = words?.trim() || null;
  return store
    .transaction(() => {
      const experiment = requireExperiment(store, id);
      if (updatedAt != null) refuseChanged(experiment, updatedAt, reload);
      if (!from.includes(experiment.status))
        throw new ConflictError(
          `“${experiment.name}” is ${experiment.status}, so there is nothing to ${action}`,
          `${action} what is ${from.join(" or ")}`
        );
      const needed = missing(experiment, said);
      if (needed.length)
        throw new UserError(`to ${action} “${experiment.name}”, ${needed.join("; ")}`, "then try again");
      const changed = {...experiment, ...datesOf(experiment, to, now), status: to};
      if (action === "complete" && said) changed.conclusion = said;
      saveExperiment(store, changed, {id, now, words: said, who});
      return {id, updatedAt: experimentById(store, id)!.updatedAt};
    })
    .immediate();
}

function datesOf(
  {start, end}: Experiment,
  to: ExperimentStatus,
  now: Instant
): Pick<Experiment, "start" | "end"> {
  const isOpen = (at: Instant | null) => at === null || at > now;
  if (to === "running") return {start: isOpen(start) ? now : start, end};
  return to === "completed" || (to === "cancelled" && start && start < now)
    ? {start, end: isOpen(end) ? now : end}
    : {start, end};
}

/**
 * Returns an experiment whose variants are now declared. Throws a ConflictError where somebody has declared them already:
 * another share is an edit, which names the version it was made from.
 */
export function declareFirst(
  {store}: Pick<Workspace, "store">,
  id: number,
  variants: Variant[],
  {now = clock(), who = null}: Told = {}
): Experiment {
  return store
    .transaction(() => {
      const {name, variants: declared} = requireExperiment(store, id);
      if (declared.length)
        throw new ConflictError(
          `the variants of “${name}” are declared already`,
          "load the page again; its form on Experiments changes them"
        );
      declareVariants(store, id, variants, {now, who});
      return requireExperiment(store, id);
    })
    .immediate();
}

/** What a plan may be, as it comes from a page. */
export const keptPlan: z.ZodType<KeptPlan> = z.strictObject({
  metrics: z
    .array(
      z.strictObject({
        alias: z.string(),
        title: z.string(),
        units: z.number().nullable(),
        day: z.number().nullable()
      })
    )
    .min(1)
    .max(500),
  lift: z.number().positive(),
  power: z.number().gt(0).lt(1),
  confidence: z.number().gt(0).lt(1),
  shares: z.array(z.number().positive()).min(2).max(20),
  side: z.enum(["two-sided", "greater", "less"]),
  corrected: z.boolean(),
  cuped: z.boolean(),
  sequential: z.boolean(),
  units: z.number().nullable(),
  day: z.number().nullable(),
  source: z.string().max(500),
  keptAt: z.iso.datetime()
});

/** A plan to be kept, and when the one that it replaces was made, as the page knew it; null: none. */
export const planToKeep = z.strictObject({plan: keptPlan, replaces: z.iso.datetime().nullable()});

/**
 * Keeps a plan with an experiment; throws a NotFoundError where there is none of that id, a ConflictError where another
 * plan was kept with it meanwhile.
 */
export function keepPlan(
  {store}: Pick<Workspace, "store">,
  id: number,
  {plan, replaces}: z.output<typeof planToKeep>,
  {now = clock(), who = null}: Told = {}
): void {
  store
    .transaction(() => {
      const {name} = requireExperiment(store, id);
      const kept = planKept(store, id);
      if ((kept?.keptAt ?? null) !== replaces)
        throw new ConflictError(
          `another plan was kept with “${name}” after you opened this page`,
          "load the page again: its Results show that plan, and nothing has been overwritten"
        );
      savePlan(store, id, plan);
      recordEvent(store, id, {kind: "plan", at: now, who});
    })
    .immediate();
}

/** Returns what goes with an experiment when it is deleted: how many observations and jobs. */
export function consequencesOf(
  {store}: Pick<Workspace, "store">,
  id: number
): {observations: number; jobs: number} {
  const observations = observationsOf(store, requireExperiment(store, id).id);
  const jobs = observations.reduce((sum, observation) => sum + jobsOf(store, observation.id).length, 0);
  return {observations: observations.length, jobs};
}

/** Deletes an experiment with all that is its; for 30 days it can be brought back. */
export function deleteExperiment(
  {store}: Pick<Workspace, "store">,
  id: number,
  {now = clock(), who = null, updatedAt}: Told & Seen = {}
): void {
  store
    .transaction(() => {
      const experiment = requireExperiment(store, id);
      if (updatedAt != null) refuseChanged(experiment, updatedAt, reload);
      markDeleted(store, "experiment", id, {at: now, who});
    })
    .immediate();
}

/** Deletes an observation with its jobs; for 30 days it can be brought back. Throws a NotFoundError for another experiment's. */
export function deleteObservation(
  {store}: Pick<Workspace, "store">,
  {experiment, id}: {experiment: number; id: number},
  {now = clock(), who = null, updatedAt}: Told & Seen = {}
): void {
  store
    .transaction(() => {
      const observation = requireObservation(store, experiment, id);
      if (updatedAt != null) refuseChanged(observation, updatedAt, reload);
      markDeleted(store, "observation", id, {at: now, who});
    })
    .immediate();
}

/** Brings back what was deleted; throws a NotFoundError where nothing of that id is deleted. */
export function restore(
  {store}: Pick<Workspace, "store">,
  {kind, id}: {kind: "experiment" | "observation"; id: number},
  {now = clock(), who = null}: Told = {}
): void {
  if (deletedThings(store).some((thing) => thing.kind === kind && thing.id === id)) {
    refuseTakenName(store, kind, id);
    markDeleted(store, kind, id, {isBack: true, at: now, who});
    return;
  }
  throw new NotFoundError(`no deleted ${kind} ${id}`, "what was deleted more than 30 days ago is gone");
}

function refuseTakenName(store: Workspace["store"], kind: "experiment" | "observation", id: number) {
  if (kind === "experiment") return;
  const taken = store
    .prepare<[number]>(
      `select 1 from observations o join observations gone on gone.id = ? and gone.experiment_id = o.experiment_id
       where o.name = gone.name and o.id <> gone.id and o.deleted_at is null`
    )
    .get(id);
  if (taken)
    throw new ConflictError(
      "another observation has taken its name",
      "rename that one, then bring this back"
    );
}
