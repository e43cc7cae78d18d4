import type {Role} from "../../lib/types.js";

/** Who may use a route: everybody, also who has not signed in, or people from a role on. */
export type Need = Role | "anyone";

// Every route there is, by the least role that may use it. One that is missing here is closed to everybody.
const routes: Record<Need, string[]> = {
  anyone: ["GET /health", "GET /ready", "GET /login", "POST /login"],
  viewer: [
    "GET /*",
    "GET /reports",
    "GET /account",
    "POST /logout",
    "GET /api/me",
    "GET /api/experiments",
    "GET /api/experiments/:id",
    "GET /api/experiments/:id/consequences",
    "GET /api/results/:observation",
    "GET /api/observations/:id/overlaps",
    "POST /api/observations/:id/audit",
    "POST /api/observations/:id/slice",
    "POST /api/observations/:id/crossing",
    "GET /api/jobs/:id",
    "GET /api/jobs/:id/cells",
    "GET /api/jobs/:id/results",
    "GET /api/metrics",
    "GET /api/metrics/:alias",
    "GET /api/catalogue",
    "GET /api/deleted",
    "GET /api/changes",
    "POST /api/files/columns",
    "POST /api/files/results",
    "GET /api/chat",
    "POST /api/chat",
    "POST /api/chat/sql",
    "DELETE /api/chat/:id"
  ],
  analyst: [
    "POST /api/observations/:id/calculate",
    "POST /api/observations/:id/publish",
    "POST /api/jobs/:id/cancel",
    "POST /api/metrics/try",
    "POST /api/planning",
    "POST /api/experiments",
    "PUT /api/experiments/:id",
    "POST /api/experiments/:id/status",
    "POST /api/experiments/:id/variants",
    "PUT /api/experiments/:id/plan",
    "POST /api/experiments/:id/preview",
    "POST /api/experiments/:id/observations",
    "PUT /api/experiments/:id/observations/:observation"
  ],
  admin: [
    "DELETE /api/experiments/:id",
    "DELETE /api/experiments/:id/observations/:observation",
    "POST /api/deleted/restore"
  ]
};

const needs = new Map(
  Object.entries(routes).flatMap(([need, keys]) => keys.map((key) => [key, need as Need] as const))
);

/** Every route that somebody may use, as "METHOD /pattern". */
export const knownRoutes: string[] = [...needs.keys()];

/** Returns who may use the first of these routes that answers a method by itself; null where nobody may. */
export function needOf(matched: {method: string; path: string}[]): Need | null {
  const answering = matched.find(({method}) => method !== "ALL");
  return (answering && needs.get(`${answering.method} ${answering.path}`)) ?? null;
}
