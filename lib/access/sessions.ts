// What a browser has open after somebody signed in; of its cookie only the hash is kept.

import {oneOf, writeTime} from "../store/columns.js";
import type {Store} from "../store/open.js";
import {roles, type Instant, type Person} from "../types.js";
import {hashOfSecret, newSecret} from "./secret.js";

/** Returns the secret of a new session; sessions that have run out are swept. */
export function openSession(db: Store, user: string, {hours, now}: {hours: number; now: Instant}): string {
  const secret = newSecret();
  const end = new Date(Date.parse(now) + hours * 3_600_000).toISOString();
  db.transaction(() => {
    db.prepare("delete from sessions where expires_at <= ?").run(writeTime(now));
    const insert = "insert into sessions (hash, user, expires_at) values (?, ?, ?)";
    db.prepare(insert).run(hashOfSecret(secret), user, writeTime(end));
  }).immediate();
  return secret;
}

/** Returns whose session this is, in the role they have now; null where it was never opened, was closed or has run out. */
export function personBySession(db: Store, secret: string, now: Instant): Person | null {
  const query = `
    select name, role
    from sessions
    join users on users.name = sessions.user
    where hash = ? and expires_at > ?`;
  const row = db
    .prepare<[string, string | null], {name: string; role: string}>(query)
    .get(hashOfSecret(secret), writeTime(now));
  return row ? {name: row.name, role: oneOf(roles, row.role, `role of ${row.name}`)} : null;
}

/** Ends a session. */
export function closeSession(db: Store, secret: string): void {
  db.prepare("delete from sessions where hash = ?").run(hashOfSecret(secret));
}
