import type {Context} from "hono";
import {createMiddleware} from "hono/factory";
import {matchedRoutes} from "hono/route";
import {roles, type Person} from "../../lib/types.js";
import {addressIn, askerOf, type Access} from "./access.js";
import {wordsPage} from "./page.js";
import {needOf} from "./roles.js";

declare module "hono" {
  /** Who asks; null for who has not signed in. */
  interface ContextVariableMap {
    person: Person | null;
    isAmbient: boolean;
    /** Where whoever asks is. */
    address: string;
  }
}

/** Says of every request who asks. */
export const identified = (access: Access) =>
  createMiddleware(async (c, next) => {
    const {person, isAmbient} = askerOf(c, access);
    c.set("person", person);
    c.set("isAmbient", isAmbient);
    c.set("address", addressIn(c, access));
    await next();
  });

/** Lets a request reach its route where whoever asks may use it; the table of roles has the last word. */
export const admitted = ({auth}: Access) =>
  createMiddleware(async (c, next) => {
    const need = needOf(matchedRoutes(c));
    const person = c.get("person");
    if (need === "anyone") return next();
    if (!person) return strangers(c, auth.login);
    if (!need) return refusal(c, 404, `nothing is served at ${c.req.method} ${c.req.path}`, null);
    if (roles.indexOf(person.role) >= roles.indexOf(need)) return next();
    const error = `${person.name} may not do this: it takes ${article(need)}, and this is ${article(person.role)}`;
    return refusal(c, 403, error, "an admin of this workspace can give you another role");
  });

/** Returns the name of who asks, as the trail keeps it. */
export const whoOf = (c: Context): string | null => c.get("person")?.name ?? null;

/** Returns who asks for a change, as it is kept with the change. */
export const byOf = (c: Context) => ({who: whoOf(c)});

const article = (role: string) => (role === "viewer" ? "a viewer" : `an ${role}`);

function strangers(c: Context, hasLogin: boolean) {
  const isPage = c.req.method === "GET" && !c.req.path.startsWith("/api/");
  const {pathname, search} = new URL(c.req.url);
  if (isPage && hasLogin) return c.redirect(`/login?${new URLSearchParams({to: pathname + search})}`);
  c.header("WWW-Authenticate", "Bearer");
  if (hasLogin) return refusal(c, 401, "you are not signed in", "sign in at /login, then do this again");
  const error = "the proxy before this server did not say who you are";
  return refusal(c, 401, error, "come through its address, not this one's; programs send a token");
}

/** Returns a refusal: JSON for programs, words for who opens a page. */
function refusal(c: Context, status: 401 | 403 | 404, error: string, hint: string | null) {
  const isPage = c.req.method === "GET" && !c.req.path.startsWith("/api/");
  if (isPage)
    return wordsPage(c, {
      title: status === 401 ? "Not signed in" : "Not allowed",
      words: [error, ...(hint ? [hint] : [])],
      status
    });
  return c.json({error, hint, status}, status);
}
