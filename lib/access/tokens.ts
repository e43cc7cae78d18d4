// Tokens by which programs come in; of each only the hash is kept.

import {command} from "../command.js";
import {ConflictError, NotFoundError, UserError} from "../errors.js";
import {oneOf, readTime, writeTime} from "../store/columns.js";
import type {Store} from "../store/open.js";
import {roles, type Instant, type Person, type Role} from "../types.js";
import {lawfulName} from "./names.js";
import {hashOfSecret, newSecret} from "./secret.js";
import {recordAccess, type By} from "./trail.js";

export type Token = {name: string; role: Role; createdAt: Instant; expiresAt: Instant};

/** What every token begins with, so that it can be told from other secrets wherever one lies around. */
export const tokenPrefix = "expanto_";

type TokenRow = {name: string; role: string; created_at: string; expires_at: string};

/** Returns every token that was not revoked, by name; those that have run out too. */
export function tokensOf(db: Store): Token[] {
  const query = "select name, role, created_at, expires_at from tokens order by name";
  return db
    .prepare<[], TokenRow>(query)
    .all()
    .map(({name, role, created_at, expires_at}) => ({
      name,
      role: oneOf(roles, role, `role of the token ${name}`),
      createdAt: readTime(created_at) ?? "",
      expiresAt: readTime(expires_at) ?? ""
    }));
}

/** Returns a new token, which nobody can be told again; throws a UserError for a name or a time that is not lawful. */
export function makeToken(
  db: Store,
  {name, role, days = 90}: {name: string; role: Role; days?: number},
  {who, now}: By
): string {
  if (!(days > 0 && days <= 3650))
    throw new UserError(`a token holds for 1 to 3,650 days, not ${days}`, "--days 90");
  const token = tokenPrefix + newSecret();
  const end = new Date(Date.parse(now) + days * 86_400_000).toISOString();
  db.transaction(() => {
    if (tokensOf(db).some((other) => other.name.toLowerCase() === name.toLowerCase()))
      throw new ConflictError(`there is already a token ${name}`, `${command} token revoke ${name}`);
    const insert = "insert into tokens (name, role, hash, created_at, expires_at) values (?, ?, ?, ?, ?)";
    const values = [lawfulName(name, "token"), oneOf(roles, role, "role"), hashOfSecret(token)];
    db.prepare(insert).run(...values, writeTime(now), writeTime(end));
    recordAccess(db, {
      kind: "token made",
      who,
      words: `${name}, ${role}, until ${end.slice(0, 10)}`,
      at: now
    });
  }).immediate();
  return token;
}

/** Returns whom a token speaks for; null where it was never made, was revoked or has run out. */
export function personByToken(db: Store, token: string, now: Instant): Person | null {
  const query = "select name, role from tokens where hash = ? and expires_at > ?";
  const row = db
    .prepare<[string, string | null], {name: string; role: string}>(query)
    .get(hashOfSecret(token), writeTime(now));
  return row
    ? {name: `token ${row.name}`, role: oneOf(roles, row.role, `role of the token ${row.name}`)}
    : null;
}

/** Revokes a token at once; throws a NotFoundError where none has this name. */
export function revokeToken(db: Store, name: string, {who, now}: By): void {
  db.transaction(() => {
    if (!db.prepare("delete from tokens where name = ?").run(name).changes)
      throw new NotFoundError(`there is no token ${name}`, `${command} token list says what there is`);
    recordAccess(db, {kind: "token revoked", who, words: name, at: now});
  }).immediate();
}
