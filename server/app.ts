import {Hono} from "hono";
import type {Context} from "hono";
import {UserError, explain} from "../lib/errors.js";
import type {ExperimentCard, Job, ResultsView} from "../lib/types.js";
import {localOnly, sameOriginOnly, securityHeaders} from "./security.js";
import {siteFiles} from "./site-files.js";

type Answer<T> = T | Promise<T>;

/** What the app asks of the rest: plain functions, and the folder of the built site. */
export type AppParts = {
  experimentCards: () => Answer<ExperimentCard[]>;
  resultsView: (observation: number | "latest") => Answer<ResultsView>;
  calculate: (observation: number) => Answer<Job>;
  jobById: (id: number) => Answer<Job>;
  site: string;
};

/** Returns the whole server as one app: the JSON API under /api and the built site. */
export function createApp(parts: AppParts): Hono {
  const app = new Hono();
  app.use(localOnly, securityHeaders, sameOriginOnly);
  app.route("/api", api(parts));
  app.get("*", siteFiles(parts.site));
  app.notFound((c) => failure(c, 404, `nothing is served at ${c.req.method} ${c.req.path}`, null));
  app.onError((error, c) => failed(c, error));
  return app;
}

function api({experimentCards, resultsView, calculate, jobById}: AppParts): Hono {
  const api = new Hono();
  api.use(async (c, next) => {
    await next();
    c.header("Cache-Control", "no-store");
  });
  api.get("/experiments", async (c) => c.json(await experimentCards()));
  api.get("/results/:observation", async (c) =>
    c.json(await resultsView(observationOf(c.req.param("observation"))))
  );
  api.post("/observations/:id/calculate", async (c) => c.json(await calculate(idOf(c.req.param("id"))), 202));
  api.get("/jobs/:id", async (c) => c.json(await jobById(idOf(c.req.param("id")))));
  api.all("*", (c) => failure(c, 404, `no such address: ${c.req.method} ${c.req.path}`, null));
  return api;
}

function observationOf(text: string): number | "latest" {
  return text === "latest" ? text : idOf(text);
}

function idOf(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new UserError(`not an id: ${text}`, "an id is a whole number, such as 7");
}

// A UserError that names something absent is 404, any other is the asker's to mend: 400.
function failed(c: Context, error: unknown) {
  if (!(error instanceof UserError)) {
    console.error(error);
    return failure(c, 500, "something went wrong in the server", "its log says what");
  }
  const {message, hint} = explain(error);
  return failure(c, /^(no|unknown)\b/.test(error.message) ? 404 : 400, message, hint);
}

function failure(c: Context, status: 400 | 404 | 500, error: string, hint: string | null) {
  return c.json({error, hint, status}, status);
}
