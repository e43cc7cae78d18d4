import {command} from "./command.js";
import {nearest, NotFoundError} from "./errors.js";
import {listExperiments, observationsOf, type Store} from "./store.js";

/** One observation by the name people type, EXPERIMENT/OBSERVATION; status is its experiment's. */
export type NamedObservation = {id: number; name: string; status: string};

/** Returns every observation there is under its typed name. */
export function namedObservations(store: Store): NamedObservation[] {
  return listExperiments(store).flatMap(({id, name, status}) =>
    observationsOf(store, id).map((observation) => ({
      id: observation.id,
      name: `${name}/${observation.name}`,
      status
    }))
  );
}

/** Returns the id of an observation named by number or as EXPERIMENT/OBSERVATION; throws a NotFoundError with the nearest. */
export function findObservation(store: Store, named: string, {what = "observation"} = {}): number {
  const known = namedObservations(store);
  const found = known.find(({id, name}) => String(id) === named || name === named);
  if (found) return found.id;
  const names = known.map(({name}) => name);
  const near = nearest(named, names);
  throw new NotFoundError(
    `there is no ${what} ${named}`,
    near ? `did you mean ${near}?` : `${command} calculate lists the observations`
  );
}
