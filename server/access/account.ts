// Who one is here; for admins also who else comes in, and what happened at the doors.

import {Hono, type Context} from "hono";
import {html} from "hono/html";
import {tokensOf} from "../../lib/access/tokens.js";
import {accessEvents} from "../../lib/access/trail.js";
import {usersOf} from "../../lib/access/users.js";
import {isGuarded} from "../../lib/access/ways-in.js";
import {command} from "../../lib/command.js";
import type {Store} from "../../lib/store.js";
import {sessionOf, type Access} from "./access.js";
import {page} from "./page.js";

/** Returns /account, the page of who asks, and /api/me, the same for pages. */
export function accountRoutes({auth, url, store}: Access): Hono {
  const routes = new Hono();
  routes.get("/api/me", (c) =>
    c.json({...c.get("person"), isGuarded: isGuarded(auth)}, 200, {"Cache-Control": "no-store"})
  );
  routes.get("/account", (c) => {
    const {name, role} = c.get("person")!;
    const hasSession = auth.login && sessionOf(c, url) !== undefined;
    const body = html`<p>This is <b>${name}</b>, ${may[role]}</p>
      ${hasSession ? signOut : ""}
      <p><a href="/">To the experiments</a></p>
      ${role === "admin" && store ? everybody(store) : ""}`;
    return page(c as Context, {title: "Account", body});
  });
  return routes;
}

const may = {
  viewer: "a viewer: reads everything and asks the assistant.",
  analyst: "an analyst: reads, makes and changes experiments, calculates and publishes.",
  admin: "an admin: may do everything, deleting too."
};

const signOut = html`<form method="post" action="/logout"><button>Sign out</button></form>`;

const everybody = (store: Store) => html`
  ${list(
    "Users",
    ["name", "role", "since"],
    usersOf(store).map((d) => [d.name, d.role, day(d.createdAt)])
  )}
  ${list(
    "Tokens",
    ["name", "role", "until"],
    tokensOf(store).map((d) => [d.name, d.role, day(d.expiresAt)])
  )}
  ${list(
    "Who came in, and who changed who may",
    ["when", "what", "who", "about"],
    accessEvents(store).map((d) => [d.at.slice(0, 16).replace("T", " "), d.kind, d.who ?? "", d.words ?? ""])
  )}
  <p>
    Users and tokens are changed on the server’s machine: <code>${command} user --help</code>,
    <code>${command} token --help</code>. Times are UTC.
  </p>
`;

const list = (title: string, columns: string[], rows: string[][]) => html`
  <h2>${title}</h2>
  ${
    rows.length
      ? html`<div class="scrolled" tabindex="0" role="region" aria-label="${title}">
          <table>
            <thead>
              <tr>
                ${columns.map((column) => html`<th scope="col">${column}</th>`)}
              </tr>
            </thead>
            <tbody>
              ${rows.map(
                (row) =>
                  html`<tr>
                    ${row.map((cell) => html`<td>${cell}</td>`)}
                  </tr>`
              )}
            </tbody>
          </table>
        </div>`
      : html`<p>None.</p>`
  }
`;

const day = (at: string) => at.slice(0, 10);
