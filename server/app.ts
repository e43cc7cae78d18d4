import {gunzipSync} from "node:zlib";
import {Hono} from "hono";
import {bodyLimit} from "hono/body-limit";
import {z} from "zod";
import type {Context} from "hono";
import {crossQuestion} from "../lib/interactions.js";
import {trialQuestion} from "../lib/metric-catalogue.js";
import {sliceQuestion} from "../lib/slice.js";
import {open} from "./access/access.js";
import {accountRoutes} from "./access/account.js";
import {admitted, byOf, identified} from "./access/guard.js";
import {loginRoutes} from "./access/login.js";
import type {AppParts} from "./app-parts.js";
import {bodyOf, idOf} from "./body.js";
import {changeStream} from "./changes.js";
import {chatRoutes} from "./chat.js";
import {editingRoutes} from "./editing.js";
import {failed, failure} from "./failure.js";
import {healthRoutes} from "./health.js";
import {logged, openLog} from "./log.js";
import {isReading, knownNameOnly, sameOriginOnly, securityHeaders} from "./security.js";
import {siteFiles} from "./site-files.js";
import {tracedRequest} from "./traced-request.js";
import {fileRoutes} from "./uploads.js";

/** Returns the whole server as one app: the JSON API under /api and the built site. */
export function createApp(parts: AppParts): Hono {
  const app = new Hono();
  const {log = openLog(), unready = () => null, requireKept = () => {}, access = open} = parts;
  app.use(tracedRequest, logged(log), securityHeaders, knownNameOnly(access));
  app.use(identified(access), sameOriginOnly(access), admitted(access));
  const limited = bodyLimit({maxSize: megabyte, onError: tooLarge});
  app.use((c, next) => (c.req.path.startsWith("/api/files/") ? next() : limited(c, next)));
  app.use((c, next) => {
    if (!isReading(c)) requireKept();
    return next();
  });
  app.route("/", healthRoutes(unready));
  app.route("/", loginRoutes(access));
  app.route("/", accountRoutes(access));
  app.route("/api", api(parts));
  app.get("/reports", (c) => c.redirect("/reports/"));
  app.get("*", siteFiles(parts.site, parts.reports));
  app.notFound((c) => failure(c, 404, `nothing is served at ${c.req.method} ${c.req.path}`, null));
  app.onError((error, c) => failed(c, error, log));
  return app;
}

function api(parts: AppParts): Hono {
  const {experimentCards, resultsView, calculate, jobById, declareVariants, audit, cells, slice} = parts;
  const api = new Hono();
  api.use(async (c, next) => {
    await next();
    c.header("Cache-Control", "no-store");
  });
  api.get("/experiments", async (c) => c.json(await experimentCards()));
  api.get("/results/:observation", async (c) =>
    c.json(await resultsView(observationOf(c.req.param("observation"))))
  );
  api.post("/observations/:id/calculate", async (c) => {
    const job = await calculate(idOf(c.req.param("id")));
    c.set("job", job.id);
    return c.json(job, 202);
  });
  api.post("/observations/:id/publish", async (c) =>
    c.json(await parts.publish(idOf(c.req.param("id")), byOf(c)))
  );
  api.post("/observations/:id/audit", async (c) => {
    const asked = await bodyOf(c, auditQuestion, "send {metric, confidence}");
    return c.json(await audit(idOf(c.req.param("id")), asked));
  });
  api.post("/observations/:id/slice", async (c) => {
    const asked = await bodyOf(c, sliceQuestion, "send {where, by, metrics, cap}");
    return c.json(await slice(idOf(c.req.param("id")), asked));
  });
  api.get("/observations/:id/overlaps", async (c) => c.json(await parts.overlaps(idOf(c.req.param("id")))));
  api.post("/observations/:id/crossing", async (c) => {
    const asked = await bodyOf(c, crossQuestion, "send {with, metrics}");
    return c.json(await parts.crossUnits(idOf(c.req.param("id")), asked));
  });
  api.get("/jobs/:id/cells", async (c) => {
    const packed = await cells(idOf(c.req.param("id")));
    const isAccepted = /\bgzip\b/.test(c.req.header("Accept-Encoding") ?? "");
    c.header("Content-Type", "application/json");
    if (isAccepted) c.header("Content-Encoding", "gzip");
    return c.body(new Uint8Array(isAccepted ? packed : gunzipSync(packed)));
  });
  api.post("/jobs/:id/cancel", async (c) => c.json(await parts.cancel(idOf(c.req.param("id")))));
  api.get("/jobs/:id", async (c) => c.json(await jobById(idOf(c.req.param("id")))));
  api.post("/experiments/:id/variants", async (c) => {
    const hint = "send {variants: [{name, allocation, isControl}, …]}";
    const {variants} = await bodyOf(c, declaration, hint);
    return c.json(await declareVariants(idOf(c.req.param("id")), variants, byOf(c)));
  });
  api.get("/metrics", async (c) => c.json(await parts.metricEntries()));
  api.get("/metrics/:alias", async (c) => c.json(await parts.metricDetail(c.req.param("alias"))));
  api.post("/metrics/try", async (c) =>
    c.json(await parts.tryMetrics(await bodyOf(c, trialQuestion, "send {text, observation}")))
  );
  api.get("/catalogue", async (c) => c.json(await parts.catalogue()));
  fileRoutes(api, parts);
  editingRoutes(api, parts);
  api.get("/jobs/:id/results", async (c) => c.json(await parts.jobView(idOf(c.req.param("id")))));
  api.get("/changes", (c) => changeStream(c, parts));
  api.route("/chat", chatRoutes(parts.chat));
  api.all("*", (c) => failure(c, 404, `no such address: ${c.req.method} ${c.req.path}`, null));
  return api;
}

const megabyte = 2 ** 20;
const tooLarge = (c: Context) => failure(c, 413, "the request is too large", "send less than a megabyte");

const declaration = z.strictObject({
  variants: z
    .array(z.strictObject({name: z.string(), allocation: z.number(), isControl: z.boolean()}))
    .min(2, "an experiment compares at least two variants")
    .max(200)
});

const auditQuestion = z.strictObject({metric: z.string(), confidence: z.number().gt(0.5).lt(1)});

function observationOf(text: string): number | "latest" {
  return text === "latest" ? text : idOf(text);
}
