import {z} from "zod";
import {addUser, changePassword, changeRole, removeUser, usersOf} from "../access/users.js";
import {machineUser} from "../access/machine.js";
import {makeToken, revokeToken, tokensOf} from "../access/tokens.js";
import {accessEvents, type By} from "../access/trail.js";
import {UserError} from "../errors.js";
import type {Person, Role} from "../types.js";
import type {Io} from "./main.js";
import {passwordFrom} from "./password.js";
import {printable, table} from "./table.js";
import {withStore} from "./with-store.js";

/** Adds somebody who signs in with a password. */
export const add = (person: Person, io: Io) =>
  withStore(io.folder, async (store, {auth}) => {
    await addUser(store, {...person, password: await passwordFrom(io)}, by(io));
    io.out(`${person.name} may sign in, as ${person.role}`);
    if (!auth.login) io.out("nobody is asked to yet: set auth.login: true in expanto.config.yaml");
  });

/** Prints everybody who has a password. */
export const listUsers = (io: Io) =>
  withStore(io.folder, (store) => {
    const rows = usersOf(store).map(({name, role, createdAt}) => [name, role, day(createdAt)]);
    print(io, ["name", "role", "since"], rows);
  });

/** Gives somebody another role. */
export const giveRole = (person: {name: string; role: string}, io: Io) =>
  withStore(io.folder, (store) => {
    changeRole(store, person as Person, by(io));
    io.out(`${person.name} is ${person.role}`);
  });

/** Gives somebody another password. */
export const givePassword = (name: string, io: Io) =>
  withStore(io.folder, async (store) => {
    await changePassword(store, {name, password: await passwordFrom(io)}, by(io));
    io.out(`${name} has another password, and is signed out everywhere`);
  });

/** Takes somebody's access away. */
export const remove = (name: string, io: Io) =>
  withStore(io.folder, (store) => {
    removeUser(store, name, by(io));
    io.out(`${name} may no longer sign in`);
  });

/** Prints a new token. */
export const createToken = (asked: {name: string; role: string; days: number}, io: Io) =>
  withStore(io.folder, (store) => {
    io.out(makeToken(store, {...asked, role: asked.role as Role}, by(io)));
    io.err("keep it now: it is not shown again");
  });

/** Prints every token: whose it is, not the token. */
export const listTokens = (io: Io) =>
  withStore(io.folder, (store) => {
    const until = (at: string) => (at > io.now() ? day(at) : `${day(at)} (over)`);
    const rows = tokensOf(store).map((d) => [d.name, d.role, day(d.createdAt), until(d.expiresAt)]);
    print(io, ["name", "role", "since", "until"], rows);
  });

/** Revokes a token. */
export const revoke = (name: string, io: Io) =>
  withStore(io.folder, (store) => {
    revokeToken(store, name, by(io));
    io.out(`${name} is revoked`);
  });

/** Prints what happened at the doors, oldest first. */
export const printTrail = ({since}: {since?: string}, io: Io) =>
  withStore(io.folder, (store) => {
    if (since !== undefined && !z.iso.date().safeParse(since).success)
      throw new UserError(`--since is a day, not ${since}`, "for example --since 2026-01-31");
    const events = accessEvents(store, {since: since && `${since}T00:00:00.000Z`, most: 100_000});
    const rows = events.reverse().map(({at, kind, who, words}) => [at, kind, who ?? "", words ?? ""]);
    print(io, ["when (UTC)", "what", "who", ""], rows);
  });

const by = (io: Io): By => ({who: machineUser(), now: io.now()});

const day = (at: string) => at.slice(0, 10);

function print(io: Io, header: string[], rows: string[][]): void {
  io.out(rows.length ? table([header, ...rows.map((row) => row.map(printable))]) : "none");
}
