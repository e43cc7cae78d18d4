import {afterEach, beforeEach} from "vitest";
import {openSession} from "../../lib/access/sessions.js";
import {addUser} from "../../lib/access/users.js";
import {closeStore, openStore, type Store} from "../../lib/store.js";
import {type AuthConfig} from "../../lib/config/types.js";
import {roles} from "../../lib/types.js";
import {accessOf} from "../../server/access/access.js";
import {createApp} from "../../server/app.js";
import {serve, type Serving} from "../../server/serve.js";
import {fixtureParts} from "../browser/fixtures.js";
import {knock, type Knock} from "./knock.js";

export const password = "four words nobody says";
export const by = {who: "root", now: "2026-03-01T08:00:00.000Z"};
export const login: AuthConfig = {login: true, sessionHours: 12, proxy: null};
export const json = {"Content-Type": "application/json"};

export type Served = {auth?: AuthConfig; url?: string | null; host?: string; proxies?: string[]};

/** Where people must sign in: three of them, each called as their role; filled before each test. */
export type Doors = {
  store: Store;
  /** Serves the app on a socket until the test ends. */
  served: (how?: Served) => Promise<string>;
  appOf: (how?: Served) => ReturnType<typeof createApp>;
  /** Returns the cookie of a session that somebody opened at a time. */
  sessionFor: (name: string, at?: string) => string;
};

export function doors(): Doors {
  let open: Serving[] = [];
  const it: Doors = {
    store: undefined as unknown as Store,
    appOf: ({auth = login, url = null, host = "127.0.0.1", proxies = []} = {}) => {
      const limits = {jobsAtOnce: 1, shutdownSeconds: 0, log: "silent" as const};
      const server = {host, url, port: 0, proxies, ...limits};
      return createApp({...fixtureParts("nowhere"), access: accessOf({auth, server}, it.store)});
    },
    served: async (how = {}) => {
      const serving = await serve(it.appOf(how), {host: how.host, port: 0, isGuarded: true});
      open.push(serving);
      return serving.url;
    },
    sessionFor: (name, at = new Date().toISOString()) =>
      `expanto_session=${openSession(it.store, name, {hours: 12, now: at})}`
  };
  beforeEach(async () => {
    it.store = await openStore(":memory:");
    for (const role of roles) await addUser(it.store, {name: role, role, password}, by);
  });
  afterEach(async () => {
    for (const serving of open) await serving.close();
    open = [];
    closeStore(it.store);
  });
  return it;
}

/** Sends the form of the login page. */
export const signIn = (url: string, fields: Record<string, string>, more: Knock = {}) =>
  knock(`${url}/login`, {
    method: "POST",
    body: new URLSearchParams(fields).toString(),
    ...more,
    headers: {"Content-Type": "application/x-www-form-urlencoded", Origin: url, ...more.headers}
  });

/** Returns the cookie an answer sets, as a browser sends it back. */
export const cookieOf = ({headers}: {headers: {"set-cookie"?: string[]}}) =>
  headers["set-cookie"]?.[0].split(";")[0] ?? "";

/** Asks a server who one is. */
export const me = (url: string, headers: Knock["headers"] = {}, from?: string) =>
  knock(`${url}/api/me`, {headers, from});
