// What a change is made to: it must be there, and as whoever changes it has seen it.

import {ConflictError, NotFoundError} from "./errors.js";
import {experimentById, observationById, type Store} from "./store.js";
import type {Experiment, Instant, Observation} from "./types.js";

/** Returns an experiment; throws a NotFoundError where there is none of that id. */
export function requireExperiment(store: Store, id: number): Experiment {
  const experiment = experimentById(store, id);
  if (experiment) return experiment;
  throw new NotFoundError(`there is no experiment ${id}`, "the Experiments page lists what there is");
}

/** Returns an observation of an experiment; throws a NotFoundError where that has none of this id. */
export function requireObservation(store: Store, experimentId: number, id: number): Observation {
  const observation = observationById(store, id);
  if (observation?.experimentId === experimentId) return observation;
  throw new NotFoundError(`the experiment has no observation ${id}`, "load the page again");
}

/** Throws a ConflictError, with what to do, where a row was changed after it was seen. */
export function refuseChanged(
  {name, updatedAt}: {name: string; updatedAt: Instant},
  seen: Instant | null | undefined,
  advice: string
): void {
  if (seen !== updatedAt)
    throw new ConflictError(`“${name}” was changed by somebody else after you opened it`, advice);
}
