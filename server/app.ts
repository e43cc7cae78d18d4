import {gunzipSync} from "node:zlib";
import {Hono} from "hono";
import {bodyLimit} from "hono/body-limit";
import {z} from "zod";
import type {Context} from "hono";
import type {FileQuestion} from "../lib/analyze/results.js";
import type {Edit} from "../lib/editing.js";
import {UserError} from "../lib/errors.js";
import {crossQuestion} from "../lib/interactions.js";
import {lifecycleActions, planToKeep, type Move} from "../lib/lifecycle.js";
import {baselineQuestion} from "../lib/baseline.js";
import {trialQuestion} from "../lib/metric-catalogue.js";
import {sliceQuestion, type SliceQuestion} from "../lib/slice.js";
import type {Cells} from "../lib/stats/cells.js";
import type {Experiment, Job, Variant, Written} from "../lib/types.js";
import type {
  AuditAnswer,
  Catalogue,
  CrossedUnits,
  DeletedThing,
  EditedExperiment,
  ExperimentCard,
  FileColumns,
  FileResults,
  JobProgress,
  JobView,
  MetricDetail,
  MetricEntry,
  MetricTrial,
  Overlap,
  PlanningBaseline,
  ResultsView,
  Saved,
  SqlPreview
} from "../lib/view-types.js";
import type {Chat} from "../agents/assistant.js";
import {open, type Access} from "./access/access.js";
import {accountRoutes} from "./access/account.js";
import {admitted, identified, whoOf} from "./access/guard.js";
import {loginRoutes} from "./access/login.js";
import {bodyOf} from "./body.js";
import {changeStream, type ChangeFeed} from "./changes.js";
import {failed, failure} from "./failure.js";
import {chatRoutes} from "./chat.js";
import type {PublishedAt} from "./publisher.js";
import {healthRoutes} from "./health.js";
import {logged, openLog, type Log} from "./log.js";
import {isReading, knownNameOnly, sameOriginOnly, securityHeaders} from "./security.js";
import {fileRoutes} from "./uploads.js";
import {tracedRequest} from "./traced-request.js";
import {siteFiles} from "./site-files.js";

type Answer<T> = T | Promise<T>;

/** Who asked for a change. */
export type By = {who: string | null};

/** When what is to be deleted was last changed, as whoever asks for it has seen it. */
type Seen = {updatedAt: string};

/** What the app asks of the rest: plain functions, and the folder of the built site. */
export type AppParts = {
  experimentCards: () => Answer<ExperimentCard[]>;
  resultsView: (observation: number | "latest") => Answer<ResultsView>;
  calculate: (observation: number) => Answer<Job>;
  cancel: (job: number) => Answer<Job>;
  jobById: (id: number) => Answer<Job | JobProgress>;
  catalogue: () => Answer<Catalogue>;
  metricEntries: () => Answer<MetricEntry[]>;
  metricDetail: (alias: string) => Answer<MetricDetail>;
  tryMetrics: (asked: z.output<typeof trialQuestion>) => Answer<MetricTrial>;
  editedExperiment: (id: number) => Answer<EditedExperiment>;
  saveExperiment: (edit: Edit, by: By & {id?: number}) => Answer<Saved>;
  saveObservation: (experiment: number, edit: Edit, by: By & {id?: number}) => Answer<Saved>;
  preview: (experiment: number, fields: Written) => Answer<SqlPreview>;
  jobView: (job: number) => Answer<JobView>;
  moveExperiment: (id: number, move: Move, by: By) => Answer<Saved>;
  keepPlan: (id: number, kept: z.output<typeof planToKeep>, by: By) => Answer<void>;
  /** Stops at the warehouse when the asker leaves. */
  planningBaseline: (asked: z.output<typeof baselineQuestion>, gone: AbortSignal) => Answer<PlanningBaseline>;
  consequences: (id: number) => Answer<{observations: number; jobs: number}>;
  deleteExperiment: (id: number, by: By & Seen) => Answer<void>;
  deleteObservation: (which: {experiment: number; id: number}, by: By & Seen) => Answer<void>;
  deleted: () => Answer<DeletedThing[]>;
  restore: (thing: Pick<DeletedThing, "kind" | "id">, by: By) => Answer<void>;
  /** Tells open pages of changes. */
  hear: ChangeFeed["hear"];
  declareVariants: (experiment: number, variants: Variant[], by: By) => Answer<Experiment>;
  /** Gzipped JSON of a job's cells. */
  cells: (job: number) => Answer<Buffer>;
  slice: (observation: number, asked: SliceQuestion) => Answer<{job: number; cells: Cells}>;
  fileColumns: (file: string) => Answer<FileColumns>;
  fileResults: (file: string, asked: FileQuestion) => Answer<FileResults>;
  overlaps: (observation: number) => Answer<Overlap[]>;
  crossUnits: (observation: number, asked: {with: number; metrics: string[]}) => Answer<CrossedUnits>;
  audit: (observation: number, asked: {metric: string; confidence: number}) => Answer<AuditAnswer>;
  chat: Chat;
  publish: (observation: number, by: By) => Answer<PublishedAt>;
  /** Why the server cannot do its work at this moment; null where it can. */
  unready?: () => string | null;
  /** Throws where what is changed would be answered and lost. */
  requireKept?: () => void;
  /** How people come in; without it nobody has to say who they are. */
  access?: Access;
  log?: Log;
  site: string;
  /** The folder reports are published in. */
  reports: string;
};

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
  fileRoutes(api, parts);
  editing(api, parts);
  lifecycle(api, parts);
  api.get("/jobs/:id/results", async (c) => c.json(await parts.jobView(idOf(c.req.param("id")))));
  api.get("/changes", (c) => changeStream(c, parts));
  api.route("/chat", chatRoutes(parts.chat));
  api.all("*", (c) => failure(c, 404, `no such address: ${c.req.method} ${c.req.path}`, null));
  return api;
}

function editing(api: Hono, parts: AppParts) {
  const {catalogue, editedExperiment, saveExperiment, saveObservation, preview} = parts;
  const hint = "send {fields, updatedAt}";
  api.get("/metrics", async (c) => c.json(await parts.metricEntries()));
  api.get("/metrics/:alias", async (c) => c.json(await parts.metricDetail(c.req.param("alias"))));
  api.post("/metrics/try", async (c) =>
    c.json(await parts.tryMetrics(await bodyOf(c, trialQuestion, "send {text, observation}")))
  );
  api.get("/catalogue", async (c) => c.json(await catalogue()));
  api.get("/experiments/:id", async (c) => c.json(await editedExperiment(idOf(c.req.param("id")))));
  api.post("/experiments", async (c) =>
    c.json(await saveExperiment(await bodyOf(c, edited, hint), byOf(c)), 201)
  );
  api.put("/experiments/:id", async (c) => {
    const id = idOf(c.req.param("id"));
    return c.json(await saveExperiment(await bodyOf(c, edited, hint), {...byOf(c), id}));
  });
  api.post("/experiments/:id/observations", async (c) => {
    const experiment = idOf(c.req.param("id"));
    return c.json(await saveObservation(experiment, await bodyOf(c, edited, hint), byOf(c)), 201);
  });
  api.put("/experiments/:id/observations/:observation", async (c) => {
    const [experiment, id] = [c.req.param("id"), c.req.param("observation")].map(idOf);
    return c.json(await saveObservation(experiment, await bodyOf(c, edited, hint), {...byOf(c), id}));
  });
  api.post("/experiments/:id/preview", async (c) => {
    const {fields} = await bodyOf(c, edited, hint);
    return c.json(await preview(idOf(c.req.param("id")), fields));
  });
}

function lifecycle(api: Hono, parts: AppParts) {
  const hint = `send {action, words, updatedAt}; action is one of ${lifecycleActions.join(", ")}`;
  api.post("/experiments/:id/status", async (c) =>
    c.json(await parts.moveExperiment(idOf(c.req.param("id")), await bodyOf(c, move, hint), byOf(c)))
  );
  api.post("/planning", async (c) => {
    const asked = await bodyOf(c, baselineQuestion, "send {fields}: those of an observation");
    return c.json(await parts.planningBaseline(asked, c.req.raw.signal));
  });
  api.put("/experiments/:id/plan", async (c) => {
    await parts.keepPlan(
      idOf(c.req.param("id")),
      await bodyOf(c, planToKeep, "send {plan, replaces} as the Planner does"),
      byOf(c)
    );
    return c.body(null, 204);
  });
  api.get("/experiments/:id/consequences", async (c) =>
    c.json(await parts.consequences(idOf(c.req.param("id"))))
  );
  api.delete("/experiments/:id", async (c) => {
    await parts.deleteExperiment(idOf(c.req.param("id")), {...byOf(c), updatedAt: seenOf(c)});
    return c.body(null, 204);
  });
  api.delete("/experiments/:id/observations/:observation", async (c) => {
    const [experiment, id] = [c.req.param("id"), c.req.param("observation")].map(idOf);
    await parts.deleteObservation({experiment, id}, {...byOf(c), updatedAt: seenOf(c)});
    return c.body(null, 204);
  });
  api.get("/deleted", async (c) => c.json(await parts.deleted()));
  api.post("/deleted/restore", async (c) => {
    await parts.restore(await bodyOf(c, deletedThing, "send {kind, id}"), byOf(c));
    return c.body(null, 204);
  });
}

const move = z.strictObject({
  action: z.enum(lifecycleActions),
  words: z.string().max(20_000).nullish(),
  updatedAt: z.string()
});

const deletedThing = z.strictObject({
  kind: z.enum(["experiment", "observation"]),
  id: z.number().int().positive()
});

const edited = z.strictObject({
  fields: z.record(z.string(), z.unknown()),
  updatedAt: z.string().nullish()
});

const megabyte = 2 ** 20;
const tooLarge = (c: Context) => failure(c, 413, "the request is too large", "send less than a megabyte");

const declaration = z.strictObject({
  variants: z
    .array(z.strictObject({name: z.string(), allocation: z.number(), isControl: z.boolean()}))
    .min(2, "an experiment compares at least two variants")
    .max(200)
});

const auditQuestion = z.strictObject({metric: z.string(), confidence: z.number().gt(0.5).lt(1)});

function seenOf(c: Context): string {
  const updatedAt = c.req.query("updatedAt");
  if (updatedAt) return updatedAt;
  throw new UserError(
    "which version is to be deleted is not said",
    "add ?updatedAt=… as GET /api/experiments/ID gives it of the experiment or the observation"
  );
}

const byOf = (c: Context): By => ({who: whoOf(c)});

function observationOf(text: string): number | "latest" {
  return text === "latest" ? text : idOf(text);
}

function idOf(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new UserError(`not an id: ${text}`, "an id is a whole number, such as 7");
}
