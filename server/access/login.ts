// Coming in by a name and a password, and going out again.

import {Hono, type Context} from "hono";
import {bodyLimit} from "hono/body-limit";
import {deleteCookie, setCookie} from "hono/cookie";
import {html, raw} from "hono/html";
import {closeSession, openSession} from "../../lib/access/sessions.js";
import {recordAccess, type AccessKind} from "../../lib/access/trail.js";
import {isUser, personByPassword} from "../../lib/access/users.js";
import type {Store} from "../../lib/store.js";
import {counted} from "../../lib/stats/words.js";
import type {Person} from "../../lib/types.js";
import {addressOf, cookieName, cookiePrefix, sessionOf, type Access} from "./access.js";
import {whoOf} from "./guard.js";
import {limiter} from "./limits.js";
import {page, sentence} from "./page.js";

type Doors = Access & {store: Store};

/** Returns /login and /logout. */
export function loginRoutes({store, ...access}: Access): Hono {
  const routes = new Hono();
  if (!access.auth.login || !store) return routes;
  const doors = {...access, store};
  const attempts = loginAttempts();
  // Who goes on knocking at a closed door does not fill the trail.
  const told = limiter({most: 1, seconds: 60});
  routes.get("/login", (c) => form(c, {to: c.req.query("to") ?? "/"}));
  routes.post("/login", bodyLimit({maxSize: 8192, onError: tooLarge}), async (c) => {
    const {name, password, to} = await fieldsOf(c);
    const address = addressOf(c);
    const seconds = attempts.take({name, address});
    if (seconds) {
      const who = knownAs(store, name);
      if (!told.take(`${who?.toLowerCase()} ${address}`))
        tell(c, store, "refused", who, "too many attempts, ");
      return tooMany(c, {seconds, to, name});
    }
    const person = await personByPassword(store, name, password);
    if (!person) {
      tell(c, store, "refused", knownAs(store, name));
      return form(c, {to, name, wrong: "this name and password do not belong together", status: 401});
    }
    attempts.giveBack({name, address});
    comeIn(c, doors, person);
    return c.redirect(pathOf(to), 303);
  });
  routes.post("/logout", (c) => {
    const session = sessionOf(c, access.url);
    if (session) closeSession(store, session);
    deleteCookie(c, cookieName, {path: "/", secure: isSecure(doors), prefix: cookiePrefix(access.url)});
    tell(c, store, "logout", whoOf(c));
    return c.redirect("/login", 303);
  });
  return routes;
}

// A session is never carried over a login: what a browser had before is closed.
function comeIn(c: Context, doors: Doors, {name}: Person): void {
  const {store, auth, url} = doors;
  const before = sessionOf(c, url);
  if (before) closeSession(store, before);
  const hours = auth.sessionHours;
  setCookie(c, cookieName, openSession(store, name, {hours, now: new Date().toISOString()}), {
    path: "/",
    httpOnly: true,
    sameSite: "Lax",
    secure: isSecure(doors),
    prefix: cookiePrefix(url),
    maxAge: Math.round(hours * 3600)
  });
  tell(c, store, "login", name);
}

// A name that nobody has may be a password typed into the wrong field.
const knownAs = (store: Store, name: string) => (isUser(store, name) ? name : null);

const isSecure = ({url}: Doors) => url?.protocol === "https:";

function tell(c: Context, store: Store, kind: AccessKind, who: string | null, why = ""): void {
  const words = `${why}${who === null ? "a name that nobody has, " : ""}from ${addressOf(c) || "an unknown address"}`;
  recordAccess(store, {kind, who, words, at: new Date().toISOString()});
}

// Only what fails counts, but from before the password is looked at: a hundred at once are a hundred.
function loginAttempts() {
  const limits = [
    {
      keyOf: ({name, address}: Attempt) => `${name.toLowerCase()} ${address}`,
      limit: limiter({most: 5, seconds: 900})
    },
    {keyOf: ({address}: Attempt) => address, limit: limiter({most: 50, seconds: 900})},
    {keyOf: ({name}: Attempt) => name.toLowerCase(), limit: limiter({most: 100, seconds: 3600})}
  ];
  return {
    // Who is shut out by one limit counts in none that comes after: nobody shuts out somebody else from one address.
    take(attempt: Attempt): number {
      for (const {keyOf, limit} of limits) {
        const seconds = limit.take(keyOf(attempt));
        if (seconds) return seconds;
      }
      return 0;
    },
    giveBack: (attempt: Attempt) => limits.forEach(({keyOf, limit}) => limit.giveBack(keyOf(attempt)))
  };
}

type Attempt = {name: string; address: string};

async function fieldsOf(c: Context): Promise<{name: string; password: string; to: string}> {
  const sent = await c.req.parseBody().catch(() => ({}));
  const field = (name: string) => {
    const value = (sent as Record<string, unknown>)[name];
    return typeof value === "string" ? value : "";
  };
  return {name: field("name").trim(), password: field("password"), to: field("to")};
}

/** Returns a path of this very site; the front page for anything else. */
export function pathOf(to: string): string {
  const here = "http://here.invalid";
  const found = URL.canParse(to, here) ? new URL(to, here) : null;
  return found?.origin === here && !found.pathname.startsWith("//") ? found.pathname + found.search : "/";
}

const tooLarge = (c: Context) => form(c, {to: "/", wrong: "this is no name and password", status: 413});

function tooMany(c: Context, {seconds, ...typed}: {seconds: number; to: string; name: string}) {
  c.header("Retry-After", String(seconds));
  const minutes = Math.ceil(seconds / 60);
  const wrong = `too many attempts: try again in ${counted(minutes, "minute")}`;
  return form(c, {...typed, wrong, status: 429});
}

type Form = {to: string; name?: string; wrong?: string; status?: 401 | 413 | 429};

function form(c: Context, {to, name = "", wrong, status}: Form) {
  const focused = raw("autofocus");
  const body = html`<form method="post" action="/login">
    ${wrong ? html`<p class="wrong" role="alert">${sentence(wrong)}</p>` : ""}
    <input type="hidden" name="to" value="${pathOf(to)}" />
    <label>
      Name
      <input
        name="name"
        value="${name}"
        autocomplete="username"
        autocapitalize="none"
        required
        ${name ? "" : focused}
      />
    </label>
    <label>
      Password
      <input
        name="password"
        type="password"
        autocomplete="current-password"
        required
        ${name ? focused : ""}
      />
    </label>
    <button>Sign in</button>
  </form>`;
  return page(c, {title: "Sign in", body, status, isNarrow: true});
}
