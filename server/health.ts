import {Hono} from "hono";

const fresh = {"Cache-Control": "no-store"};

/** Returns /health, whether the process answers, and /ready, whether it can do its work: else why not, in words. */
export function healthRoutes(unready: () => string | null): Hono {
  const routes = new Hono();
  routes.get("/health", (c) => c.json({status: "ok"}, 200, fresh));
  routes.get("/ready", (c) => {
    const reason = unready();
    return reason ? c.json({status: "not ready", reason}, 503, fresh) : c.json({status: "ready"}, 200, fresh);
  });
  return routes;
}
