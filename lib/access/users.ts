// People who sign in with a name and a password.

import {command} from "../command.js";
import {ConflictError, NotFoundError} from "../errors.js";
import {oneOf, readTime, writeTime} from "../store/columns.js";
import type {Store} from "../store/open.js";
import {roles, type Instant, type Person} from "../types.js";
import {lawfulName} from "./names.js";
import {hashOfPassword, isPassword} from "./passwords.js";
import {recordAccess, type By} from "./trail.js";

export type User = Person & {createdAt: Instant};

type UserRow = {name: string; role: string; password: string; created_at: string};

/** Returns everybody who has a password, by name. */
export function usersOf(db: Store): User[] {
  const rows = db.prepare<[], UserRow>("select * from users order by name").all();
  return rows.map((row) => ({...personOf(row), createdAt: readTime(row.created_at) ?? ""}));
}

/** Returns who has this name and password, or null; a name that nobody has takes as long as a wrong password. */
export async function personByPassword(db: Store, name: string, password: string): Promise<Person | null> {
  const row = userRow(db, name);
  return (await isPassword(password, row?.password ?? null)) ? personOf(row!) : null;
}

/** Adds somebody; throws a UserError for a name or password that is not lawful, a ConflictError for a name that is taken. */
export async function addUser(db: Store, {name, role, password}: Person & {password: string}, by: By) {
  const hash = await hashOfPassword(password, lawfulName(name, "user"));
  change(db, {kind: "user added", words: `${name}, ${role}`, ...by}, () => {
    if (userRow(db, name))
      throw new ConflictError(`there is already a user ${name}`, `${command} user password ${name}`);
    const insert = "insert into users (name, role, password, created_at) values (?, ?, ?, ?)";
    db.prepare(insert).run(name, oneOf(roles, role, "role"), hash, writeTime(by.now));
  });
}

/** Takes somebody's access away, with all that they have open; throws a NotFoundError where nobody has this name. */
export function removeUser(db: Store, name: string, by: By): void {
  change(db, {kind: "user removed", words: name, ...by}, () => {
    requireUser(db, name);
    db.prepare("delete from users where name = ?").run(name);
  });
}

/** Gives somebody another role, which holds from their next click on. */
export function changeRole(db: Store, {name, role}: Person, by: By): void {
  change(db, {kind: "role changed", words: `${name}, ${role}`, ...by}, () => {
    requireUser(db, name);
    db.prepare("update users set role = ? where name = ?").run(oneOf(roles, role, "role"), name);
  });
}

/** Gives somebody another password, and ends all that they have open. */
export async function changePassword(db: Store, {name, password}: {name: string; password: string}, by: By) {
  requireUser(db, name);
  const hash = await hashOfPassword(password, name);
  change(db, {kind: "password changed", words: name, ...by}, () => {
    requireUser(db, name);
    db.prepare("update users set password = ? where name = ?").run(hash, name);
    db.prepare("delete from sessions where user = ?").run(name);
  });
}

/** Returns whether somebody has this name. */
export const isUser = (db: Store, name: string): boolean => userRow(db, name) !== undefined;

function change(
  db: Store,
  {kind, words, who, now}: Pick<Parameters<typeof recordAccess>[1], "kind" | "words"> & By,
  work: () => void
) {
  db.transaction(() => {
    work();
    recordAccess(db, {kind, who, words, at: now});
  }).immediate();
}

function requireUser(db: Store, name: string): void {
  if (!isUser(db, name))
    throw new NotFoundError(`there is no user ${name}`, `${command} user list says who there is`);
}

const userRow = (db: Store, name: string) =>
  db.prepare<[string], UserRow>("select * from users where name = ?").get(name);

const personOf = ({name, role}: Pick<UserRow, "name" | "role">): Person => ({
  name,
  role: oneOf(roles, role, `role of ${name}`)
});
