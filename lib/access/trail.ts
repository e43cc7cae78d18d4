// What happened at the doors: it belongs to no experiment.

import {readTime, writeTime} from "../store/columns.js";
import type {Store} from "../store/open.js";
import type {Instant} from "../types.js";

/** Something that happened at the doors: what, who did it (null where that is not known), and the rest in words. */
export type AccessEvent = {kind: AccessKind; who: string | null; words: string | null; at: Instant};

export type AccessKind =
  | "login"
  | "refused"
  | "logout"
  | "user added"
  | "user removed"
  | "role changed"
  | "password changed"
  | "token made"
  | "token revoked"
  | "database restored";

/** Who changes who may come in, and when. */
export type By = {who: string | null; now: Instant};

/** Keeps what happened at the doors. */
export function recordAccess(db: Store, {kind, who, words, at}: AccessEvent): void {
  const insert = "insert into access_events (kind, who, words, at) values (?, ?, ?, ?)";
  db.prepare(insert).run(kind, who, words, writeTime(at));
}

/** Returns the last things that happened at the doors, newest first, whatever the clock said. */
export function accessEvents(
  db: Store,
  {since = "0001-01-01T00:00:00.000Z", most = 200}: {since?: Instant; most?: number} = {}
): AccessEvent[] {
  const query = "select kind, who, words, at from access_events where at >= ? order by id desc limit ?";
  return db
    .prepare<[string | null, number], AccessEvent>(query)
    .all(writeTime(since), most)
    .map((event) => ({...event, at: readTime(event.at) ?? ""}));
}
