import {createHash} from "node:crypto";
import type {Context} from "hono";
import {createMiddleware} from "hono/factory";
import {list} from "../lib/stats/words.js";
import type {Access} from "./access/access.js";

const localNames = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i;

// A page elsewhere can point its own name at this address (DNS rebinding); its Host gives it away.
export const knownNameOnly = ({url, host: own}: Pick<Access, "url" | "host">) =>
  createMiddleware(async (c, next) => {
    const host = hostOf(c);
    const ownName = own.includes(":") ? `[${own}]` : own;
    const isOwn = host.replace(/:\d+$/, "") === ownName;
    if (localNames.test(host) || isOwn || host === url?.host) return next();
    const names = new Set(["127.0.0.1", "localhost", ownName, ...(url ? [url.host] : [])]);
    const error = `this server answers to ${list([...names])}, not to ${host}`;
    const hint = "open the address it printed when it started; server.url names another";
    return c.json({error, hint, status: 403}, 403);
  });

/** Returns whether a request changes nothing. */
export const isReading = (c: Context) => ["GET", "HEAD", "OPTIONS"].includes(c.req.method);

/** Refuses every request that changes something unless a page of this very server sent it, or a program with a token. */
export const sameOriginOnly = ({url}: Pick<Access, "url">) =>
  createMiddleware(async (c, next) => {
    if (isReading(c) || !c.get("isAmbient")) return next();
    const origin = c.req.header("origin");
    const here = hostOf(c) === url?.host ? url.origin : `http://${hostOf(c)}`;
    if (origin === here || (url && origin === url.origin)) return next();
    const named = url?.origin ?? here;
    const hint = `send it from a page of ${named}, or with the header Origin: ${named}`;
    return c.json({error: "the request comes from another site", hint, status: 403}, 403);
  });

const hostOf = (c: Context) => c.req.header("host") ?? new URL(c.req.url).host;

export const securityHeaders = createMiddleware(async (c, next) => {
  await next();
  c.header("X-Content-Type-Options", "nosniff");
  c.header("X-Frame-Options", "DENY");
  c.header("Referrer-Policy", "same-origin");
  c.header("Cross-Origin-Opener-Policy", "same-origin");
  c.header("Cross-Origin-Resource-Policy", "same-origin");
  if (!c.res.headers.has("Content-Security-Policy")) {
    c.header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  }
});

/** Returns the content security policy of one page: its own files, and the inline scripts it was built with. */
export function pagePolicy(html: string): string {
  const hashes = inlineScripts(html).map((script) => `'sha256-${sha256(script)}'`);
  return [
    "default-src 'none'",
    ["script-src 'self'", ...hashes].join(" "),
    // Charts place themselves with style attributes and carry a style element each.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'"
  ].join("; ");
}

function inlineScripts(html: string): string[] {
  return [
    ...html.matchAll(/<script(?![^>]*\s(?:src=|type="application\/json"))[^>]*>([\s\S]*?)<\/script>/g)
  ].map((match) => match[1]);
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("base64");
