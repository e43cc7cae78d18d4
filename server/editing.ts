import type {Context, Hono} from "hono";
import {z} from "zod";
import {baselineQuestion} from "../lib/baseline.js";
import {UserError} from "../lib/errors.js";
import {lifecycleActions, planToKeep} from "../lib/lifecycle.js";
import {byOf} from "./access/guard.js";
import type {AppParts} from "./app-parts.js";
import {bodyOf, idOf} from "./body.js";

/** Adds the addresses by which experiments and observations are written, moved on and deleted. */
export function editingRoutes(api: Hono, parts: AppParts) {
  writing(api, parts);
  lifecycle(api, parts);
}

function writing(api: Hono, parts: AppParts) {
  const {editedExperiment, saveExperiment, saveObservation, preview} = parts;
  const hint = "send {fields, updatedAt}";
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
  updatedAt: z.string("it says which version the step was made from")
});

const deletedThing = z.strictObject({
  kind: z.enum(["experiment", "observation"]),
  id: z.number().int().positive()
});

const edited = z.strictObject({
  fields: z.record(z.string(), z.unknown()),
  updatedAt: z.string().nullish()
});

function seenOf(c: Context): string {
  const updatedAt = c.req.query("updatedAt");
  if (updatedAt) return updatedAt;
  throw new UserError(
    "which version is to be deleted is not said",
    "add ?updatedAt=… as GET /api/experiments/ID gives it of the experiment or the observation"
  );
}
