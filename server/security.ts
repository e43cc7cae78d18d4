import {createHash} from "node:crypto";
import {createMiddleware} from "hono/factory";

const localNames = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i;

// A page elsewhere can point its own name at 127.0.0.1 (DNS rebinding); its Host gives it away.
export const localOnly = createMiddleware(async (c, next) => {
  const host = c.req.header("host") ?? new URL(c.req.url).host;
  if (!localNames.test(host)) {
    const error = `this server answers to 127.0.0.1 and localhost, not to ${host}`;
    return c.json({error, hint: "open the address it printed when it started", status: 403}, 403);
  }
  await next();
});

/** Refuses every request that changes something unless a page of this very server sent it. */
export const sameOriginOnly = createMiddleware(async (c, next) => {
  const isReading = ["GET", "HEAD", "OPTIONS"].includes(c.req.method);
  const host = c.req.header("host") ?? new URL(c.req.url).host;
  if (!isReading && c.req.header("origin") !== `http://${host}`) {
    const hint = `send it from a page of http://${host}, or with the header Origin: http://${host}`;
    return c.json({error: "the request comes from another site", hint, status: 403}, 403);
  }
  await next();
});

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
