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
  billingNotEnabled: "credentials",
  bytesBilledLimitExceeded: "byte-limit",
  quotaExceeded: "busy",
  rateLimitExceeded: "busy",
  jobRateLimitExceeded: "busy",
  resourcesExceeded: "busy",
  backendError: "busy",
  jobBackendError: "busy",
  internalError: "busy",
  jobInternalError: "busy",
  tableUnavailable: "busy",
  timeout: "timeout",
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
  {sql, isAborted = false}: {sql: string; isAborted?: boolean}
): UserError {
  if (thrown instanceof UserError) return thrown;
  if (isAborted) return new WarehouseError("cancelled", "the query was cancelled");
  const error = thrown as ApiError;
  const message = error.errors?.[0]?.message ?? error.message;
  return described(kindOf(error, message), message, sql);
}

/** Returns why a job that ran has failed as a WarehouseError; `isOverdue` says that it ran as long as it might. */
export function failureOf(
  {reason = "", message}: Reason,
  {sql, isOverdue}: {sql: string; isOverdue: boolean}
): WarehouseError {
  if (reason === "stopped") {
    const isTimeout = isOverdue || /tim(ed|e) ?out/i.test(message);
    return described(isTimeout ? "timeout" : "cancelled", message, sql);
  }
  // The dry run has understood it, so that it is a value which is at fault.
  if (reason === "invalidQuery") return described("other", message, sql);
  return described(kinds[reason] ?? "other", message, sql);
}

function described(kind: WarehouseErrorKind, message: string, sql: string): WarehouseError {
  const place = /at \[(\d+):(\d+)\]/.exec(message);
  const at = place && {line: Number(place[1]), column: Number(place[2])};
  return new WarehouseError(kind, withLine(message, sql, at), hintOf(kind, message), at);
}

function hintOf(kind: WarehouseErrorKind, message: string): string | null {
  if (unqualified.test(message)) return "set warehouse.dataset, or write dataset.table in sources.sql";
  if (kind === "missing" && /was not found in location/.test(message))
    return "check the table's name, and that warehouse.location is where its dataset is";
  return hints[kind] ?? null;
}

const unqualified = /must be qualified with a dataset/;
const unknownName =
  /^(?:query error: )?(?:unrecognized name|function not found|name \S+ not found|field name \S+ does not exist)/i;
const badCredentials =
  /credentials|invalid_grant|invalid_client|unauthorized_client|DECODER|private[ _]key|PEM routines/i;
const badConnection =
  /ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|certificate|socket hang up|network|fetch failed/i;

function kindOf({code, errors}: ApiError, message: string): WarehouseErrorKind {
  const reason = errors?.[0]?.reason ?? "";
  if (reason === "invalidQuery" && (unknownName.test(message) || unqualified.test(message))) return "missing";
  if (kinds[reason]) return kinds[reason];
  if (code === 401 || code === 403 || badCredentials.test(message)) return "credentials";
  if (code === 404) return "missing";
  if (code === 429 || (typeof code === "number" && code >= 500)) return "busy";
  return badConnection.test(`${code} ${message}`) ? "network" : "other";
}
