// Who asks: by a token, by a trusted proxy's word, by a session, or, where nobody has to sign in, this machine's own user.

import {isIP} from "node:net";
import type {Context} from "hono";
import {getCookie} from "hono/cookie";
import {machineUser} from "../../lib/access/machine.js";
import {personBySession} from "../../lib/access/sessions.js";
import {personByToken, tokenPrefix} from "../../lib/access/tokens.js";
import {isGuarded} from "../../lib/access/ways-in.js";
import type {Store} from "../../lib/store.js";
import {type AuthConfig, type Config, type ProxyConfig} from "../../lib/config/types.js";
import {roles, type Person} from "../../lib/types.js";

/** How people come in. */
export type Access = {
  auth: AuthConfig;
  /** Where people reach the server, beside the names of this machine. */
  url: URL | null;
  host: string;
  /** Addresses of proxies that say in X-Forwarded-For who connected to them. */
  proxies: string[];
  /** Where sessions and tokens are; null where there are none. */
  store: Store | null;
};

/** Who asks, and whether the browser says so by itself, also for another site's page. */
export type Asker = {person: Person | null; isAmbient: boolean};

/** Returns how people come into a workspace's server. */
export function accessOf(
  {server, auth}: Pick<Config, "server" | "auth">,
  store: Store | null = null
): Access {
  const {host, proxies} = server;
  return {auth, url: server.url === null ? null : new URL(server.url), host, proxies, store};
}

const machine: Person = {name: machineUser(), role: "admin"};

/** How it is where nothing is configured: whoever is at this machine may do everything. */
export const open: Access = {
  auth: {login: false, sessionHours: 0, proxy: null},
  url: null,
  host: "127.0.0.1",
  proxies: [],
  store: null
};

/** Returns who asks; nobody, for a token that is not good, whatever else the request carries. */
export function askerOf(c: Context, {auth, url, store}: Access): Asker {
  const token = tokenOf(c);
  const now = new Date().toISOString();
  if (token) return {person: store && personByToken(store, token, now), isAmbient: false};
  const isBelieved = auth.proxy && auth.proxy.trusted.includes(peerOf(c));
  const named = auth.proxy && isBelieved ? personByHeader(c, auth.proxy) : null;
  const session = auth.login && store ? sessionOf(c, url) : undefined;
  const person = named ?? (session ? personBySession(store!, session, now) : null);
  return {person: isGuarded(auth) ? person : machine, isAmbient: true};
}

// Other bearers belong to what stands between: proxies hand on what they were given.
function tokenOf(c: Context): string | null {
  const [, token] = /^Bearer (\S+)$/i.exec(c.req.header("authorization") ?? "") ?? [];
  return token?.startsWith(tokenPrefix) ? token : null;
}

// A header that came twice is joined by commas: one of the two was not the proxy's.
function personByHeader(c: Context, {header, roleHeader, role}: ProxyConfig): Person | null {
  const name = asUtf8(c.req.header(header) ?? "").trim();
  if (!/^[^\s,][^,\p{C}]{0,199}$/u.test(name)) return null;
  const said = roleHeader ? c.req.header(roleHeader)?.trim() : undefined;
  if (!said) return {name, role};
  const known = roles.find((each) => each === said);
  return known ? {name, role: known} : null;
}

// Proxies send UTF-8, and a header comes as a letter for each of its bytes.
function asUtf8(bytes: string): string {
  try {
    return new TextDecoder("utf-8", {fatal: true}).decode(Buffer.from(bytes, "latin1"));
  } catch {
    return bytes;
  }
}

/** Returns the address of whoever asks: the last that a proxy of ours was connected by, or the connection's own; "" where it came by no socket. */
export function addressIn(c: Context, {proxies}: Pick<Access, "proxies">): string {
  const peer = peerOf(c);
  if (!proxies.includes(peer)) return peer;
  // What stands further left was said by whoever asks.
  const said = (c.req.header("x-forwarded-for") ?? "").split(",").map((address) => address.trim());
  const last = said.findLast((address) => !proxies.includes(address));
  return last && isIP(last) ? last : peer;
}

/** Returns the address of whoever asks, as it was found when the request came. */
export const addressOf = (c: Context): string => c.get("address");

function peerOf(c: Context): string {
  const {incoming} = (c.env ?? {}) as {incoming?: {socket?: {remoteAddress?: string}}};
  return (incoming?.socket?.remoteAddress ?? "").replace(/^::ffff:(?=\d)/, "");
}

export const cookieName = "expanto_session";

/** Returns the prefix of the cookie's name: a browser takes one with it over https only, and from no other host. */
export const cookiePrefix = (url: URL | null) => (url?.protocol === "https:" ? ("host" as const) : undefined);

/** Returns the session's secret that a request carries. */
export const sessionOf = (c: Context, url: URL | null): string | undefined =>
  getCookie(c, cookieName, cookiePrefix(url));
