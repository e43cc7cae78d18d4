import {UserError} from "../../errors.js";
import {WarehouseError, withLine, type WarehouseErrorKind} from "../error.js";

export type Reason = {reason?: string; message: string};
type ApiError = {code?: number | string; message: string; errors?: Reason[]};

const kinds: Record<string, WarehouseErrorKind> = {
  invalidQuery: "syntax",
  notFound: "missing",
  accessDenied: "credentials",
  authError: "credentials",
  required: "credentials",
  bytesBilledLimitExceeded: "byte-limit",
  quotaExceeded: "busy",
  rateLimitExceeded: "busy",
  resourcesExceeded: "busy",
  backendError: "busy",
  stopped: "cancelled"
};

const hints: Partial<Record<WarehouseErrorKind, string>> = {
  credentials:
    "check warehouse.project and key_file in expanto.config.yaml, and that the account may run jobs and read the tables",
  network: "check the connection to the network, and warehouse.endpoint",
  missing:
    "check the names in the template's sources.sql, in metrics, filters, dimensions and audience tables",
  syntax: "a template gives exactly one SELECT in GoogleSQL",
  timeout: "narrow the windows or choose fewer metrics, or raise warehouse.time_limit_seconds",
  "byte-limit": "narrow the windows or choose fewer metrics, or raise warehouse.byte_limit",
  busy: "a quota is used up, or the query needs more than it got: try again later, or choose fewer metrics"
};

/** Returns an error of the driver or the service as a WarehouseError with its kind, its own words and its place. */
export function errorOf(
  thrown: unknown,
  sql: string,
  {timeLimitMs}: {timeLimitMs?: number | null} = {}
): UserError {
  if (thrown instanceof UserError) return thrown;
  const error = thrown as ApiError;
  const [first] = error.errors ?? [];
  const message = first?.message ?? error.message;
  const kind = kindOf(error, message, timeLimitMs);
  const place = /at \[(\d+):(\d+)\]/.exec(message);
  const at = place && {line: Number(place[1]), column: Number(place[2])};
  return new WarehouseError(kind, withLine(message, sql, at), hints[kind] ?? null, at);
}

function kindOf({code, errors}: ApiError, message: string, timeLimitMs?: number | null): WarehouseErrorKind {
  const reason = errors?.[0]?.reason ?? "";
  if (reason === "stopped" && (timeLimitMs || /tim(ed|e) ?out/i.test(message))) return "timeout";
  if (reason === "invalidQuery" && /unrecognized name|not found|does not exist/i.test(message))
    return "missing";
  if (kinds[reason]) return kinds[reason];
  if (code === 401 || code === 403 || /credentials|key ?file|invalid_grant|ENOENT/i.test(message))
    return "credentials";
  if (code === 404) return "missing";
  if (code === 503 || code === 429) return "busy";
  const isNetwork =
    typeof code === "string" || /ECONN|ENOTFOUND|EAI_AGAIN|socket|network|fetch failed/i.test(message);
  return isNetwork ? "network" : "other";
}
