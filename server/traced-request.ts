import {createMiddleware} from "hono/factory";
import {routePath} from "hono/route";
import {traced, type TracedFacts} from "../lib/trace.js";

/** Tells of every request: its method, the pattern of its address, and the status of its answer. */
export const tracedRequest = createMiddleware(async (c, next) => {
  const facts: TracedFacts = {name: c.req.method, route: null, status: null};
  await traced("http", facts, async () => {
    await next();
    Object.assign(facts, {route: routePath(c, -1), status: c.res.status});
  });
});
